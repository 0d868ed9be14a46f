import { DEFAULT_K3S_IMAGE } from '../../config/default-image.ts';
import { k3sVersionOf } from '../../config/image.ts';
import { K3D_VERSION } from '../../config/k3d-version.ts';
import { parseMemory } from '../../config/memory.ts';
import { K3duiError } from '../../errors.ts';
import { apiAddress } from '../cluster/api-address.ts';
import { type Problem, Problems } from '../cluster/problems.ts';
import { disablesCoreDns, dnsStep, hostAliasesOf, startId } from '../cluster/start.ts';
import { allNames } from '../container-name.ts';
import type { Cluster } from '../model.ts';
import type { Action, ApiAddress, Plan, PlannedStep } from '../plan.ts';
import { copiedNode, freeAddresses, imageReference, memoryOf } from './copy.ts';
import { nodeCreateCommand } from './create-command.ts';
import { ENTRYPOINT_PATH, entrypointFiles, entrypointFixes, usesEntrypoint } from './entrypoint.ts';
import { type NodeFacts, REGISTRIES_PATH } from './facts.ts';
import { membersStep } from './members.ts';
import { memoryBinds, tellMemoryStep, toldMemory } from './meminfo.ts';
import { remoteNode } from './remote.ts';
import { checkRequest, type NodeRequest, type RemoteCluster } from './request.ts';

/** Seconds that adding may take when nobody says otherwise; more when the image must be pulled. */
const CREATE_TIMEOUT = 300;
const PULL_TIMEOUT = 900;

type Target = Cluster | RemoteCluster;

const isRemote = (target: Target): target is RemoteCluster => 'url' in target;

/** Everything wrong with the request, errors and warnings, by field. */
export function checkNodeRequest(target: Target, request: NodeRequest, facts: NodeFacts): Problem[] {
  const problems = new Problems();
  check(target, request, facts, problems);
  return problems.list;
}

/**
 * The plan that adds nodes to a cluster, or to one elsewhere by its URL and token. Agents come up side by side; servers
 * one after the other, as etcd takes one new member at a time. Throws the first error that `checkNodeRequest` would list.
 */
