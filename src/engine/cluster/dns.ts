import { type HostAlias, parseAliasLabel } from '../../config/host-aliases.ts';
import { hostNameInside } from '../apply/host-address.ts';
import type { Cluster } from '../model.ts';
import type { PlannedStep } from '../plan.ts';
import type { Facts } from './facts.ts';

const ALIASES_LABEL = 'k3d.cluster.start.hostaliases';

/**
 * A cluster's host aliases, by the label that k3d writes (pkg/client/cluster.go); those that are none are left out.
 * @param onOdd called when the label holds anything else
 */
export function hostAliasesOf(cluster: Cluster, onOdd: (label: string) => void = () => {}): HostAlias[] {
  const label = cluster.servers[0]?.labels[ALIASES_LABEL];
  if (!label) return [];
  const { aliases, odd } = parseAliasLabel(label);
  if (odd) onOdd(ALIASES_LABEL);
  return aliases;
}

/** True when our entry point adds every name that a node should know to its hosts file, so that nobody else has to. */
export function addsAllNames(hostAliases: readonly HostAlias[], { engine }: Pick<Facts, 'engine'>): boolean {
  return hostAliases.length === 0 && hostNameInside(engine) === undefined;
}

/** True when k3s runs without CoreDNS by these arguments. k3d pkg/client/cluster.go. */
export function disablesCoreDns(command: string): boolean {
  return /(^|\s)--disable[\s=]\S*coredns/.test(command);
}

/**
 * Names for pods, and for the nodes given. The cluster is of use without them, so a failure is a warning.
 * @param servers none where CoreDNS is disabled
 */
export function dnsStep(
  network: string,
  servers: string[],
  hostAliases: HostAlias[],
  after: string[],
  nodes: string[] = [],
): PlannedStep {
  return {
    id: 'dns',
    title: servers.length > 0 ? 'give pods the names of host and nodes' : 'give nodes the name of the host',
    subject: servers[0] ?? nodes[0],
    after,
    action: { kind: 'dns.inject', servers, nodes, network, hostAliases, hostIP: '' },
    optional: true,
  };
}
