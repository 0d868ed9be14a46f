import { parseMemory } from '../../config/memory.ts';
import { answeringAddress } from '../cluster/api-address.ts';
import { disablesCoreDns, dnsStep, hostAliasesOf } from '../cluster/dns.ts';
import { type Problem, Problems } from '../cluster/problems.ts';
import { startId } from '../cluster/start.ts';
import { allNames } from '../container-name.ts';
import type { Cluster } from '../model.ts';
import type { Action, ApiAddress, Plan, PlannedStep } from '../plan.ts';
import { copiedNode, freeAddresses, memoryOf } from './copy.ts';
import { checkNode, imageOf } from './create-checks.ts';
import { nodeCreateCommand } from './create-command.ts';
import { ENTRYPOINT_PATH, entrypointFiles, entrypointFixes, usesEntrypoint } from './entrypoint.ts';
import { type NodeFacts, REGISTRIES_PATH } from './facts.ts';
import { membersStep } from './members.ts';
import { memoryBinds, tellMemoryStep, toldMemory } from './meminfo.ts';
import { remoteNode } from './remote.ts';
import type { NodeRequest, RemoteCluster } from './request.ts';
import { isRemote, type Target } from './target.ts';

/** Seconds that adding may take when nobody says otherwise; more when the image must be pulled. */
const CREATE_TIMEOUT = 300;
const PULL_TIMEOUT = 900;

/** Everything wrong with the request, errors and warnings, by field. */
export function checkNodeRequest(target: Target, request: NodeRequest, facts: NodeFacts): Problem[] {
  const problems = new Problems();
  checkNode(target, request, facts, problems);
  return problems.list;
}

/**
 * The plan that adds nodes to a cluster, or to one elsewhere by its URL and token. Agents come up side by side; servers
 * one after the other, as etcd takes one new member at a time. Throws the first error that `checkNodeRequest` would list.
 */
export function planNodeCreate(target: Target, request: NodeRequest, facts: NodeFacts): Plan {
  const problems = new Problems();
  checkNode(target, request, facts, problems);
  problems.throwFirst();
  const names = freeNames(request, facts);
  const image = imageOf(request, facts);
  const fact = facts.images.get(image.asked);
  const pull: PlannedStep[] = fact?.present
    ? []
    : [
        {
          id: `pull ${image.name}`,
          title: `pull ${image.name}`,
          after: [],
          action: { kind: 'image.pull', image: image.name },
        },
      ];
  const steps = isRemote(target)
    ? remoteSteps(target, request, facts, names, image.name, pull)
    : localSteps(target, request, facts, names, image.name, pull);
  const where = isRemote(target) ? target.url : target.name;
  const what = names.length === 1 ? names[0]! : `${names.length} ${request.role}s`;
  return {
    title: `add ${what} to ${where}`,
    command: nodeCreateCommand(where, request),
    cluster: isRemote(target) ? undefined : target.name,
    steps: [...pull, ...steps],
    warnings: problems.warnings,
    onFailure: 'undo',
    timeoutSeconds: request.timeoutSeconds || (pull.length > 0 ? PULL_TIMEOUT : CREATE_TIMEOUT),
    secrets: [request.token ?? '', isRemote(target) ? '' : target.token].filter(secret => secret !== ''),
    network: isRemote(target) || !target.network ? undefined : { id: target.network.id, range: target.network.subnet },
  };
}

/** `k3d-NAME-0`, … with the lowest numbers that are free; k3d always begins with 0 and fails. */
function freeNames(request: NodeRequest, facts: NodeFacts): string[] {
  const taken = allNames(facts.containers);
  const names: string[] = [];
  for (let index = 0; names.length < request.replicas; index++) {
    const name = `k3d-${request.name}-${index}`;
    if (!taken.has(name)) names.push(name);
  }
  return names;
}

