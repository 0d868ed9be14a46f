import { lookup } from 'node:dns/promises';
import type { Call, Docker } from '../../docker/docker.ts';
import { isAbort, isK3duiError, toK3duiError } from '../../errors.ts';
import { openRegistry } from '../../registry/client.ts';
import { sanitise } from '../../text.ts';
import { isLocal } from '../endpoint.ts';
import type { Cluster, Node } from '../model.ts';
import { REGISTRIES_PATH } from '../node/facts.ts';
import { CONTAINERD_CONFIG, HOSTS_FOLDER } from './facts.ts';
import { hostAddress, type Registry } from './model.ts';
import { nearbyUrl } from './steps.ts';

/** The same image has three names: what Kubernetes says, what Docker on the engine's machine says, and one for both. */
export type ReferencePlace = 'cluster' | 'host' | 'name';

export interface ImageName {
  /** `team/app` */
  repository: string;
  tag: string;
}

export interface Reference {
  place: ReferencePlace;
  /** `k3d-reg:5000/team/app:v1`; without an image only the beginning. */
  text: string;
}

/** What came of asking for it. */
export interface Proof {
  /** `unproven`: it could not be asked from here, which says nothing about it. */
  state: 'good' | 'bad' | 'unproven';
  /** Who asked whom, or why it does not work. */
  text: string;
  /** What makes it work. */
  need?: string;
}

/** The three references of an image in a registry, or of what is yet to come into it. */
export function referencesOf(registry: Registry, image?: ImageName): Reference[] {
  const { node, port, hostPort } = registry;
  const rest = image ? `/${image.repository}:${image.tag}` : '';
  const host = hostAddress(registry);
  return [
    { place: 'cluster', text: `${node.name}:${port}${rest}` },
    ...(host ? [{ place: 'host' as const, text: `${host}${rest}` }] : []),
    ...(hostPort ? [{ place: 'name' as const, text: `${node.name}:${hostPort}${rest}` }] : []),
  ];
}

/** The line in the hosts file of the engine's machine that makes the registry's name known there. */
export function hostsLine({ node, hostIP }: Registry): string {
  return `${hostIP === '' || hostIP === '0.0.0.0' || hostIP === '::' ? '127.0.0.1' : hostIP} ${node.name}`;
}

/** What is needed to prove references. */
export interface ProofContext {
  docker: Docker;
  env: NodeJS.ProcessEnv;
  clusters: readonly Cluster[];
}

/** Proves a reference by a real request; never throws but CANCELLED. */
export async function proveReference(
  context: ProofContext,
  registry: Registry,
  place: ReferencePlace,
  image: ImageName | undefined,
  call: Call = {},
): Promise<Proof> {
  if (!registry.node.running) return { state: 'bad', text: 'the registry does not run', need: 'start it' };
  try {
    if (place === 'cluster') return await proveInCluster(context, registry, image, call);
    if (place === 'host') return await proveOnHost(context, registry, image, call);
    return await proveByName(context, registry, image, call);
  } catch (error) {
    if (isAbort(error) && call.signal?.aborted) throw error;
    const { message, hint } = toK3duiError(error);
    return { state: 'unproven', text: sanitise(message), ...(hint && { need: hint }) };
  }
}

/** A node of each cluster that runs asks the registry as its containerd would, and containerd knows where to ask. */
async function proveInCluster(
  { docker, clusters }: ProofContext,
  registry: Registry,
  image: ImageName | undefined,
  call: Call,
): Promise<Proof> {
  const using = clusters.filter(({ name }) => registry.clusters.includes(name));
  const asking = using.flatMap(cluster => {
    const node = [...cluster.servers, ...cluster.agents].find(({ running }) => running);
    return node ? [{ cluster, node }] : [];
  });
  if (using.length === 0) return { state: 'unproven', text: 'no cluster uses it', need: 'connect it to a cluster' };
  if (asking.length === 0)
    return { state: 'unproven', text: `no node of ${listed(using)} runs`, need: 'start the cluster' };
  const failures = await Promise.all(
    asking.map(async ({ cluster, node }) => {
      const why = await askFromNode(docker, node, registry, image, call);
      return why ? [`${cluster.name}: ${why}`] : [];
    }),
  );
  const [failure] = failures.flat();
  if (failure)
    return {
      state: 'bad',
      text: failure,
      need: /starts next/.test(failure) ? 'restart the cluster' : 'connect it to the cluster again',
    };
  const what = image ? 'its manifest' : 'an answer';
  return { state: 'good', text: `${asking.map(({ node }) => node.name).join(', ')} got ${what}` };
}

