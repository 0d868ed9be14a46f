import type { Cluster } from '../model.ts';
import { API_PORT } from '../names.ts';
import type { LoadBalancerModel } from './values.ts';

const API_LISTENER = `${API_PORT}.tcp`;

/**
 * The model after a node has gone: it leaves every listener. One that led to it alone goes too: nginx does not start with
 * an upstream that has no node, nor with a node whose name does not resolve. Its host port stays bound, and can be led
 * somewhere else at any time without an interruption. Pure.
 */
export function withoutNode(model: LoadBalancerModel, node: string): LoadBalancerModel {
  const ports = Object.entries(model.ports)
    .map(([listener, nodes]) => [listener, nodes.filter(name => name !== node)] as const)
    .filter(([, left]) => left.length > 0);
  return { ports: Object.fromEntries(ports), settings: model.settings };
}

/**
 * The model after a node has come: it joins the listeners that mean "all", those whose nodes were exactly all servers and
 * agents, or all of its own kind; a server also joins the API's. All others are left alone. Pure.
 * @param cluster as it is with or without the node
 */
export function withNode(
  model: LoadBalancerModel,
  cluster: Pick<Cluster, 'servers' | 'agents'>,
  node: { name: string; role: 'server' | 'agent' },
): LoadBalancerModel {
  const names = (nodes: { name: string }[]) => nodes.map(({ name }) => name).filter(name => name !== node.name);
  const servers = names(cluster.servers);
  const agents = names(cluster.agents);
  const own = node.role === 'server' ? servers : agents;
  const ports = Object.entries(model.ports).map(([listener, nodes]) => {
    const before = nodes.filter(name => name !== node.name);
    const joins =
      listener === API_LISTENER
        ? node.role === 'server'
        : isExactly(before, [...servers, ...agents]) || (own.length > 0 && isExactly(before, own));
    if (!joins || nodes.includes(node.name)) return [listener, nodes] as const;
    // Servers stand before agents, as in a cluster that was created with it.
    const lastServer = nodes.findLastIndex(name => servers.includes(name));
    const at = node.role === 'server' ? lastServer + 1 : nodes.length;
    return [listener, nodes.toSpliced(at, 0, node.name)] as const;
  });
  return { ports: Object.fromEntries(ports), settings: model.settings };
}

function isExactly(nodes: string[], all: string[]): boolean {
  return nodes.length === all.length && all.every(name => nodes.includes(name));
}