function localSteps(
  cluster: Cluster,
  request: NodeRequest,
  facts: NodeFacts,
  names: string[],
  image: string,
  pull: PlannedStep[],
): PlannedStep[] {
  const source = facts.source!;
  const { role, wait } = request;
  const addresses = freeAddresses(cluster, source.inspect, facts.containers, names.length);
  const ask = cluster.servers.filter(server => server.running).map(server => server.name);
  const usesScripts = source.inspect.Config.Entrypoint?.[0] === ENTRYPOINT_PATH;
  const files = [
    ...(usesScripts ? scripts(facts) : []),
    ...(facts.registries ? [{ path: REGISTRIES_PATH, content: facts.registries, mode: 0o644 }] : []),
  ];
  const api = answeringAddress(cluster, facts);
  const steps: PlannedStep[] = [];
  let before: string[] = [];
  const up: string[] = [];
  for (const [index, name] of names.entries()) {
    const told = toldMemory({ name, memory: memoryOf({ source, request }) }, facts);
    const body = copiedNode({
      name,
      toldMemory: told,
      image,
      source,
      cluster,
      request,
      staticIP: addresses?.[index],
    });
    // A node that k3d removed is still known to Kubernetes, which turns a new one of that name away by its password.
    const stale: PlannedStep[] = facts.registered?.includes(name)
      ? [
          {
            id: `forget ${name}`,
            title: 'make Kubernetes forget an earlier node of this name',
            subject: name,
            after: [],
            action: { kind: 'kubernetes.forget', node: name, servers: ask },
          },
        ]
      : [];
    const memory = told ? [tellMemoryStep(name, told)] : [];
    const created = createSteps(name, body, request.networks, files, [...pull, ...memory], { servers: ask });
    const last = created.at(-1)!.id;
    const start = step(startId({ name }), 'start', name, [last, ...stale.map(({ id }) => id), ...before], {
      kind: 'container.start',
      container: name,
    });
    steps.push(...stale, ...memory, ...created, start);
    let done = start.id;
    if (wait) {
      const ready = readyStep(name, role, cluster, api, start.id);
      steps.push(ready);
      done = ready.id;
    }
    up.push(done);
    // etcd takes one new member at a time.
    if (role === 'server') before = [done];
  }
  if (cluster.loadBalancer) {
    const joining = names.map(name => ({ name, role }));
    steps.push(membersStep(cluster, { joining, leaving: [] }, up));
  }
  if (wait) {
    const servers = disablesCoreDns((source.inspect.Config.Cmd ?? []).join(' ')) ? [] : ask;
    steps.push(dnsStep(cluster.network!.name, servers, hostAliasesOf(cluster), up, names));
  }
  return steps;
}

function remoteSteps(
  remote: RemoteCluster,
  request: NodeRequest,
  facts: NodeFacts,
  names: string[],
  image: string,
  pull: PlannedStep[],
): PlannedStep[] {
  const fixes = entrypointFixes(facts, false);
  return names.flatMap(name => {
    const told = toldMemory({ name, memory: request.memory ? parseMemory(request.memory) : 0 }, facts);
    const memory = told ? [tellMemoryStep(name, told)] : [];
    const body = remoteNode(name, image, remote, request, usesEntrypoint(fixes), told ? memoryBinds(told) : []);
    const created = createSteps(
      name,
      body,
      request.networks.slice(1),
      entrypointFiles(fixes),
      [...pull, ...memory],
      undefined,
    );
    const start = step(startId({ name }), 'start', name, [created.at(-1)!.id], {
      kind: 'container.start',
      container: name,
    });
    return [...memory, ...created, start, ...(request.wait ? [joinedStep(name, request.role, start.id)] : [])];
  });
}

/** The scripts that a node of this cluster starts through; the engine may have changed since the cluster was made. */
function scripts(facts: NodeFacts) {
  const fixes = entrypointFixes(facts, false);
  return entrypointFiles(usesEntrypoint(fixes) ? fixes : { ...fixes, mounts: true });
}

function createSteps(
  name: string,
  body: Extract<Action, { kind: 'container.create' }>['body'],
  networks: string[],
  files: Extract<Action, { kind: 'files.write' }>['files'],
  pull: PlannedStep[],
  forget: { servers: string[] } | undefined,
): PlannedStep[] {
  const create = step(
    `create ${name}`,
    'create',
    name,
    pull.map(({ id }) => id),
    {
      kind: 'container.create',
      name,
      body,
      ...(forget ? { forget } : {}),
    },
  );
  const connects = networks.map((network, i) =>
    step(
      `connect ${name} ${network}`,
      `join network ${network}`,
      name,
      [i === 0 ? create.id : `connect ${name} ${networks[i - 1]}`],
      {
        kind: 'network.connect',
        network,
        container: name,
      },
    ),
  );
  const last = connects.at(-1)?.id ?? create.id;
  if (files.length === 0) return [create, ...connects];
  return [
    create,
    ...connects,
    step(`files ${name}`, 'put its files in', name, [last], { kind: 'files.write', container: name, files }),
  ];
}

/** Registered with the API where that can be asked, else as the node's own log says. */
function readyStep(
  name: string,
  role: 'server' | 'agent',
  cluster: Cluster,
  api: ApiAddress | undefined,
  after: string,
): PlannedStep {
  const server = cluster.servers.find(node => node.running);
  if (!api || !server) return joinedStep(name, role, after);
  return step(`registered ${name}`, 'registered', name, [after], {
    kind: 'ready',
    what: { check: 'registered', cluster: cluster.name, server: server.name, api, nodes: [name] },
  });
}

function joinedStep(name: string, role: 'server' | 'agent', after: string): PlannedStep {
  return step(`joined ${name}`, 'joined', name, [after], {
    kind: 'ready',
    what: { check: 'joined', container: name, role },
  });
}

function step(id: string, title: string, subject: string, after: string[], action: Action): PlannedStep {
  return { id, title, subject, after, action };
}
