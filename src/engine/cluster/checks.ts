import { checkClusterName } from '../../config/cluster-name.ts';
import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { checkHostAlias } from '../../config/host-aliases.ts';
import { parseSubnet, subnetsOverlap } from '../../config/subnet.ts';
import { formatBytes } from '../../text.ts';
import { allNames } from '../container-name.ts';
import { sharesFiles } from '../endpoint.ts';
import { networkName } from '../names.ts';
import { REGISTRIES_PATH } from '../node/facts.ts';
import { checkRegistry } from '../registry/layout.ts';
import type { Facts } from './facts.ts';
import { cannotRun } from './k3s-versions.ts';
import type { ClusterLayout } from './layout.ts';
import { checkPorts } from './port-checks.ts';
import type { Problems } from './problems.ts';

/** A server idles at about this much; below it k3s does not come up. */
const MEMORY_PER_SERVER = 512 * 1024 * 1024;
const MEMORY_PER_AGENT = 128 * 1024 * 1024;

/** Every check that can be made before anything is touched. */
export function checkCluster(spec: ClusterSpec, layout: ClusterLayout, facts: Facts, problems: Problems): void {
  problems.try('name', () => checkClusterName(spec.name), undefined);
  if (clusterExists(spec.name, facts)) {
    problems.error(
      'name',
      'CLUSTER_EXISTS',
      `a cluster with the name '${spec.name}' exists already`,
      `choose another name, or delete it first: k3dui cluster delete ${spec.name}`,
    );
  }
  checkCounts(spec, problems);
  checkNames(layout, facts, problems);
  checkNetwork(spec, facts, problems);
  checkRegistries(layout, facts, problems);
  checkImage(spec, facts, problems);
  checkPorts(layout, facts, problems);
  checkMachine(spec, facts, problems);
  checkHostAliases(spec, problems);
  checkMemory(layout, problems);
  if ((spec.serversMemory || spec.agentsMemory) && !sharesFiles(facts.endpoint)) {
    problems.warn(
      'serversMemory',
      'MEMORY_UNTOLD',
      'nodes are limited in memory, but kubelet reports that of the whole machine, as Docker runs on another one',
    );
  }
  const sources = [...layout.servers, ...layout.agents].flatMap(node => node.binds.map(bind => bind.split(':')[0]!));
  const missing = sources.find(source => facts.missingPaths.includes(source));
  if (missing !== undefined) {
    problems.warn(
      'volumes',
      'VOLUME_SOURCE_MISSING',
      `${missing} does not exist: Docker will make it as an empty folder of root's`,
    );
  }
}

/** By the containers read just now: the snapshot is a moment behind what this process itself has removed or undone. */
function clusterExists(name: string, facts: Facts): boolean {
  return facts.containers.some(({ Labels: labels = {} }) => {
    return labels.app === 'k3d' && labels['k3d.cluster'] === name && labels['k3d.role'] !== 'registry';
  });
}

function checkCounts(spec: ClusterSpec, problems: Problems): void {
  if (!Number.isInteger(spec.servers) || spec.servers < 1) {
    problems.error(
      'servers',
      'SERVERS_INVALID',
      `a cluster needs at least one server, not ${spec.servers}`,
      'use --servers 1 or more',
    );
  }
  if (!Number.isInteger(spec.agents) || spec.agents < 0) {
    problems.error(
      'agents',
      'AGENTS_INVALID',
      `the number of agents cannot be ${spec.agents}`,
      'use --agents 0 or more',
    );
  }
  if (spec.servers === 2) {
    problems.warn(
      'servers',
      'TWO_SERVERS',
      'with two servers etcd stands still as soon as one is down: one or three are safer',
    );
  }
  if (spec.network === 'host' && (spec.servers > 1 || spec.agents > 0)) {
    problems.error(
      'network',
      'HOST_NETWORK_ONE_NODE',
      'only one node fits on the host network',
      'use --servers 1 --agents 0, or another network',
    );
  }
}

/** Containers in the way that no cluster owns: leftovers of a killed run, or somebody else's. */
function checkNames(layout: ClusterLayout, facts: Facts, problems: Problems): void {
  const wanted = new Set([layout.loadBalancer, ...layout.servers, ...layout.agents].map(node => node?.name));
  const taken = [...allNames(facts.containers)].find(name => wanted.has(name));
  if (taken && !problems.list.some(problem => problem.code === 'CLUSTER_EXISTS')) {
    problems.error(
      'name',
      'NAME_TAKEN',
      `there is a container named ${taken} already`,
      `choose another cluster name, or remove it: docker rm -f ${taken}`,
    );
  }
}

function checkRegistries({ registries, servers, agents }: ClusterLayout, facts: Facts, problems: Problems): void {
  if (registries.create) checkRegistry(registries.create, facts, problems, 'registryCreate');
  const mounted = [...servers, ...agents].some(node => node.binds.some(bind => bind.split(':')[1] === REGISTRIES_PATH));
  if (mounted && registries.files.length > 0) {
    problems.warn(
      'volumes',
      'REGISTRIES_MOUNTED',
      `the file mounted at ${REGISTRIES_PATH} is overwritten by the settings of the registries asked for`,
      'give it as --registry-config instead: then both are merged',
    );
  }
}

