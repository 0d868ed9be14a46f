import { parsePortSpec } from '../../config/ports.ts';
import { parseSubnet, subnetsOverlap } from '../../config/subnet.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { K3duiError } from '../../errors.ts';
import type { Facts, FactsWanted } from '../cluster/facts.ts';
import { portOwner, stoppedPortOwners } from '../cluster/port-owner.ts';
import type { Cluster } from '../model.ts';
import { loadBalancerName } from '../names.ts';
import type { HandOver, Plan, PlannedStep } from '../plan.ts';
import { noLoadBalancer } from '../ports/read.ts';
import { bindingSpec, bindingsOf, type HostBinding } from './bindings.ts';
import { applyPortChange, type PortChange, type PortOutcome, sameModel } from './change.ts';
import { editCommand } from './edit-command.ts';
import { NGINX_CONF_MODE, NGINX_CONF_PATH, renderNginxConf } from './nginx.ts';
import { networksOf, replacementContainer } from './replacement.ts';
import { LB_SCRIPT, LB_SCRIPT_MODE, LB_SCRIPT_PATH, NGINX_CONF_LATER_PATH } from './script.ts';
import { isAside, leftByReplacement, onClusterNetwork } from './serving.ts';
import { formatValues, type LoadBalancerModel, VALUES_MODE, VALUES_PATH } from './values.ts';

/** Docker runs a process for each published port. */
const MANY_PORTS = 100;
/** Seconds for the whole; a replacement takes about one. */
const EDIT_TIMEOUT = 90;

/** What an edit would come to, for a preview. */
export interface PortPreview extends PortOutcome {
  /** nginx.conf as it is meant now, and as it will be. */
  before: string;
  after: string;
  /** `replace`: connections through the load balancer are cut once; `reload`: none is; `nothing`: it is so already. */
  how: 'nothing' | 'reload' | 'replace';
}

/** What must be read before this change can be planned. */
export function factsForPortEdit(change: PortChange, inspect: ContainerInspect): FactsWanted {
  const ports = change.add.flatMap(({ port }) => {
    return parsePortSpec(port).flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort]));
  });
  return { images: [inspect.Config.Image], ports, stoppedPorts: true };
}

/** Works the change out without planning how. Pure. Throws what `applyPortChange` throws. */
export function previewPortEdit(
  cluster: Cluster,
  current: LoadBalancerModel,
  inspect: ContainerInspect,
  change: PortChange,
): PortPreview {
  const outcome = applyPortChange(cluster, current, bindingsOf(inspect), change);
  const how =
    outcome.added.length > 0 || outcome.removed.length > 0
      ? 'replace'
      : sameModel(current, outcome.model)
        ? 'nothing'
        : 'reload';
  return { ...outcome, before: renderNginxConf(current), after: renderNginxConf(outcome.model), how };
}

/**
 * The plan for any number of ports added, changed and removed as one set: one replacement of the load balancer where host
 * bindings change, a live reload where none does, nothing where all is so already (k3d replaces then too). What a
 * replacement that was killed left behind is cleaned away, and its work finished. Pure.
 * Throws LB_MISSING, PORT_TAKEN, and what `applyPortChange` throws.
 * @param current, inspect what `readLoadBalancer` gave
 * @param facts gathered with `factsForPortEdit`
 */
export function planPortEdit(
  cluster: Cluster,
  current: LoadBalancerModel,
  inspect: ContainerInspect,
  change: PortChange,
  facts: Facts,
): Plan {
  const { loadBalancer } = cluster;
  if (!loadBalancer) throw noLoadBalancer(cluster);
  const preview = previewPortEdit(cluster, current, inspect, change);
  checkConflicts(preview, cluster, facts);

  const name = loadBalancerName(cluster.name);
  const misplaced = !onClusterNetwork(loadBalancer) || loadBalancer.name !== name;
  const replace = preview.how === 'replace' || misplaced;
  const sweep = sweepSteps(cluster, facts);
  const swept = sweep.map(step => step.id);
  const steps = replace
    ? replaceSteps(cluster, inspect, preview, facts, swept)
    : preview.how === 'reload'
      ? [configureStep(cluster, preview, swept)]
      : [];
  return {
    title: `change ports of cluster ${cluster.name}`,
    command: editCommand(cluster.name, change),
    cluster: cluster.name,
    steps: [...sweep, ...steps],
    warnings: warningsFor(preview, cluster, facts),
    onFailure: 'undo',
    timeoutSeconds: EDIT_TIMEOUT,
    secrets: [cluster.token],
  };
}

