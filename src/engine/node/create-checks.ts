import { DEFAULT_K3S_IMAGE } from '../../config/default-image.ts';
import { k3sVersionOf } from '../../config/image.ts';
import type { Problems } from '../cluster/problems.ts';
import { sharesFiles } from '../endpoint.ts';
import type { Cluster } from '../model.ts';
import { imageReference } from './copy.ts';
import type { NodeFacts } from './facts.ts';
import { checkRequest, type NodeRequest } from './request.ts';
import { isRemote, type Target } from './target.ts';

/** Every check that can be made before anything is touched. */
export function checkNode(target: Target, request: NodeRequest, facts: NodeFacts, problems: Problems): void {
  checkRequest(request, problems);
  if (request.memory && !sharesFiles(facts.endpoint)) {
    problems.warn(
      'memory',
      'MEMORY_UNTOLD',
      'the node is limited in memory, but kubelet reports that of the whole machine, as Docker runs on another one',
    );
  }
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

/** The image that new nodes get; `asked` is the key under which the facts know it. */
export function imageOf(request: NodeRequest, { source, images }: NodeFacts): { asked: string; name: string } {
  const asked = request.image || (source ? imageReference(source.inspect, source.image) : DEFAULT_K3S_IMAGE);
  return { asked, name: images.get(asked)?.reference ?? asked };
}
