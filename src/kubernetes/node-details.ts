import { K3duiError } from '../errors.ts';
import { type Fields, fields } from '../record.ts';
import { list, text, texts } from './fields.ts';

/** A condition of a node, as Kubernetes tells it. */
export interface NodeCondition {
  type: string;
  /** `True`, `False` or `Unknown`. */
  status: string;
  reason: string;
  message: string;
  /** Milliseconds since the epoch; 0 when unknown. */
  since: number;
  /** It says that something is wrong: Ready is not True, or a pressure is. */
  bad: boolean;
}

export interface NodeEvent {
  /** `Normal` or `Warning`. */
  type: string;
  reason: string;
  message: string;
  count: number;
  /** Milliseconds since the epoch of the last time. */
  at: number;
}

/** What Kubernetes knows of one node. */
export interface NodeDetails {
  conditions: NodeCondition[];
  /** Newest first. */
  events: NodeEvent[];
  taints: string[];
  unschedulable: boolean;
  labels: Record<string, string>;
  capacity: Record<string, string>;
  allocatable: Record<string, string>;
  kubeletVersion: string;
  containerRuntime: string;
  osImage: string;
  kernel: string;
}

/** Pods that find no node, with what the scheduler says. */
export interface UnschedulablePod {
  namespace: string;
  name: string;
  /** `0/2 nodes are available: 2 Insufficient cpu.` */
  message: string;
  /** What there is too little of: `cpu`, `memory`; empty when it is something else (a taint, a selector). */
  lacks: string[];
}

/** Reads a path of the API as JSON. Throws KUBERNETES_*. */
export type GetJson = (path: string, doing: string) => Promise<unknown>;

/** Events kept of a node. */
const EVENTS = 30;

/** A node's conditions, taints, labels and events; undefined when Kubernetes does not know it. */
export async function nodeDetails(get: GetJson, name: string): Promise<NodeDetails | undefined> {
  const id = encodeURIComponent(name);
  const field = encodeURIComponent(`involvedObject.kind=Node,involvedObject.name=${name}`);
  const missing = (error: unknown) => {
    if (error instanceof K3duiError && error.code === 'KUBERNETES_NOT_FOUND') return undefined;
    throw error;
  };
  const [node, events] = await Promise.all([
    get(`/api/v1/nodes/${id}`, `look at node ${name}`).catch(missing),
    get(`/api/v1/events?fieldSelector=${field}&limit=500`, `list the events of ${name}`).catch(() => undefined),
  ]);
  if (node === undefined) return undefined;
  const { metadata, spec, status } = fields(node);
  const info = fields(fields(status).nodeInfo);
  return {
    conditions: list(fields(status).conditions).map(conditionOf),
    events: list(fields(events).items)
      .map(eventOf)
      .sort((a, b) => b.at - a.at)
      .slice(0, EVENTS),
    taints: list(fields(spec).taints).map(
      taint => `${text(taint.key)}${taint.value ? `=${text(taint.value)}` : ''}:${text(taint.effect)}`,
    ),
    unschedulable: fields(spec).unschedulable === true,
    labels: texts(fields(metadata).labels),
    capacity: texts(fields(status).capacity),
    allocatable: texts(fields(status).allocatable),
    kubeletVersion: text(info.kubeletVersion),
    containerRuntime: text(info.containerRuntimeVersion),
    osImage: text(info.osImage),
    kernel: text(info.kernelVersion),
  };
}

/** The pods that wait because no node takes them. */
export async function unschedulablePods(get: GetJson): Promise<UnschedulablePod[]> {
  const field = encodeURIComponent('status.phase=Pending');
  const answer = await get(`/api/v1/pods?fieldSelector=${field}&limit=200`, 'list waiting pods');
  return list(fields(answer).items).flatMap(pod => {
    const condition = list(fields(pod.status).conditions).find(
      ({ type, status, reason }) => type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable',
    );
    if (!condition) return [];
    const { name, namespace } = fields(pod.metadata);
    const message = text(condition.message);
    return [{ namespace: text(namespace), name: text(name), message, lacks: lacking(message) }];
  });
}

/** What the scheduler's words say there is too little of: `1 Insufficient cpu, 2 Insufficient memory`. */
export function lacking(message: string): string[] {
  return [...new Set([...message.matchAll(/Insufficient ([\w./-]*\w)/g)].map(match => match[1]!))];
}

function conditionOf(condition: Fields): NodeCondition {
  const type = text(condition.type);
  const status = text(condition.status);
  return {
    type,
    status,
    reason: text(condition.reason),
    message: text(condition.message),
    since: Date.parse(text(condition.lastTransitionTime)) || 0,
    bad: type === 'Ready' ? status !== 'True' : status === 'True',
  };
}

function eventOf(event: Fields): NodeEvent {
  const at = event.lastTimestamp ?? event.eventTime ?? fields(event.metadata).creationTimestamp;
  return {
    type: text(event.type),
    reason: text(event.reason),
    message: text(event.message),
    count: Number(event.count) || 1,
    at: Date.parse(text(at)) || 0,
  };
}
