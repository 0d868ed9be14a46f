import { dump } from 'js-yaml';
import { commandLine } from '../../config/command-line.ts';
import type { Call } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { apiAddress } from '../cluster/api-address.ts';
import { gatherFacts } from '../cluster/facts.ts';
import { portOwner, stoppedPortOwners } from '../cluster/port-owner.ts';
import type { Engine } from '../engine.ts';
import type { PortChange } from '../loadbalancer/change.ts';
import { factsForPortEdit, type PortPreview, planPortEdit, previewPortEdit } from '../loadbalancer/edit.ts';
import type { Cluster } from '../model.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { noLoadBalancer, readLoadBalancer } from '../ports/read.ts';
import { indexOf } from './context.ts';
import { controllerOf } from './controller.ts';
import {
  checkIngress,
  classFor,
  type IngressRequest,
  ingressManifest,
  ingressPath,
  PORT_ANNOTATION,
  proposeName,
} from './ingress.ts';
import type { HttpRequest } from './model.ts';
import type { Survey } from './survey.ts';
import { ingressUrl } from './urls.ts';
import { proposeHostPort, waysTo } from './ways.ts';

/** What exposing a Service by an Ingress comes to. */
export interface IngressPlan {
  plan: Plan;
  /** As YAML. */
  manifest: string;
  url: string;
  /** Where this machine reaches the host port of the URL. */
  address: string;
  /** The change to the load balancer, where a host port has to be added. */
  ports?: PortPreview;
}

/** Seconds for the Ingress itself and its proof. */
const INGRESS_TIMEOUT = 60;

/**
 * Plans an Ingress for a Service: the host port that it needs, if none leads to the controller yet, the Ingress, and a
 * request that proves the URL. Everything is undone if one of the first two fails; what the proof says is only told.
 * Throws INGRESS_INVALID, LB_MISSING, PORT_TAKEN, API_NOT_PUBLISHED, and what reading the load balancer throws.
 */
export async function planIngressCreate(
  engine: Engine,
  survey: Survey,
  request: IngressRequest,
  call: Call,
): Promise<IngressPlan> {
  const { ground, traffic } = survey;
  const { cluster } = ground;
  const [problem] = checkIngress(request, traffic).filter(({ severity }) => severity === 'error');
  if (problem) throw new K3duiError({ code: 'INGRESS_INVALID', message: problem.message, hint: problem.hint });
  const className = request.className ?? classFor(traffic);
  const { service: controller } = controllerOf(indexOf(traffic), { className: className ?? '' });
  const port = controller?.ports.find(one => one.port === 80);
  if (!controller || !port) {
    throw new K3duiError({
      code: 'INGRESS_INVALID',
      message: `the Service of the Ingress controller has no port 80`,
      hint: 'give it one, or use another Ingress class',
    });
  }
  const ways = waysTo(ground, controller, port);
  const open = ways.find(({ row }) => row !== undefined);
  const [wanted] = ways;
  const edit = open || !wanted ? undefined : await planPort(engine, cluster, ground.taken, request, wanted.port, call);
  const row = open?.row ?? {
    hostIP: '',
    hostPort: edit?.hostPort ?? 0,
    listenerPort: 80,
    protocol: 'tcp',
    upstreams: [],
    kind: 'proxy' as const,
    filters: '',
    id: '',
    cluster: cluster.name,
  };
  const name = proposeName(request, traffic);
  const object = ingressManifest(request, name, className, edit && `${edit.hostPort}:${wanted!.port}`);
  const address = ground.hostOf(row.hostIP, row.hostPort);
  const proof: HttpRequest = { address, port: row.hostPort, secure: false, host: request.host, path: request.path };
  const create: PlannedStep = {
    id: 'create Ingress',
    title: `create Ingress ${request.namespace}/${name}`,
    after: [],
    action: { kind: 'kubernetes.create', ...reachApi(engine, cluster), path: ingressPath(request.namespace), object },
  };
  // The Ingress comes first: once the load balancer is replaced there is no way back for the ports that it took over.
  const portSteps = afterwards(edit?.plan.steps ?? [], create.id);
  const url = ingressUrl(ground, row, { ...request, secure: false, service: { namespace: '', name: '', port: '' } });
  const prove: PlannedStep = {
    id: 'prove',
    title: `ask for ${url}`,
    after: [create.id, ...portSteps.map(({ id }) => id)],
    action: { kind: 'expose.prove', request: proof },
    optional: true,
  };
  const plan: Plan = {
    title: `expose ${request.namespace}/${request.service} as ${request.host}`,
    command: createCommand(cluster.name, request, edit?.hostPort),
    cluster: cluster.name,
    steps: [create, ...portSteps, prove],
    warnings: edit?.plan.warnings ?? [],
    onFailure: 'undo',
    timeoutSeconds: (edit?.plan.timeoutSeconds ?? 0) + INGRESS_TIMEOUT,
    secrets: [cluster.token],
  };
  return { plan, manifest: dump(object, { lineWidth: -1 }), url, address, ...(edit && { ports: edit.preview }) };
}

/** The steps, none of which begins before that one is done. */
const afterwards = (steps: readonly PlannedStep[], id: string): PlannedStep[] =>
  steps.map(step => ({ ...step, after: step.after.length === 0 ? [id] : step.after }));