export function planNodeCreate(target: Target, request: NodeRequest, facts: NodeFacts): Plan {
  const problems = new Problems();
  check(target, request, facts, problems);
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

function check(target: Target, request: NodeRequest, facts: NodeFacts, problems: Problems): void {
  checkRequest(request, problems);
  for (const network of request.networks) {
    if (!facts.networks.some(other => other.Name === network || other.Id === network)) {
      problems.error(
        'networks',
        'NETWORK_UNKNOWN',
        `there is no network '${network}'`,
        'see them with: docker network ls',
      );
    }
  }
  const fact = facts.images.get(imageOf(request, facts).asked);
  if (fact?.problem) {
    problems.error(
      'image',
      'IMAGE_UNRESOLVED',
      `image '${request.image}': ${fact.problem}`,
      'name the version instead: --image rancher/k3s:v1.31.5-k3s1',
    );
  }
  if (isRemote(target)) {
    if (!URL.canParse(target.url)) {
      problems.error('cluster', 'CLUSTER_URL_INVALID', `'${target.url}' is no URL`, 'write https://HOST:6443');
    }
    if (!request.token) {
      problems.error(
        'token',
        'TOKEN_MISSING',
        `a node can join ${target.url} only with that cluster's token`,
        'give it with --token; on its server it is in /var/lib/rancher/k3s/server/token',
      );
    }
    return;
  }
  checkCluster(target, request, facts, problems);
}

function checkCluster(cluster: Cluster, request: NodeRequest, facts: NodeFacts, problems: Problems): void {
  const { name } = cluster;
  if (!facts.source || cluster.servers.length === 0) {
    problems.error(
      'cluster',
      'CLUSTER_BROKEN',
      `cluster '${name}' has no server that a node could join`,
      `remove what is left of it: k3dui cluster delete ${name}`,
    );
    return;
  }
  if (!cluster.network || cluster.network.name === 'host') {
    problems.error(
      'cluster',
      'HOST_NETWORK_ONE_NODE',
      'only one node fits on the host network',
      'create the cluster without --network host',
    );
  }
  if (cluster.serversRunning === 0) {
    problems.error(
      'cluster',
      'CLUSTER_STOPPED',
      `cluster '${name}' is not running, so nothing can join it`,
      `start it first: k3dui cluster start ${name}`,
    );
  }
  if (request.role === 'server') {
    if (!takesServers(cluster, facts)) {
      problems.error(
        'role',
        'SERVER_CANNOT_JOIN',
        `cluster '${name}' keeps its data in SQLite, so it can never have a second server`,
        `make one that can: k3dui cluster create NAME --servers 3, or with --k3s-arg --cluster-init@server:0; agents can be added to '${name}' as it is`,
      );
    } else if ((cluster.servers.length + request.replicas) % 2 === 0) {
      problems.warn(
        'replicas',
        'EVEN_SERVERS',
        `with ${cluster.servers.length + request.replicas} servers etcd survives the loss of no more of them than with ${cluster.servers.length + request.replicas - 1}`,
      );
    }
  }
  if (request.image) {
    const [ours, theirs] = [minorOf(imageOf(request, facts).name), minorOf(cluster.k3sVersion)];
    if (ours !== undefined && theirs !== undefined && ours > theirs) {
      problems.warn(
        'image',
        'IMAGE_NEWER',
        `k3s 1.${ours} is newer than the cluster's servers (1.${theirs}); Kubernetes supports only older nodes`,
      );
    }
  }
}

function minorOf(image: string): number | undefined {
  const minor = /^v1\.(\d+)/.exec(k3sVersionOf(image) || image)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** A server with SQLite has no way to share its data; one with etcd or a database outside has. */
export function takesServers(cluster: Cluster, facts: NodeFacts): boolean {
  if (facts.etcd || cluster.servers.length > 1 || cluster.servers.some(server => server.init)) return true;
  const { Cmd, Env } = facts.source!.inspect.Config;
  const flags = (Cmd ?? []).map(word => word.split('=')[0]!);
  const variables = (Env ?? []).map(variable => variable.split('=')[0]!);
  return (
    flags.some(flag => ['--cluster-init', '--datastore-endpoint', '--server', '-s'].includes(flag)) ||
    variables.some(name => ['K3S_CLUSTER_INIT', 'K3S_DATASTORE_ENDPOINT', 'K3S_URL'].includes(name))
  );
}

/** `asked` is the key under which the facts know it. */
function imageOf(request: NodeRequest, { source, images }: NodeFacts): { asked: string; name: string } {
  const asked = request.image || (source ? imageReference(source.inspect, source.image) : DEFAULT_K3S_IMAGE);
  return { asked, name: images.get(asked)?.reference ?? asked };
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
  const api = apiAddress(cluster, facts);
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
      k3dVersion: K3D_VERSION,
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
  const fixes = entrypointFixes(facts.env, facts.engine.CgroupVersion ?? '1', false, facts.engine.Name);
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
  const fixes = entrypointFixes(facts.env, facts.engine.CgroupVersion ?? '1', false, facts.engine.Name);
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

/** The cluster, or the URL of one elsewhere, that `-c` names. Throws CLUSTER_UNKNOWN. */
export function targetNamed(name: string, clusters: readonly Cluster[]): Target {
  if (/^https:\/\//.test(name)) return { url: name };
  const cluster = clusters.find(other => other.name === name);
  if (cluster) return cluster;
  throw new K3duiError({
    code: 'CLUSTER_UNKNOWN',
    message: `no cluster named '${name}': no nodes found for it`,
    hint: 'see them all: k3dui cluster list; a cluster elsewhere is named by its URL, https://HOST:6443',
  });
}
