import { K3duiError } from '../errors.ts';
import { filterNodesWithSuffix, type NodeRef } from './node-filters.ts';
import { type PortMapping, parsePortSpec, upstreamKey } from './ports.ts';

/** k3d's targets of a port that names none, or names the load balancer. k3d pkg/config/types. */
export const DEFAULT_PORT_FILTERS: readonly string[] = ['servers:*:proxy', 'agents:*:proxy'];

export interface PlacedPorts {
  /** Node name → host ports to publish on it. Proxied ones are under the load balancer's name. */
  bindings: Map<string, PortMapping[]>;
  /** `80.tcp` → names of the nodes behind it, servers before agents. The API's own 6443.tcp is not among them. */
  upstreams: Map<string, string[]>;
}

/**
 * The filters a port mapping really has (k3d pkg/client/ports.go:46-116): none, or the load balancer, means all servers
 * and agents behind the load balancer. With a single node and no filter k3d fails; here the port goes straight to it.
 */
export function expandPortFilters(nodeFilters: string[], nodeCount: number): string[] {
  if (nodeFilters.length === 0) return nodeCount > 1 ? [...DEFAULT_PORT_FILTERS] : ['servers:*:direct'];
  if (nodeFilters.some(filter => filter.startsWith('loadbalancer'))) return [...DEFAULT_PORT_FILTERS];
  return nodeFilters;
}

/**
 * Where each port is published and which nodes stand behind it. `nodes` are all nodes, the load balancer included;
 * `allowed` are the suffixes the command takes (`cluster edit`: only proxy).
 * Throws PORT_SPEC_INVALID, NODE_FILTER_INVALID, PORT_TARGET_INVALID with k3d's words.
 */
export function placePorts(
  ports: { port: string; nodeFilters: string[] }[],
  nodes: NodeRef[],
  hasLoadBalancer: boolean = nodes.some(node => node.role === 'loadbalancer'),
  allowed: string[] = ['proxy', 'direct'],
): PlacedPorts {
  const loadBalancer = hasLoadBalancer ? nodes.find(node => node.role === 'loadbalancer') : undefined;
  const candidates = hasLoadBalancer ? nodes : nodes.filter(node => node.role !== 'loadbalancer');
  const placed: PlacedPorts = { bindings: new Map(), upstreams: new Map() };
  for (const { port, nodeFilters } of ports) {
    const mappings = parsePortSpec(port);
    const filters = expandPortFilters(nodeFilters, candidates.length);
    for (const [suffix, targets] of filterNodesWithSuffix(candidates, filters, allowed)) {
      if (targets.length === 0) continue;
      if (suffix === 'direct') {
        publish(placed, onlyOne(targets, port).name, mappings);
        continue;
      }
      if (!loadBalancer) {
        throw invalid(
          "port-mapping of type 'proxy' specified, but loadbalancer is disabled",
          `publish it on one node instead: --port '${port}@server:0:direct', or leave out --no-lb`,
        );
      }
      if (targets.some(node => node.role === 'loadbalancer')) {
        throw invalid(
          'error modifying loadbalancer port config: cannot add a port config referencing the loadbalancer itself (loop)',
          `for every node behind the load balancer write --port '${port}@loadbalancer'`,
        );
      }
      publish(placed, loadBalancer.name, mappings);
      for (const mapping of mappings) stand(placed.upstreams, upstreamKey(mapping), targets, nodes);
    }
  }
  return placed;
}

function publish(placed: PlacedPorts, name: string, mappings: PortMapping[]): void {
  placed.bindings.set(name, [...(placed.bindings.get(name) ?? []), ...mappings]);
}

/** Adds the targets to an upstream, each once, servers before agents and otherwise in list order. */
function stand(upstreams: Map<string, string[]>, key: string, targets: NodeRef[], nodes: NodeRef[]): void {
  const names = new Set([...(upstreams.get(key) ?? []), ...targets.map(node => node.name)]);
  const ordered = ['server', 'agent'].flatMap(role => nodes.filter(node => node.role === role && names.has(node.name)));
  upstreams.set(
    key,
    ordered.map(node => node.name),
  );
}

function onlyOne(targets: NodeRef[], port: string): NodeRef {
  const [target] = targets;
  if (target === undefined || targets.length > 1) {
    throw invalid(
      `cannot apply a direct port-mapping (${port}) to more than one node`,
      'a host port can belong to one container only: name one node, or go through the load balancer',
    );
  }
  return target;
}

function invalid(message: string, hint: string): K3duiError {
  return new K3duiError({ code: 'PORT_TARGET_INVALID', message, hint });
}
