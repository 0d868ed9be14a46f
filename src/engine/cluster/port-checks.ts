import type { PortMapping } from '../../config/ports.ts';
import type { Facts } from './facts.ts';
import type { ClusterLayout, NodeLayout } from './layout.ts';
import { overlaps, portOwner } from './port-owner.ts';
import type { Problems } from './problems.ts';

/** Docker starts one proxy process per published port. */
const MANY_PORTS = 100;

/** The host ports that a cluster asks for: each once, and none that somebody has. */
export function checkPorts(layout: ClusterLayout, facts: Facts, problems: Problems): void {
  const bindings: { node: NodeLayout | undefined; hostIP: string; port: number; protocol: string; field: string }[] =
    [];
  const add = (node: NodeLayout, mapping: PortMapping) => {
    if (mapping.hostPort !== undefined && mapping.hostPortEnd === undefined) {
      bindings.push({
        node,
        hostIP: mapping.hostIP,
        port: mapping.hostPort,
        protocol: mapping.protocol,
        field: 'ports',
      });
    }
  };
  for (const node of [layout.loadBalancer, ...layout.servers, ...layout.agents])
    for (const mapping of node?.ports ?? []) add(node!, mapping);
  bindings.push({
    node: layout.loadBalancer,
    hostIP: layout.api.hostIP,
    port: layout.api.port,
    protocol: 'tcp',
    field: 'kubeAPI',
  });

  const { create } = layout.registries;
  const registry = create && { node: undefined, hostIP: create.hostIP, port: create.hostPort, protocol: 'tcp' };
  if (registry) bindings.push({ ...registry, field: 'registryCreate' });

  const seen = new Map<string, string>();
  for (const { hostIP, port, protocol, field } of bindings) {
    const key = `${port}/${protocol}`;
    if (seen.has(key) && (field === 'kubeAPI' || overlaps(seen.get(key)!, hostIP))) {
      problems.error(
        field,
        'PORT_TWICE',
        `host port ${key} is asked for twice`,
        'give each mapping a host port of its own',
      );
    }
    seen.set(key, hostIP);
    // The registry's own was looked at before.
    const owner = field === 'registryCreate' ? undefined : portOwner(facts, { hostIP, port, protocol });
    if (owner) {
      problems.error(
        field,
        'PORT_TAKEN',
        `host port ${key} is taken by ${owner}`,
        field === 'kubeAPI' ? 'use another: --api-port random' : `use another host port, or free it`,
      );
    }
  }
  if (bindings.length > MANY_PORTS) {
    problems.warn(
      'ports',
      'MANY_PORTS',
      `${bindings.length} ports are published: Docker runs a process for each, which takes long`,
      'publish fewer, or use an Ingress',
    );
  }
}
