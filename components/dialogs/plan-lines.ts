import type { ContainerCreate } from '../../src/docker/types.ts';
import { describeSource } from '../../src/engine/image/source.ts';
import type { Action, Plan, PlannedStep } from '../../src/engine/plan.ts';
import { hideSecrets, sanitise, truncate } from '../../src/text.ts';
import type { Theme } from '../theme.ts';
import { wrapText } from '../widgets/wrap.ts';

/** What a planned step does, with the exact names of the objects: `create container k3d-demo-server-0 from …`. */
function describeAction(action: Action): string {
  switch (action.kind) {
    case 'image.pull':
      return `pull image ${action.image}`;
    case 'node-image.send':
      return `read ${describeSource(action.request.source)} once and stream it to ${action.request.nodes.join(', ')}`;
    case 'node-image.receive':
      return `take it into containerd and see that it is there`;
    case 'node-image.tag':
      return `give ${action.from} the name ${action.to} too`;
    case 'node-image.remove':
      return action.name ? `take the name ${action.name} off` : `remove image ${action.called}`;
    case 'node-image.pull':
      return `have containerd pull ${action.image}`;
    case 'node-image.verify':
      return `look whether ${action.name} is whole`;
    case 'node-image.settle':
      return 'tell which nodes failed, if any did';
    case 'network.create':
      return `create network ${action.body.Name}${subnetOf(action)}`;
    case 'network.remove':
      return `remove network ${action.network}`;
    case 'network.connect':
      return `connect ${action.container} to network ${action.network}${action.ipv4 ? ` as ${action.ipv4}` : ''}`;
    case 'network.disconnect':
      return `disconnect ${action.container} from network ${action.network}`;
    case 'kubernetes.create':
      return `create it through the Kubernetes API of ${action.cluster}`;
    case 'kubernetes.delete':
      return `delete it through the Kubernetes API of ${action.cluster}`;
    case 'expose.prove':
      return `ask ${action.request.address}:${action.request.port} for ${action.request.host}${action.request.path}`;
    case 'volume.create':
      return `create volume ${action.name}`;
    case 'volume.remove':
      return `remove volume ${action.name}`;
    case 'container.create':
      return `create container ${action.name} from ${action.body.Image}${portsOf(action.body)}`;
    case 'container.start':
      return `start ${action.container}`;
    case 'container.stop':
      return action.graceSeconds > 0
        ? `stop ${action.container}, ${action.graceSeconds} s to end by itself`
        : `stop ${action.container} at once`;
    case 'container.remove':
      return `remove container ${action.container} with its anonymous volumes`;
    case 'files.write':
      return describeFiles(action.files.map(file => file.path));
    case 'meminfo.write':
      return `write ${action.folder}/meminfo${action.edac ? ' and an empty edac beside it' : ''}, which the node takes for its memory`;
    case 'meminfo.remove':
      return `remove ${action.folder}`;
    case 'dns.inject': {
      const names = ['host.k3d.internal', ...action.hostAliases.flatMap(alias => alias.hostnames)];
      const to = [
        ...(action.nodes?.length ? ['the nodes'] : []),
        ...(action.servers.length > 0 ? ["the cluster's DNS"] : []),
      ];
      return `make ${names.join(', ')}${action.servers.length > 0 ? " and the nodes' names" : ''} known to ${to.join(' and ')}`;
    }
    case 'loadbalancer.reload':
      return `reload nginx in ${action.container}`;
    case 'loadbalancer.check':
      return `have nginx in ${action.container} check the new configuration`;
    case 'loadbalancer.configure':
      return action.running
        ? `change the configuration of ${action.container} while it runs`
        : `change the configuration of ${action.container}`;
    case 'loadbalancer.members':
      return describeMembers(action);
    case 'loadbalancer.handover':
      return action.running
        ? `end the old load balancer and publish its ports on the new ${action.name}`
        : `make the new container ${action.name}`;
    case 'loadbalancer.tidy':
      return 'remove the old load balancer';
    case 'kubernetes.drain':
      return `move the pods of ${action.node} elsewhere, at most ${action.timeoutSeconds} s`;
    case 'kubernetes.forget':
      return `delete Kubernetes' node ${action.node}, and with a server's its etcd member`;
    case 'kubeconfig.merge':
      return `add k3d-${action.cluster} to ${action.file ?? 'the default kubeconfig'}${action.switchContext ? ' and make it the current context' : ''}`;
    case 'kubeconfig.remove':
      return `remove k3d-${action.cluster} from ${action.file ?? 'the kubeconfig'}`;
    case 'host.remove':
      return `remove ${action.path}`;
    case 'kubernetes.pull-policy':
      return `set imagePullPolicy of ${action.container} in ${action.workload.kind} ${action.workload.namespace}/${action.workload.name} to ${action.policy}; its pods are made anew`;
    case 'registry.tell':
      return describeTell(action);
    case 'registry.advertise':
      return action.path
        ? `have Kubernetes name the registry in the ConfigMap kube-public/local-registry-hosting`
        : `delete the ConfigMap kube-public/local-registry-hosting`;
    case 'registry.collect':
      return `remove from ${action.container} what no ${action.untagged ? 'tag' : 'image'} leads to`;
    case 'registry.delete-tag':
      return `delete ${action.repository}:${action.tag} from the registry at ${action.url}`;
    case 'registry.push':
      return `have Docker push ${action.image} as ${action.reference}`;
    case 'registry.pull':
      return `have ${action.container} pull ${action.reference}`;
    case 'ready':
      return describeReady(action.what);
  }
}

