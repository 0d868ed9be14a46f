import { dump } from 'js-yaml';
import type { ExecIo } from '../types.ts';
import { readAll } from './commands.ts';
import { clusterOf, type K3s } from './k3s.ts';
import { applyManifest } from './kubernetes-apply.ts';
import { type KubeObject, RESOURCES } from './kubernetes-objects.ts';

const SHORT: Record<string, string> = {
  no: 'nodes',
  po: 'pods',
  svc: 'services',
  cm: 'configmaps',
  ns: 'namespaces',
  deploy: 'deployments',
  ds: 'daemonsets',
  ev: 'events',
  ing: 'ingresses',
};

/** kubectl as far as scripts use it in a node: get, apply -f -, delete, cordon, drain, uncordon, version. */
export async function kubectl(node: K3s, args: string[], io: ExecIo): Promise<number> {
  const cluster = clusterOf(node.container);
  const [verb = '', kind = '', name = ''] = args.filter(
    (arg, i) =>
      (!arg.startsWith('-') || arg === '-') &&
      !['-n', '-o', '-f', '-l', '--namespace', '--output'].includes(args[i - 1] ?? ''),
  );
  const server = node.role === 'server' ? node.container : undefined;
  if (verb === 'version') {
    io.out(`Client Version: ${node.version}\nServer Version: ${node.version}\n`);
    return 0;
  }
  if (!cluster || !server || !cluster.answers(server)) {
    io.err('The connection to the server localhost:8080 was refused - did you specify the right host or port?\n');
    return 1;
  }
  const raw = option(args, '--raw', '--raw');
  if (raw !== undefined) {
    io.out(/^\/(readyz|livez|healthz)/.test(raw) ? 'ok' : '{}');
    return 0;
  }
  const namespace = option(args, '-n', '--namespace') ?? 'default';
  if (verb === 'apply' || verb === 'create') {
    const path = option(args, '-f', '--filename') ?? '-';
    const text = path === '-' ? (await readAll(io)).toString('utf8') : node.container.files.text(path);
    if (text === undefined) {
      io.err(`error: the path "${path}" does not exist\n`);
      return 1;
    }
    for (const { kind: applied, name: what, known } of applyManifest(cluster, text, namespace)) {
      io.out(`${applied.toLowerCase()}/${what} ${known ? 'configured' : 'created'}\n`);
    }
    return 0;
  }
  const [slashKind = '', slashName] = kind.split('/');
  const resource = resourceOf(verb === 'cordon' || verb === 'uncordon' || verb === 'drain' ? 'nodes' : slashKind);
  if (!resource) {
    io.err(`error: the server doesn't have a resource type "${kind}"\n`);
    return 1;
  }
  const wanted = verb === 'get' || verb === 'delete' ? slashName || name : kind;
  const everywhere = args.includes('-A') || args.includes('--all-namespaces');
  const inNamespace = RESOURCES[resource]![2] && !everywhere ? namespace : undefined;
  const found = wanted ? cluster.store.get(resource, wanted, inNamespace) : undefined;
  if (wanted && !found) {
    io.err(`Error from server (NotFound): ${resource} "${wanted}" not found\n`);
    return args.includes('--ignore-not-found') ? 0 : 1;
  }
  if (verb === 'get')
    return print(found ? [found] : cluster.store.list(resource, inNamespace), found !== undefined, resource, args, io);
  if (!found) return 1;
  if (verb === 'delete') {
    cluster.store.delete(resource, wanted, inNamespace);
    if (resource === 'nodes') cluster.deleteNode(wanted);
    io.out(`${RESOURCES[resource]![1].toLowerCase()} "${wanted}" deleted\n`);
    return 0;
  }
  const unschedulable = verb !== 'uncordon';
  cluster.store.put('nodes', { ...found, spec: { ...(found.spec as object), unschedulable } });
  io.out(`node/${wanted} ${unschedulable ? 'cordoned' : 'uncordoned'}\n`);
  if (verb === 'drain') io.out(`node/${wanted} drained\n`);
  return 0;
}

function option(args: string[], short: string, long: string): string | undefined {
  const at = args.findIndex(arg => arg === short || arg === long);
  return at >= 0 ? args[at + 1] : args.find(arg => arg.startsWith(`${long}=`))?.slice(long.length + 1);
}

const resourceOf = (text: string): string | undefined => {
  const name = SHORT[text] ?? text.toLowerCase();
  return [name, `${name}s`, `${name}es`].find(key => key in RESOURCES);
};

function print(list: KubeObject[], one: boolean, resource: string, args: string[], io: ExecIo): number {
  const format = option(args, '-o', '--output') ?? args.find(arg => /^-o./.test(arg))?.slice(2);
  const whole = one ? list[0]! : { apiVersion: 'v1', kind: 'List', items: list, metadata: {} };
  if (format === 'json') io.out(`${JSON.stringify(whole, null, 4)}\n`);
  else if (format === 'yaml') io.out(dump(whole));
  else if (format === 'name')
    for (const { metadata } of list) io.out(`${RESOURCES[resource]![1].toLowerCase()}/${metadata.name}\n`);
  else if (resource === 'nodes') {
    io.out('NAME                       STATUS     ROLES                  VERSION\n');
    for (const node of list)
      io.out(
        `${node.metadata.name.padEnd(26)} ${(isReady(node) ? 'Ready' : 'NotReady').padEnd(10)} ${roles(node).padEnd(22)} ${(node.status as { nodeInfo: { kubeletVersion: string } }).nodeInfo.kubeletVersion}\n`,
      );
  } else {
    io.out('NAMESPACE     NAME\n');
    for (const { metadata } of list) io.out(`${(metadata.namespace ?? '').padEnd(13)} ${metadata.name}\n`);
  }
  return 0;
}

const isReady = (node: KubeObject) =>
  (node.status as { conditions: { type: string; status: string }[] }).conditions.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );

const roles = (node: KubeObject) =>
  Object.keys(node.metadata.labels ?? {})
    .filter(label => label.startsWith('node-role.kubernetes.io/'))
    .map(label => label.split('/')[1])
    .join(',') || '<none>';
