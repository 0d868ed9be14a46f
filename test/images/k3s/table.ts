import { isRecord, type KubeObject } from './objects.ts';

type Cell = string | number;
interface Column {
  name: string;
  priority?: number;
  of: (object: KubeObject) => Cell;
}

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const field = (object: KubeObject, ...path: string[]): unknown =>
  path.reduce<unknown>((here, part) => record(here)[part], object);
const word = (value: unknown): string => (value === undefined || value === '' ? '<none>' : String(value));

/** How old a thing is, in kubectl's way of saying it. */
export function age(since: unknown): string {
  if (typeof since !== 'string') return '<unknown>';
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

const nameColumn: Column = { name: 'Name', of: o => o.metadata.name };
const ageColumn: Column = { name: 'Age', of: o => age(o.metadata.creationTimestamp) };
const condition = (o: KubeObject, type: string): unknown =>
  list(field(o, 'status', 'conditions')).find(c => c.type === type)?.status;
const address = (o: KubeObject, type: string): string =>
  word(list(field(o, 'status', 'addresses')).find(a => a.type === type)?.address);
const nodeInfo = (name: string) => (o: KubeObject) => word(field(o, 'status', 'nodeInfo', name));

const roles = (o: KubeObject): string =>
  Object.keys(o.metadata.labels ?? {})
    .flatMap(label => /^node-role\.kubernetes\.io\/(.+)$/.exec(label)?.[1] ?? [])
    .sort()
    .join(',') || '<none>';

function nodeStatus(o: KubeObject): string {
  const ready = condition(o, 'Ready') === 'True' ? 'Ready' : 'NotReady';
  return field(o, 'spec', 'unschedulable') ? `${ready},SchedulingDisabled` : ready;
}

const ports = (o: KubeObject): string =>
  list(field(o, 'spec', 'ports'))
    .map(p => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`)
    .join(',') || '<none>';
const ingressAddresses = (o: KubeObject): string =>
  list(field(o, 'status', 'loadBalancer', 'ingress'))
    .map(i => i.ip ?? i.hostname)
    .join(',');
const externalIp = (o: KubeObject): string =>
  ingressAddresses(o) || (field(o, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : '<none>');

const columns: Record<string, Column[]> = {
  nodes: [
    nameColumn,
    { name: 'Status', of: nodeStatus },
    { name: 'Roles', of: roles },
    ageColumn,
    { name: 'Version', of: nodeInfo('kubeletVersion') },
    { name: 'Internal-IP', priority: 1, of: o => address(o, 'InternalIP') },
    { name: 'External-IP', priority: 1, of: o => address(o, 'ExternalIP') },
    { name: 'OS-Image', priority: 1, of: nodeInfo('osImage') },
    { name: 'Kernel-Version', priority: 1, of: nodeInfo('kernelVersion') },
    { name: 'Container-Runtime', priority: 1, of: nodeInfo('containerRuntimeVersion') },
  ],
  namespaces: [nameColumn, { name: 'Status', of: o => word(field(o, 'status', 'phase')) }, ageColumn],
  configmaps: [nameColumn, { name: 'Data', of: o => Object.keys(record(o.data)).length }, ageColumn],
  services: [
    nameColumn,
    { name: 'Type', of: o => word(field(o, 'spec', 'type')) },
    { name: 'Cluster-IP', of: o => word(field(o, 'spec', 'clusterIP')) },
    { name: 'External-IP', of: externalIp },
    { name: 'Port(s)', of: ports },
    ageColumn,
  ],
  pods: [
    nameColumn,
    { name: 'Ready', of: o => `0/${list(field(o, 'spec', 'containers')).length}` },
    { name: 'Status', of: o => word(field(o, 'status', 'phase')) },
    { name: 'Restarts', of: () => 0 },
    ageColumn,
    { name: 'Node', priority: 1, of: o => word(field(o, 'spec', 'nodeName')) },
  ],
  deployments: [
    nameColumn,
    { name: 'Ready', of: o => `${field(o, 'status', 'readyReplicas') ?? 0}/${field(o, 'spec', 'replicas') ?? 1}` },
    ageColumn,
  ],
  ingresses: [
    nameColumn,
    { name: 'Class', of: o => word(field(o, 'spec', 'ingressClassName')) },
    {
      name: 'Hosts',
      of: o =>
        list(field(o, 'spec', 'rules'))
          .map(r => r.host ?? '*')
          .join(',') || '*',
    },
    { name: 'Address', of: ingressAddresses },
    { name: 'Ports', of: o => (field(o, 'spec', 'tls') ? '80, 443' : '80') },
    ageColumn,
  ],
  events: [
    { name: 'Last Seen', of: o => age(o.lastTimestamp ?? o.metadata.creationTimestamp) },
    { name: 'Type', of: o => word(o.type) },
    { name: 'Reason', of: o => word(o.reason) },
    {
      name: 'Object',
      of: o => `${word(field(o, 'involvedObject', 'kind')).toLowerCase()}/${word(field(o, 'involvedObject', 'name'))}`,
    },
    { name: 'Message', of: o => word(o.message) },
  ],
};

/** The objects as the Table that `kubectl get` asks for. */
export function asTable(plural: string, objects: KubeObject[], resourceVersion: string): Record<string, unknown> {
  const chosen = columns[plural] ?? [nameColumn, ageColumn];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion },
    columnDefinitions: chosen.map(({ name, priority = 0 }) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority,
    })),
    rows: objects.map(object => ({
      cells: chosen.map(column => column.of(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}
