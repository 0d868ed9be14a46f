import type { NetworkCreate, NetworkInspect } from '../../../docker/types.ts';
import { K3duiError } from '../../../errors.ts';
import { sanitise } from '../../../text.ts';
import { ownNetwork } from '../../cluster/create-network.ts';
import { gatherFacts } from '../../cluster/facts.ts';
import { startSteps } from '../../cluster/start.ts';
import { stopSteps } from '../../cluster/stop.ts';
import { containerName } from '../../container-name.ts';
import type { Engine } from '../../engine.ts';
import type { Cluster, Node } from '../../model.ts';
import type { Plan, PlannedStep } from '../../plan.ts';
import { type Check, clusterCheck } from '../check.ts';
import type { Symptom } from '../finding.ts';
import { clusterNow, fixCommand, repair } from '../remedies.ts';

/** k3s pkg/etcd: `this server is a not a member of the etcd cluster. Found [NAME=https://IP:2380 …], expect: NAME=IP` */
const NOT_A_MEMBER = /not a member of the etcd cluster\. Found \[([^\]]*)\], expect: ([^\s=]+)=(?:https:\/\/)?([\d.]+)/;

export interface Member {
  node: Node;
  /** Its address in the cluster's network, as k3s saw it at its last start; empty where nobody knows. */
  now: string;
  /** The address under which etcd knows it. Of a server that is up it is the one it has. */
  formed: string;
}

/** What a server's log says of etcd's members, as it last did; undefined where it says nothing of the kind. */
export interface MemberWords {
  /** Node name → the address under which etcd knows it. */
  formed: Map<string, string>;
  /** The server that says so, and the address that it has. */
  name: string;
  now: string;
}

export function readMembers(lines: readonly string[]): MemberWords | undefined {
  const match = lines.map(line => NOT_A_MEMBER.exec(line)).findLast(found => found !== null);
  if (!match) return undefined;
  const [, members = '', name = '', now = ''] = match;
  const formed = members.split(/[\s,]+/).flatMap((text): [string, string][] => {
    const [, member = '', address = ''] = /^(.+)=https:\/\/([\d.]+):2380/.exec(text) ?? [];
    return member === '' ? [] : [[nodeOf(member), address]];
  });
  return { formed: new Map(formed), name: nodeOf(name), now };
}

/** Members are called by the node's name and eight hexadecimal digits. */
const nodeOf = (member: string): string => member.replace(/-[0-9a-f]{8}$/, '');

/** Servers that have other addresses than when etcd was formed, which it does not forgive (k3d #550, #262). */
function judgeAddresses({ cluster, members }: { cluster: Cluster; members: Member[] }): Symptom[] {
  const moved = members.filter(({ now, formed }) => now !== '' && now !== formed);
  if (moved.length === 0) return [];
  return [
    {
      severity: 'problem',
      subject: 'etcd',
      message: `servers of ${cluster.name} have other addresses than when etcd was formed, so it does not come up`,
      evidence: moved.map(({ node, now, formed }) => `${node.name}: now ${now}, etcd knows ${formed}`),
      remedy: {
        title: 'give the servers their old addresses back, for good',
        command: fixCommand(cluster.name),
        plan: (engine, call) => planAddresses(engine, cluster.name, members, call),
      },
    },
  ];
}

/**
 * Stops the cluster, makes its network anew with the same subnet but as a chosen one (Docker gives fixed addresses only
 * there), puts every node on it, the servers with the addresses that etcd knows, and starts the cluster.
 * Throws NETWORK_IN_USE when somebody else is on the network.
 */
