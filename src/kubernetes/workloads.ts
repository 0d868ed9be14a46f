import { isLatest } from '../config/image.ts';
import { type Fields, fields } from '../record.ts';
import { ask } from './ask.ts';
import { list, text } from './fields.ts';

/** A pod as far as it matters for whether it runs, and why not. */
export interface ListedPod {
  namespace: string;
  name: string;
  /** Empty while no node was found for it. */
  node: string;
  /** `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown` */
  phase: string;
  ready: boolean;
  /** It is being deleted. */
  ending: boolean;
  /** Milliseconds since the epoch. */
  created: number;
  containers: ListedContainer[];
  /** What made it: `ReplicaSet web-5d4f`; undefined for a pod of its own. */
  owner: { kind: string; name: string } | undefined;
}

export interface ListedContainer {
  name: string;
  image: string;
  /** `Always`, `IfNotPresent`, `Never`, as Kubernetes fills it in. */
  pullPolicy: string;
  /** Why it waits: `ImagePullBackOff`; empty while it does not. */
  waiting: string;
  message: string;
}

/** True for a pod of the cluster's own DNS. */
export const isCoreDns = ({ namespace, name }: Pick<ListedPod, 'namespace' | 'name'>): boolean =>
  namespace === 'kube-system' && name.startsWith('coredns-');

/** A workload that makes pods from a template. */
export interface Workload {
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | 'Job';
  namespace: string;
  name: string;
}

interface Call {
  signal?: AbortSignal;
}

const PLURALS: Record<Workload['kind'], string> = {
  Deployment: 'apis/apps/v1/namespaces/NS/deployments',
  StatefulSet: 'apis/apps/v1/namespaces/NS/statefulsets',
  DaemonSet: 'apis/apps/v1/namespaces/NS/daemonsets',
  ReplicaSet: 'apis/apps/v1/namespaces/NS/replicasets',
  Job: 'apis/batch/v1/namespaces/NS/jobs',
};

/** All pods of the cluster that the kubeconfig (as text) leads to. Throws KUBECONFIG_INVALID, KUBERNETES_*, CANCELLED. */
export async function listPods(kubeconfig: string, call: Call = {}): Promise<ListedPod[]> {
  const answer = await ask(kubeconfig, 'list the pods', call, { path: '/api/v1/pods' });
  return list(fields(answer).items).map(podOf);
}

/** A node as far as it matters for whether pods run on it. */
export interface NodeState {
  name: string;
  ready: boolean;
  unschedulable: boolean;
  /** Keys of what keeps pods away that do not say they put up with it. */
  taints: string[];
  /** What is wrong with it, in Kubernetes' words; empty when nothing is. */
  problem: string;
}

/** All nodes. Without the typed client, which takes long to load. Throws as `listPods`. */
export async function listNodeStates(kubeconfig: string, call: Call = {}): Promise<NodeState[]> {
  const answer = await ask(kubeconfig, 'list the nodes', call, { path: '/api/v1/nodes' });
  return list(fields(answer).items).map(node => {
    const conditions = list(fields(node.status).conditions);
    const bad = conditions.find(({ type, status }) => (type === 'Ready' ? status !== 'True' : status === 'True'));
    return {
      name: text(fields(node.metadata).name),
      ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
      unschedulable: fields(node.spec).unschedulable === true,
      taints: list(fields(node.spec).taints)
        .filter(({ effect }) => effect !== 'PreferNoSchedule')
        .map(({ key }) => text(key)),
      problem: bad ? [`${text(bad.type)} is ${text(bad.status)}`, text(bad.message)].filter(Boolean).join(': ') : '',
    };
  });
}