function checkNetwork(spec: ClusterSpec, facts: Facts, problems: Problems): void {
  const existing = facts.networks.find(network => network.Name === (spec.network ?? networkName(spec.name)));
  if (spec.network && spec.network !== 'host' && !existing) {
    problems.warn(
      'network',
      'NETWORK_NEW',
      `network ${spec.network} does not exist: it is made, and removed with the cluster`,
    );
  }
  // Docker resolves container names only in networks that somebody made.
  const alone = spec.servers === 1 && spec.agents === 0 && !spec.loadBalancer;
  if (spec.network === 'none' || (spec.network === 'bridge' && !alone)) {
    problems.error(
      'network',
      'NETWORK_WITHOUT_NAMES',
      `in Docker's network '${spec.network}' the nodes of a cluster cannot find each other`,
      'make a network and name that: docker network create NAME',
    );
  }
  if (!spec.subnet || spec.subnet === 'auto') return;
  if (existing) {
    problems.error(
      'subnet',
      'SUBNET_OF_EXISTING',
      `network ${existing.Name} exists, so its subnet cannot be chosen`,
      'leave out --subnet or --network',
    );
    return;
  }
  const subnet = problems.try('subnet', () => parseSubnet(spec.subnet!), undefined);
  if (!subnet) return;
  for (const network of facts.networks) {
    for (const config of network.IPAM?.Config ?? []) {
      if (!config.Subnet || config.Subnet.includes(':')) continue;
      if (subnetsOverlap(subnet, parseSubnet(config.Subnet))) {
        problems.error(
          'subnet',
          'SUBNET_TAKEN',
          `subnet ${spec.subnet} overlaps with ${config.Subnet} of network ${network.Name}`,
          'choose another, or --subnet auto',
        );
        return;
      }
    }
  }
}

function checkImage(spec: ClusterSpec, facts: Facts, problems: Problems): void {
  const fact = facts.images.get(spec.image);
  if (fact?.problem) {
    problems.error(
      'image',
      'IMAGE_UNRESOLVED',
      `image '${spec.image}': ${fact.problem}`,
      'name the version instead: --image rancher/k3s:v1.31.5-k3s1',
    );
    return;
  }
  const problem = cannotRun(fact?.reference ?? spec.image, facts.engine.CgroupVersion);
  if (problem) problems.error('image', 'CGROUP_V2', problem, 'use k3s v1.20 or newer');
}

function checkMachine(spec: ClusterSpec, facts: Facts, problems: Problems): void {
  const { MemTotal, OSType } = facts.engine;
  if (OSType && OSType !== 'linux') {
    problems.error(
      'engine',
      'ENGINE_NOT_LINUX',
      `this Docker engine runs ${OSType} containers`,
      'switch Docker to Linux containers',
    );
  }
  const needed = spec.servers * MEMORY_PER_SERVER;
  if (MemTotal > 0 && needed > MemTotal) {
    problems.warn(
      'servers',
      'MEMORY_SCARCE',
      `${spec.servers} server${spec.servers === 1 ? '' : 's'} need about ${formatBytes(needed)}, Docker has ${formatBytes(MemTotal)}`,
      'give Docker more memory, or use fewer servers',
    );
  }
}

/** Those of a file have not been looked at yet. */
function checkHostAliases({ hostAliases, network }: ClusterSpec, problems: Problems): void {
  for (const alias of hostAliases) problems.try('hostAliases', () => checkHostAlias(alias), alias);
  if (network === 'host' && hostAliases.length > 0) {
    problems.error(
      'hostAliases',
      'HOST_NETWORK_ALIASES',
      'hostAliases not allowed in hostnetwork mode: the node has the hosts file of the machine',
      'leave out --host-alias, or --network host',
    );
  }
}

/** k3s does not come up in less, and ends again and again. */
function checkMemory(layout: ClusterLayout, problems: Problems): void {
  const [server, agent] = [layout.servers[0], layout.agents[0]];
  if (server && server.memory > 0 && server.memory < MEMORY_PER_SERVER) {
    problems.warn(
      'serversMemory',
      'MEMORY_LITTLE',
      `a server hardly comes up with ${formatBytes(server.memory)} of memory`,
      `use ${formatBytes(MEMORY_PER_SERVER)} or more`,
    );
  }
  if (agent && agent.memory > 0 && agent.memory < MEMORY_PER_AGENT) {
    problems.warn(
      'agentsMemory',
      'MEMORY_LITTLE',
      `an agent hardly comes up with ${formatBytes(agent.memory)} of memory`,
      `use ${formatBytes(MEMORY_PER_AGENT)} or more`,
    );
  }
}