async function planAddresses(
  engine: Engine,
  name: string,
  members: readonly Member[],
  call: { signal?: AbortSignal },
): Promise<Plan> {
  const cluster = clusterNow(engine, name);
  const facts = await gatherFacts(engine, {}, call);
  const found = await engine.docker.inspectNetwork(cluster.network?.name ?? '', call);
  const network = found ? sameNetwork(found) : lostNetwork(cluster);
  const nodes = [
    ...cluster.servers,
    ...cluster.agents,
    ...(cluster.loadBalancer ? [cluster.loadBalancer] : []),
    ...cluster.registries,
  ];
  const others = facts.containers.filter(
    ({ Id, NetworkSettings }) =>
      network.Name in (NetworkSettings?.Networks ?? {}) && !nodes.some(node => node.id === Id),
  );
  if (others.length > 0) {
    const names = others.map(containerName).join(', ');
    throw new K3duiError({
      code: 'NETWORK_IN_USE',
      message: `${names} of others ${others.length === 1 ? 'is' : 'are'} on network ${network.Name}, which must be made anew`,
      hint: `take them off first: docker network disconnect ${network.Name} NAME`,
    });
  }
  const stops = stopSteps(cluster);
  const stopped = stops.map(step => step.id);
  const step = (id: string, title: string, subject: string, after: string[], action: PlannedStep['action']) => ({
    ...{ id, title, subject, after, action },
  });
  const leave = nodes
    .filter(node => node.networks.some(one => one.name === network.Name))
    .map(node =>
      step(`leave ${node.name}`, `leave network ${network.Name}`, node.name, stopped, {
        kind: 'network.disconnect',
        network: network.Name,
        container: node.name,
      }),
    );
  const left = [...stopped, ...leave.map(({ id }) => id)];
  const remove: PlannedStep[] = found
    ? [
        {
          id: 'remove network',
          title: `remove network ${network.Name}`,
          after: left,
          action: { kind: 'network.remove', network: found.Id },
        },
      ]
    : [];
  const create: PlannedStep = {
    id: 'create network',
    title: `make network ${network.Name} anew, with its subnet chosen`,
    after: [...left, ...remove.map(({ id }) => id)],
    action: { kind: 'network.create', body: network },
  };
  const address = (node: Node) => members.find(member => member.node.name === node.name)?.formed ?? fixedOf(node);
  // Those with an address of their own first, so that nobody else is given it.
  const ordered = [...nodes.filter(node => address(node)), ...nodes.filter(node => !address(node))];
  const joins: PlannedStep[] = [];
  for (const node of ordered) {
    const ipv4 = address(node);
    joins.push(
      step(
        `join ${node.name}`,
        `join network ${network.Name}${ipv4 ? ` as ${ipv4}` : ''}`,
        node.name,
        [joins.at(-1)?.id ?? create.id],
        { kind: 'network.connect', network: network.Name, container: node.name, ...(ipv4 ? { ipv4 } : {}) },
      ),
    );
  }
  const before = joins.map(({ id }) => id);
  const starts = startSteps(cluster, facts, true, before);
  return repair(
    `give the servers of ${name} their old addresses back`,
    fixCommand(name),
    cluster,
    [...stops, ...leave, ...remove, create, ...joins, ...starts],
    { onFailure: 'keep', timeoutSeconds: 300 },
  );
}

const fixedOf = (node: Node): string | undefined => node.labels['k3d.node.staticIP'] || undefined;

function sameNetwork({ Name, Driver, Options, Labels, IPAM }: NetworkInspect): NetworkCreate {
  const config = (IPAM?.Config ?? []).map(({ Subnet, Gateway }) => ({
    ...(Subnet ? { Subnet } : {}),
    ...(Gateway ? { Gateway: Gateway.split('/')[0]! } : {}),
  }));
  return {
    Name,
    Driver,
    CheckDuplicate: true,
    Options: Options ?? {},
    Labels: Labels ?? {},
    IPAM: { Config: config },
  };
}

/**
 * A run that was cut off here had removed the network and not made it anew: what k3d wrote on the nodes says how it was.
 * Throws NOT_FOUND when it does not.
 */
function lostNetwork({ network }: Cluster): NetworkCreate {
  if (network?.subnet) return ownNetwork(network.name, network.subnet);
  throw new K3duiError({
    code: 'NOT_FOUND',
    message: `network ${network?.name} is gone, and nothing says which addresses it had`,
    hint: 'delete the cluster and make it anew',
  });
}

/** Lines in which a server that gave up says why. */
const LINES = 200;

export const ADDRESS_CHECKS: readonly Check[] = [
  clusterCheck(
    'cluster.addresses',
    'cluster',
    'addresses of servers against those that etcd was formed with',
    async subject => {
      const { cluster } = subject;
      // Only etcd cares.
      if (cluster.servers.length < 2) return undefined;
      const steady = new Set((await subject.steadyNodes()).map(({ id }) => id));
      const said = await Promise.all(
        cluster.servers.map(async node => {
          // Some versions of k3s end, others go on trying for ever.
          const { State } = await subject.inspect(node);
          const since = steady.has(node.id) ? State.StartedAt : undefined;
          return readMembers((await subject.lastLines(node, LINES, since)).map(sanitise));
        }),
      );
      const words = said.filter(one => one !== undefined);
      const formed = new Map(words.flatMap(one => [...one.formed]));
      const members = cluster.servers.map((node): Member[] => {
        const own = words.find(({ name }) => name === node.name);
        const now = own?.now ?? node.networks.find(({ name }) => name === cluster.network?.name)?.ip ?? '';
        const before = formed.get(node.name);
        // Whoever runs and complains of nothing may be no member of those that were named.
        return before ? [{ node, now, formed: before }] : [];
      });
      return { cluster, members: members.flat() };
    },
    judgeAddresses,
  ),
];