/** Data of a ConfigMap; undefined when there is none. Throws as `listPods`. */
export async function configMapData(
  kubeconfig: string,
  namespace: string,
  name: string,
  call: Call = {},
): Promise<Record<string, string> | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`;
  const answer = await ask(kubeconfig, `read ConfigMap ${name}`, call, { path, missing: true });
  if (answer === undefined) return undefined;
  return Object.fromEntries(Object.entries(fields(fields(answer).data)).map(([key, value]) => [key, String(value)]));
}

/** How many pods a Deployment is to have; undefined when there is none of that name. Throws as `listPods`. */
export async function replicasOf(
  kubeconfig: string,
  namespace: string,
  name: string,
  call: Call = {},
): Promise<number | undefined> {
  const path = pathOf({ kind: 'Deployment', namespace, name });
  const answer = await ask(kubeconfig, `read Deployment ${name}`, call, { path, missing: true });
  if (answer === undefined) return undefined;
  const { replicas } = fields(fields(answer).spec);
  return typeof replicas === 'number' ? replicas : 1;
}

/** Cluster address of a Service; undefined when there is none. Throws as `listPods`. */
export async function serviceAddress(
  kubeconfig: string,
  namespace: string,
  name: string,
  call: Call = {},
): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}`;
  const answer = await ask(kubeconfig, `read Service ${name}`, call, { path, missing: true });
  const address = text(fields(fields(answer).spec).clusterIP);
  return address === '' || address === 'None' ? undefined : address;
}

/** The workload that a person wrote: a Deployment for a pod of its ReplicaSet. undefined: the pod stands alone. */
export async function workloadOf(kubeconfig: string, pod: ListedPod, call: Call = {}): Promise<Workload | undefined> {
  if (!pod.owner || !isWorkload(pod.owner.kind)) return undefined;
  const own: Workload = { kind: pod.owner.kind, namespace: pod.namespace, name: pod.owner.name };
  if (own.kind !== 'ReplicaSet') return own;
  const answer = await ask(kubeconfig, `read ReplicaSet ${own.name}`, call, { path: pathOf(own), missing: true });
  const owner = ownerOf(fields(fields(answer).metadata));
  return owner && isWorkload(owner.kind) ? { ...own, kind: owner.kind, name: owner.name } : own;
}

/** Sets when containers of a workload's pods pull their image. Throws as `listPods`. */
export async function setPullPolicy(
  kubeconfig: string,
  workload: Workload,
  containers: readonly { name: string; pullPolicy: string }[],
  call: Call = {},
): Promise<void> {
  const changed = containers.map(({ name, pullPolicy }) => ({ name, imagePullPolicy: pullPolicy }));
  await ask(kubeconfig, `change ${workload.kind} ${workload.name}`, call, {
    path: pathOf(workload),
    method: 'PATCH',
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
    body: JSON.stringify({ spec: { template: { spec: { containers: changed } } } }),
  });
}

function pathOf({ kind, namespace, name }: Workload): string {
  return `/${PLURALS[kind].replace('NS', encodeURIComponent(namespace))}/${encodeURIComponent(name)}`;
}

const isWorkload = (kind: string): kind is Workload['kind'] => Object.hasOwn(PLURALS, kind);

function podOf(pod: Fields): ListedPod {
  const metadata = fields(pod.metadata);
  const spec = fields(pod.spec);
  const status = fields(pod.status);
  const states = new Map(
    [...list(status.containerStatuses), ...list(status.initContainerStatuses)].map(one => [text(one.name), one]),
  );
  return {
    namespace: text(metadata.namespace),
    name: text(metadata.name),
    node: text(spec.nodeName),
    phase: text(status.phase),
    ready: list(status.conditions).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    ending: text(metadata.deletionTimestamp) !== '',
    created: Date.parse(text(metadata.creationTimestamp)) || 0,
    containers: [...list(spec.initContainers), ...list(spec.containers)].map(container => {
      const waiting = fields(fields(fields(states.get(text(container.name))).state).waiting);
      const image = text(container.image);
      return {
        name: text(container.name),
        image,
        pullPolicy: text(container.imagePullPolicy) || (isLatest(image) ? 'Always' : 'IfNotPresent'),
        waiting: text(waiting.reason),
        message: text(waiting.message),
      };
    }),
    owner: ownerOf(metadata),
  };
}

function ownerOf(metadata: Fields): ListedPod['owner'] {
  const owners = list(metadata.ownerReferences);
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  return owner && { kind: text(owner.kind), name: text(owner.name) };
}