/** The host port that an Ingress needs, as the port wizard would add it. */
async function planPort(
  engine: Engine,
  cluster: Cluster,
  taken: ReadonlySet<number>,
  request: IngressRequest,
  port: number,
  call: Call,
) {
  if (!cluster.loadBalancer) throw noLoadBalancer(cluster);
  const hostPort = request.hostPort ?? (await freePort(engine, cluster, proposeHostPort(port, taken), call));
  const change: PortChange = { add: [{ port: `${hostPort}:${port}`, nodeFilters: ['loadbalancer'] }], remove: [] };
  const { model, inspect } = await readLoadBalancer(engine.docker, cluster, call);
  const facts = await gatherFacts(engine, factsForPortEdit(change, inspect), call);
  return {
    hostPort,
    plan: planPortEdit(cluster, model, inspect, change, facts),
    preview: previewPortEdit(cluster, model, inspect, change),
  };
}

/** The first port from there that nobody has or wants. */
async function freePort(engine: Engine, cluster: Cluster, from: number, call: Call): Promise<number> {
  const ports = Array.from({ length: 50 }, (_, at) => from + at);
  const facts = await gatherFacts(engine, { ports, stoppedPorts: true }, call);
  const own = new Set(cluster.loadBalancer ? [cluster.loadBalancer.name] : []);
  const isFree = (port: number) => {
    const wanted = { hostIP: '', port, protocol: 'tcp' };
    return portOwner(facts, wanted, new Set()) === undefined && stoppedPortOwners(facts, wanted, own).length === 0;
  };
  return ports.find(isFree) ?? from;
}

/** How a step asks the cluster's API. Throws API_NOT_PUBLISHED. */
function reachApi({ env, docker }: Engine, cluster: Cluster) {
  const api = apiAddress(cluster, { env, endpoint: docker.endpoint });
  const server = cluster.servers.find(({ running }) => running) ?? cluster.servers[0];
  if (api && server) return { cluster: cluster.name, server: server.id, api };
  throw new K3duiError({
    code: 'API_NOT_PUBLISHED',
    message: `no node of cluster '${cluster.name}' publishes its Kubernetes API`,
    hint: 'look at the nodes with k3dui node list',
  });
}

/** The command line that does the same. */
export function createCommand(
  cluster: string,
  { namespace, service, port, host, path, className }: IngressRequest,
  hostPort?: number,
): string {
  const flags = [
    ...(path === '/' ? [] : ['--path', path]),
    ...(className === undefined ? [] : ['--class', className]),
    ...(hostPort === undefined ? [] : ['--host-port', String(hostPort)]),
  ];
  return commandLine`k3dui ingress create ${cluster} ${`${namespace}/${service}:${port}`} --hostname ${host} ${flags}`;
}

/**
 * Plans taking an Ingress away again, with the host port that was added for it unless another way needs that by now.
 * Throws INGRESS_UNKNOWN, API_NOT_PUBLISHED, and what reading the load balancer throws.
 */
export async function planIngressDelete(
  engine: Engine,
  survey: Survey,
  { namespace, name }: { namespace: string; name: string },
  call: Call,
): Promise<{ plan: Plan; ports?: PortPreview }> {
  const { ground, traffic, exposures } = survey;
  const { cluster } = ground;
  const ingress = traffic.ingresses.get(`${namespace}/${name}`);
  if (!ingress) {
    const names = [...traffic.ingresses.values()].map(one => `${one.namespace}/${one.name}`);
    throw new K3duiError({
      code: 'INGRESS_UNKNOWN',
      message: `there is no Ingress ${namespace}/${name} in cluster '${cluster.name}'`,
      hint: names.length === 0 ? 'it has none' : `it has: ${names.slice(0, 8).join(', ')}`,
    });
  }
  const others = exposures.some(one =>
    one.kind !== 'Ingress' || `${one.namespace}/${one.name}` === `${namespace}/${name}` ? false : one.urls.length > 0,
  );
  const added = ingress.annotations[PORT_ANNOTATION];
  const edit =
    added !== undefined && /^\d+:\d+$/.test(added) && !others
      ? await planPortRemoval(engine, cluster, added, call)
      : undefined;
  const remove: PlannedStep = {
    id: 'delete Ingress',
    title: `delete Ingress ${namespace}/${name}`,
    after: [],
    action: { kind: 'kubernetes.delete', ...reachApi(engine, cluster), path: ingressPath(namespace, name) },
  };
  const plan: Plan = {
    title: `delete Ingress ${namespace}/${name}`,
    command: commandLine`k3dui ingress delete ${cluster.name} ${`${namespace}/${name}`}`,
    cluster: cluster.name,
    steps: [remove, ...afterwards(edit?.plan.steps ?? [], remove.id)],
    warnings: edit?.plan.warnings ?? [],
    onFailure: 'undo',
    timeoutSeconds: (edit?.plan.timeoutSeconds ?? 0) + INGRESS_TIMEOUT,
    secrets: [cluster.token],
  };
  return { plan, ...(edit && { ports: edit.preview }) };
}

async function planPortRemoval(engine: Engine, cluster: Cluster, port: string, call: Call) {
  if (!cluster.loadBalancer) return undefined;
  const [hostPort] = port.split(':').map(Number);
  // Somebody may have taken it away meanwhile.
  if (!cluster.loadBalancer.ports.some(bound => bound.hostPort === hostPort)) return undefined;
  const change: PortChange = { add: [], remove: [{ port, nodeFilters: [] }] };
  const { model, inspect } = await readLoadBalancer(engine.docker, cluster, call);
  const facts = await gatherFacts(engine, factsForPortEdit(change, inspect), call);
  return {
    plan: planPortEdit(cluster, model, inspect, change, facts),
    preview: previewPortEdit(cluster, model, inspect, change),
  };
}
