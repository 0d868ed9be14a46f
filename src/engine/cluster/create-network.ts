import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { firstAddress, nextFreeAddress, parseSubnet } from '../../config/subnet.ts';
import type { NetworkCreate, NetworkInspect } from '../../docker/types.ts';
import { reachableHost } from '../endpoint.ts';
import { networkName } from '../names.ts';
import type { ClusterContext } from '../node/container.ts';
import { entrypointFixes, usesEntrypoint } from '../node/entrypoint.ts';
import { NETWORK_ID, NETWORK_RANGE, type PlannedStep } from '../plan.ts';
import type { Facts } from './facts.ts';
import type { ClusterLayout } from './layout.ts';
import { freeSubnet } from './subnets.ts';

/** Joins a network that exists (k3d then calls it external and leaves it at delete), or makes one. */
export function planNetwork(
  spec: ClusterSpec,
  layout: ClusterLayout,
  facts: Facts,
): { context: ClusterContext; steps: PlannedStep[] } {
  const name = spec.network ?? networkName(spec.name);
  const existing = facts.networks.find(network => network.Name === name);
  const context: ClusterContext = {
    spec,
    layout,
    network: { name, id: NETWORK_ID, range: NETWORK_RANGE, external: false },
    entrypoint: usesEntrypoint(entrypointFixes(facts, layout.hostNetwork)),
    staticIPs: new Map(),
    reachable: reachableHost(layout.api, facts.env, facts.endpoint),
  };
  if (existing) {
    context.network = {
      name,
      id: existing.Id,
      // Of the host's own network k3d writes what Go has for no range.
      range: existing.IPAM?.Config?.[0]?.Subnet ?? 'invalid Prefix',
      external: !isLeftover(existing, spec, facts),
    };
    return { context, steps: [] };
  }
  // etcd knows its members by address, and Docker hands addresses out anew at every start: several servers need fixed
  // ones, which Docker only allows in a subnet that was chosen (k3d #550, #262).
  const chooses = spec.subnet === 'auto' || (spec.subnet === undefined && layout.servers.length > 1);
  const subnet = chooses ? freeSubnet(spec.name, facts) : spec.subnet;
  if (subnet) context.staticIPs = staticAddresses(subnet, layout);
  const create: PlannedStep = {
    id: 'network',
    title: `create network ${name}`,
    after: [],
    action: { kind: 'network.create', body: ownNetwork(name, subnet) },
  };
  return { context, steps: [create] };
}

/** A cluster's own network, as k3d makes it; Docker chooses the subnet unless one is given. */
export function ownNetwork(name: string, subnet?: string): NetworkCreate {
  return {
    Name: name,
    Driver: 'bridge',
    CheckDuplicate: true,
    Options: { 'com.docker.network.bridge.enable_ip_masquerade': 'true' },
    Labels: { app: 'k3d' },
    ...(subnet ? { IPAM: { Config: [{ Subnet: subnet, Gateway: firstAddress(parseSubnet(subnet)) }] } } : {}),
  };
}

/** A network that an earlier run of this very cluster left behind: ours to remove with it. */
function isLeftover(network: NetworkInspect, spec: ClusterSpec, facts: Facts): boolean {
  return (
    network.Name === networkName(spec.name) &&
    network.Labels?.app === 'k3d' &&
    !facts.containers.some(container => network.Name in (container.NetworkSettings?.Networks ?? {}))
  );
}

/**
 * Fixed addresses where the subnet is ours. k3d fixes the servers' from the third address on (the first is the
 * gateway's, the second its tools node's) and lets Docker choose the rest, which can then take a server's.
 */
function staticAddresses(subnet: string, layout: ClusterLayout): Map<string, string> {
  const parsed = parseSubnet(subnet);
  const used = [firstAddress(parsed)];
  const next = (): string => {
    const address = nextFreeAddress(parsed, used);
    used.push(address);
    return address;
  };
  // Goes to the first of the others: the first agent, as with k3d, or the load balancer.
  const second = next();
  const addresses = new Map(layout.servers.map(server => [server.name, next()]));
  for (const node of [...layout.agents, ...(layout.loadBalancer ? [layout.loadBalancer] : [])]) {
    addresses.set(node.name, addresses.size === layout.servers.length ? second : next());
  }
  // Docker could give a registry the address of a server that has not started yet.
  for (const name of registryNames(layout)) addresses.set(name, next());
  return addresses;
}

function registryNames({ registries: { create, use } }: ClusterLayout): string[] {
  return [...use.map(({ registry }) => registry.node.name), ...(create ? [create.name] : [])];
}