/** Many files of one folder are counted, not listed. */
function describeFiles(paths: string[]): string {
  const folders = new Set(paths.map(path => path.slice(0, path.lastIndexOf('/')) || '/'));
  if (paths.length < 4 || folders.size > 1) return `write ${paths.join(', ')}`;
  return `write ${paths.length} files into ${[...folders].join()}: ${paths.at(-1)?.split('/').at(-1)} and what it runs`;
}

function describeReady(what: Extract<Action, { kind: 'ready' }>['what']): string {
  switch (what.check) {
    case 'server':
      return `wait until Kubernetes answers in ${what.container}`;
    case 'api':
      return `wait until https://${what.api.host}:${what.api.port}/readyz says ok`;
    case 'admits':
      return `wait until ${what.container} has its manifests, and lets agents join`;
    case 'registered':
      return `wait until ${what.nodes.join(', ')} ${what.nodes.length === 1 ? 'has' : 'have'} registered`;
    case 'joined':
      return `wait until ${what.container} says that it has joined`;
    case 'loadbalancer':
      return `wait until ${what.container} takes connections`;
    case 'registry':
      return `wait until ${what.url ? `${what.url}/v2/ answers` : `${what.container} says that it listens`}`;
  }
}

function describeTell({ mirrors, gone }: Extract<Action, { kind: 'registry.tell' }>): string {
  const now = mirrors.map(({ name }) => name).join(', ');
  return [
    'write /etc/rancher/k3s/registries.yaml',
    ...(now ? [`containerd finds ${now} at ${mirrors[0]!.endpoints[0]} at once`] : []),
    ...(gone.length > 0 ? [`containerd forgets ${gone.join(', ')} at once`] : []),
  ].join('; ');
}

function describeMembers({ joining, leaving }: Extract<Action, { kind: 'loadbalancer.members' }>): string {
  const joins = joining.map(node => node.name).join(', ');
  return [
    ...(joins ? [`lead the ports that lead to all nodes to ${joins} too`] : []),
    ...(leaving.length > 0 ? [`lead no port to ${leaving.join(', ')} any more`] : []),
  ].join('; ');
}

function subnetOf({ body }: Extract<Action, { kind: 'network.create' }>): string {
  const subnet = body.IPAM?.Config?.[0]?.Subnet;
  return subnet ? ` with subnet ${subnet}` : '';
}

function portsOf(body: ContainerCreate): string {
  const bindings = Object.entries(body.HostConfig?.PortBindings ?? {}).flatMap(([target, hosts]) =>
    (hosts ?? []).map(({ HostIp, HostPort }) => {
      const port = HostPort || 'random';
      return `${HostIp && HostIp !== '0.0.0.0' ? `${HostIp}:` : ''}${port}→${target.replace('/tcp', '')}`;
    }),
  );
  return bindings.length === 0 ? '' : `, ports ${bindings.join(', ')}`;
}

/** The steps by the node they are about, in plan order; those about none come under an empty name. */
function groupSteps(plan: Plan): { subject: string; steps: PlannedStep[] }[] {
  const groups = new Map<string, PlannedStep[]>();
  for (const step of plan.steps) {
    const subject = step.subject ?? '';
    groups.set(subject, [...(groups.get(subject) ?? []), step]);
  }
  return [...groups].map(([subject, steps]) => ({ subject, steps }));
}

const ID = /\b[0-9a-f]{64}\b/;
const IDS = new RegExp(ID, 'g');

/** A plan as ANSI lines of at most `width` columns: warnings, the steps by node, what a failure does, the command. */
export function planLines(theme: Theme, plan: Plan, width: number): string[] {
  const warnings = plan.warnings.flatMap(warning =>
    wrapText(warning, width - 2).map((line, at) => theme.paint('warn', `${at === 0 ? '!' : ' '} ${line}`)),
  );
  const groups = groupSteps(plan).flatMap(({ subject, steps }) => [
    theme.paint('title', truncate(subject === '' ? 'for the whole cluster' : sanitise(subject), width)),
    ...steps.flatMap(step => {
      // Some actions name a container or network by its id; what has no subject says in its title what it is about.
      const described = describeAction(step.action);
      const said = ID.test(described) && !step.subject ? step.title : described.replace(IDS, step.subject ?? '');
      const text = `${said}${step.optional ? ' (goes on if this fails)' : ''}`;
      return wrapText(text, width - 4).map((line, at) => `  ${at === 0 ? '·' : ' '} ${line}`);
    }),
  ]);
  const failure =
    plan.onFailure === 'undo' ? 'undoes what this run did, and nothing else' : 'leaves what was done so far';
  return [
    ...(warnings.length > 0 ? [...warnings, ''] : []),
    ...(groups.length > 0 ? groups : [theme.paint('dim', 'Nothing needs to be done.')]),
    '',
    theme.paint('dim', truncate(`A failure ${failure}.`, width)),
    ...wrapText(`$ ${hideSecrets(plan.command, plan.secrets)}`, width).map(line => theme.paint('accent', line)),
  ];
}