function checkConflicts(preview: PortPreview, cluster: Cluster, facts: Facts): void {
  const ours = new Set([cluster.loadBalancer!.id, ...leftByReplacement(cluster).map(node => node.id)]);
  const freed = new Set(preview.removed.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`));
  for (const binding of preview.added) {
    const port = Number(binding.hostPort);
    // Docker's own proxy holds the socket of a port that this load balancer gives up.
    if (!Number.isInteger(port) || port === 0 || freed.has(`${binding.hostPort}/${binding.protocol}`)) continue;
    const owner = portOwner(facts, { hostIP: binding.hostIP, port, protocol: binding.protocol }, ours);
    if (!owner) continue;
    throw new K3duiError({
      code: 'PORT_TAKEN',
      message: `host port ${port}/${binding.protocol} is taken by ${owner}; nothing was changed`,
      hint: 'choose another host port, or free this one',
    });
  }
}

function warningsFor(preview: PortPreview, cluster: Cluster, facts: Facts): string[] {
  const warnings = [...preview.notes];
  if (preview.added.length > MANY_PORTS || preview.bindings.length > MANY_PORTS) {
    warnings.push(
      `${preview.bindings.length} ports will be published: Docker runs a process for each, which takes long (publish fewer, or use an Ingress)`,
    );
  }
  const ours = new Set([cluster.loadBalancer!.name, loadBalancerName(cluster.name)]);
  for (const left of leftByReplacement(cluster)) ours.add(left.name);
  for (const binding of preview.added) {
    const wanted = { hostIP: binding.hostIP, port: Number(binding.hostPort), protocol: binding.protocol };
    const owners = stoppedPortOwners(facts, wanted, ours);
    if (owners.length === 0) continue;
    warnings.push(
      `host port ${binding.hostPort}/${binding.protocol} is also wanted by ${owners.join(', ')}, stopped now: they cannot run at the same time`,
    );
  }
  return warnings;
}

/** Removes what a killed replacement left: containers that do not serve, the network on which one waited. */
function sweepSteps(cluster: Cluster, facts: Facts): PlannedStep[] {
  const { loadBalancer } = cluster;
  const containers = leftByReplacement(cluster).map(
    (node): PlannedStep => ({
      id: `remove ${node.name}`,
      title: 'remove what an interrupted change left',
      subject: node.name,
      after: [],
      action: { kind: 'container.remove', container: node.id },
    }),
  );
  const after = containers.map(step => step.id);
  const networks = facts.networks.filter(({ Name }) => isAside(Name, cluster.name));
  return [
    ...containers,
    ...networks.flatMap(({ Name }): PlannedStep[] => {
      const title = `remove network ${Name}`;
      const attached = loadBalancer!.networks.some(({ name }) => name === Name);
      const leave: PlannedStep = {
        id: `leave ${Name}`,
        title: `leave network ${Name}`,
        subject: loadBalancer!.name,
        after,
        action: { kind: 'network.disconnect', network: Name, container: loadBalancer!.id },
      };
      const action = { kind: 'network.remove', network: Name } as const;
      return [
        ...(attached ? [leave] : []),
        { id: title, title, after: [...after, ...(attached ? [leave.id] : [])], action, optional: true },
      ];
    }),
  ];
}

/** The nodes whose names resolve: those that run. */
function resolvable(cluster: Cluster): Set<string> {
  return new Set([...cluster.servers, ...cluster.agents].filter(node => node.running).map(node => node.name));
}

function configureStep(cluster: Cluster, preview: PortPreview, after: string[]): PlannedStep {
  const { name, id, running } = cluster.loadBalancer!;
  return {
    id: 'configure',
    title: running ? 'change its configuration while it runs' : 'change its configuration',
    subject: name,
    after,
    action: {
      kind: 'loadbalancer.configure',
      container: id,
      values: formatValues(preview.model),
      nginx: renderNginxConf(preview.model, resolvable(cluster)),
      running,
    },
  };
}

/** Beside the old one: create, put in the files, start, wait for nginx; then hand over, and tidy up. */
function replaceSteps(
  cluster: Cluster,
  inspect: ContainerInspect,
  preview: PortPreview,
  facts: Facts,
  swept: string[],
): PlannedStep[] {
  const old = cluster.loadBalancer!;
  const name = loadBalancerName(cluster.name);
  const [fresh, aside] = [letters(facts, 0), letters(facts, 5)].map(five => `${name}-${five}`) as [string, string];
  const clusterNetwork = cluster.network?.name ?? old.networks[0]?.name ?? 'bridge';
  const networks = networksOf(inspect, clusterNetwork).filter(network => !isAside(network.name, cluster.name));
  // Stopped with its cluster: it stays so. Stopped alone, by a failed edit of k3d's or a killed one: it shall serve.
  const running = old.running || cluster.serversRunning > 0;
  const image = facts.images.get(inspect.Config.Image)?.present ? inspect.Config.Image : inspect.Image;
  const lasting = renderNginxConf(preview.model, resolvable(cluster));
  const waiting = withAddresses(lasting, cluster, clusterNetwork);
  const standby = running ? fresh : undefined;
  const body = replacementContainer(inspect, {
    name,
    image,
    bindings: preview.bindings,
    network: standby ? { name: standby } : networks[0]!,
  });
  const handover: HandOver = {
    old: old.id,
    fresh,
    name,
    aside,
    networks: standby ? networks : networks.slice(1),
    running,
    standby,
  };
  const step = (id: string, title: string, after: string[], action: PlannedStep['action']): PlannedStep => ({
    id,
    title,
    subject: name,
    after,
    action,
  });
  const prepared: PlannedStep[] = standby
    ? [
        {
          id: 'standby',
          title: 'make a place for the new one to wait',
          subject: name,
          after: swept,
          action: {
            kind: 'network.create',
            body: {
              Name: standby,
              Driver: 'bridge',
              CheckDuplicate: true,
              Internal: true,
              Labels: { app: 'k3d', 'k3d.cluster': cluster.name },
              ...standbySubnet(facts),
            },
          },
        },
      ]
    : [];
  const files = [
    { path: VALUES_PATH, content: formatValues(preview.model), mode: VALUES_MODE },
    { path: NGINX_CONF_PATH, content: standby ? waiting : lasting, mode: NGINX_CONF_MODE },
    ...(standby ? [{ path: NGINX_CONF_LATER_PATH, content: lasting, mode: NGINX_CONF_MODE }] : []),
    { path: LB_SCRIPT_PATH, content: LB_SCRIPT, mode: LB_SCRIPT_MODE },
  ];
  return [
    ...prepared,
    step('create', 'create the new one', [...swept, ...prepared.map(({ id }) => id)], {
      kind: 'container.create',
      name: fresh,
      body,
    }),
    step('files', 'put in its configuration', ['create'], { kind: 'files.write', container: fresh, files }),
    ...(running
      ? [
          ...(old.running
            ? [
                step('check', 'have nginx check the configuration', swept, {
                  kind: 'loadbalancer.check',
                  container: old.id,
                  nginx: waiting,
                }),
              ]
            : []),
          step('start', 'start the new one beside the old', ['files', ...(old.running ? ['check'] : [])], {
            kind: 'container.start',
            container: fresh,
          }),
          step('ready', 'nginx runs', ['start'], {
            kind: 'ready',
            what: { check: 'loadbalancer', container: fresh },
          }),
        ]
      : []),
    step('hand over', 'hand over the ports', [running ? 'ready' : 'files'], {
      kind: 'loadbalancer.handover',
      ...handover,
    }),
    {
      ...step('tidy', 'remove the old one', ['hand over'], {
        kind: 'loadbalancer.tidy',
        container: name,
        old: old.id,
        standby,
      }),
      optional: true,
    },
  ];
}

/** The configuration with each running node's address instead of its name. */
function withAddresses(nginxConf: string, cluster: Cluster, network: string): string {
  const addresses = new Map(
    [...cluster.servers, ...cluster.agents].map(node => [
      node.name,
      node.networks.find(({ name }) => name === network)?.ip,
    ]),
  );
  return nginxConf.replace(/^( *server )([^:\s]+)(?=:\d+ )/gm, (line, before, node) => {
    const address = addresses.get(node);
    return address ? `${before}${address}` : line;
  });
}

/** Five letters of the run's own random ones, as k3d's names have. */
function letters(facts: Facts, from: number): string {
  return facts.fresh.token.slice(from, from + 5);
}

/** The smallest range that is free: from 198.18.0.0/15, which no real network uses (RFC 2544), so that Docker's pools do not matter. */
function standbySubnet(facts: Facts): { IPAM?: { Config: { Subnet: string }[] } } {
  const used = facts.networks.flatMap(network =>
    (network.IPAM?.Config ?? []).flatMap(({ Subnet }) =>
      Subnet && !Subnet.includes(':') ? [parseSubnet(Subnet)] : [],
    ),
  );
  for (let i = 0; i < 4096; i++) {
    const subnet = `198.${18 + (i >> 11)}.${(i >> 3) & 255}.${(i & 7) * 32}/28`;
    if (!used.some(other => subnetsOverlap(other, parseSubnet(subnet))))
      return { IPAM: { Config: [{ Subnet: subnet }] } };
  }
  return {};
}

/** The mappings a load balancer will have, as a person writes them. */
export function mappingSpecs(bindings: HostBinding[]): string[] {
  return bindings.map(bindingSpec);
}