const listed = (clusters: readonly Cluster[]): string => clusters.map(({ name }) => name).join(', ');

/** Why the node cannot pull from it; undefined: it can. */
async function askFromNode(
  docker: Docker,
  node: Node,
  registry: Registry,
  image: ImageName | undefined,
  call: Call,
): Promise<string | undefined> {
  const host = `${registry.node.name}:${registry.port}`;
  const [hosts, config, registries] = await Promise.all([
    docker.readFile(node.id, `${HOSTS_FOLDER}/${host}/hosts.toml`, call),
    docker.readFile(node.id, CONTAINERD_CONFIG, call),
    docker.readFile(node.id, REGISTRIES_PATH, call),
  ]);
  // Older k3s has it all in one file, which it writes when it starts from what it is told.
  const known = hosts !== undefined || (config ?? registries)?.includes(host) === true;
  if (!known && registries?.includes(host)) return `k3s in ${node.name} learns of ${host} when it starts next`;
  if (!known) return `containerd in ${node.name} does not know ${host}`;
  const path = image ? `${image.repository}/manifests/${image.tag}` : '';
  const accept =
    'Accept: application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json';
  const command = ['wget', '-q', '-O', '/dev/null', '--header', accept, `http://${host}/v2/${path}`];
  const { exitCode, stderr } = await docker.exec(node.id, command, {}, call);
  if (exitCode === 0) return undefined;
  const said = sanitise(stderr.trim().split('\n').at(-1) ?? '').replace(/^wget: /, '');
  return `${node.name} got no answer from ${host}: ${said || `exit code ${exitCode}`}`;
}

/** Docker asks the registry itself, as it would to push or pull; while that is empty this machine asks at its port. */
async function proveOnHost(
  { docker, env }: ProofContext,
  registry: Registry,
  image: ImageName | undefined,
  call: Call,
): Promise<Proof> {
  const address = hostAddress(registry);
  if (!address) return { state: 'bad', text: 'it is published on no port', need: 'make it anew with --port' };
  const byDocker = await askThroughDocker(docker, address, image, call);
  if (byDocker.state !== 'good') return byDocker;
  const url = nearbyUrl(registry, { env, endpoint: docker.endpoint });
  if (!url) return byDocker;
  const api = openRegistry(url);
  try {
    await api.ping(call);
    return byDocker;
  } finally {
    api.close();
  }
}

/** The name must be known on the engine's machine. */
async function proveByName(
  { docker }: ProofContext,
  registry: Registry,
  image: ImageName | undefined,
  call: Call,
): Promise<Proof> {
  const name = `${registry.node.name}:${registry.hostPort}`;
  const proof = await askThroughDocker(docker, name, image, call);
  if (proof.state === 'good') return proof;
  const local = isLocal(docker.endpoint);
  const line = `a line in ${local ? 'the hosts file' : "the hosts file of the engine's machine"}: ${hostsLine(registry)}`;
  const known =
    local &&
    (await lookup(registry.node.name).then(
      () => true,
      () => false,
    ));
  if (!known || /no such host|lookup/.test(proof.text)) {
    return {
      state: 'bad',
      text: `${registry.node.name} is not known ${local ? 'on this machine' : "on the engine's machine"}`,
      need: line,
    };
  }
  return proof;
}

/** Docker's own question about an image; "no such image" is an answer of the registry too. */
async function askThroughDocker(
  docker: Docker,
  address: string,
  image: ImageName | undefined,
  call: Call,
): Promise<Proof> {
  const reference = image ? `${address}/${image.repository}:${image.tag}` : `${address}/k3dui/is-anybody-there:0`;
  try {
    await docker.remoteDigest(reference, call);
    return { state: 'good', text: `Docker got ${image ? 'its manifest' : 'an answer'} from ${address}` };
  } catch (error) {
    if (!isK3duiError(error)) throw error;
    if (error.code === 'MANIFEST_MISSING') {
      if (!image) return { state: 'good', text: `Docker got an answer from ${address}` };
      return { state: 'bad', text: `${address} has no ${image.repository}:${image.tag}` };
    }
    if (error.code !== 'PULL_FAILED') throw error;
    return { state: 'bad', text: sanitise(error.message), ...(error.hint && { need: error.hint }) };
  }
}
