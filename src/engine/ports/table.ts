import type { LoadBalancerModel } from '../loadbalancer/values.ts';
import type { Cluster, Node, NodePort } from '../model.ts';
import { API_PORT } from '../names.ts';
import { compare } from '../node-of-container.ts';
import { proxyFilters } from './filters.ts';

/** One path into a cluster: a host port, the listener behind it and the nodes behind that. */
export interface PortRow {
  /** Unique over all clusters, and the same in every picture. */
  id: string;
  cluster: string;
  /** '' and 0.0.0.0: all addresses. */
  hostIP: string;
  /** 0: not published, or not known because the load balancer is stopped and was not inspected. */
  hostPort: number;
  /** Port in the container: the load balancer's listener, or the node's own for `direct`. */
  listenerPort: number;
  protocol: string;
  /** Empty when nothing is known to stand behind it. */
  upstreams: { node: string; running: boolean }[];
  kind: 'proxy' | 'direct' | 'api';
  /** The node filters it stands for: `loadbalancer`, `servers:*:proxy`, `agent:0:direct`. */
  filters: string;
}

/**
 * Every path into the cluster, the API first, then by host port. Pure.
 * @param model of the load balancer; undefined: not known (then nothing is said about upstreams but the API's)
 * @param loadBalancerPorts its bindings as inspected: Docker's list has none of a stopped container
 */
export function portTable(
  cluster: Cluster,
  model: LoadBalancerModel | undefined,
  loadBalancerPorts: NodePort[] = cluster.loadBalancer?.ports ?? [],
): PortRow[] {
  const running = new Map([...cluster.servers, ...cluster.agents].map(node => [node.name, node.running]));
  const views = (names: string[]) => names.map(node => ({ node, running: running.get(node) ?? false }));
  const rows: PortRow[] = [];

  if (cluster.loadBalancer) {
    const servers = cluster.servers.map(node => node.name);
    const ports = [...loadBalancerPorts];
    for (const listener of Object.keys(model?.ports ?? {})) {
      const [port, protocol] = [Number(listener.split('.')[0]), listener.split('.')[1] ?? 'tcp'];
      if (ports.some(bound => bound.containerPort === port && bound.protocol === protocol)) continue;
      const api = port === API_PORT && protocol === 'tcp' ? cluster.api : undefined;
      ports.push({ hostIP: api?.hostIP ?? '', hostPort: api?.port ?? 0, containerPort: port, protocol });
    }
    for (const port of ports) {
      const api = isApi(port, cluster);
      const behind =
        model?.ports[`${port.containerPort}.${port.protocol}`] ??
        (port.containerPort === API_PORT && port.protocol === 'tcp' ? servers : []);
      rows.push({
        ...common(cluster, port),
        upstreams: views(behind),
        kind: api ? 'api' : 'proxy',
        filters: api ? 'servers:*:proxy' : proxyFilters(cluster, behind),
      });
    }
  }
  for (const [nodes, role] of [
    [cluster.servers, 'server'],
    [cluster.agents, 'agent'],
  ] as const) {
    nodes.forEach((node: Node, index) => {
      for (const port of node.ports) {
        const api = role === 'server' && !cluster.loadBalancer && isApi(port, cluster);
        rows.push({
          ...common(cluster, port, node.name),
          upstreams: views([node.name]),
          kind: api ? 'api' : 'direct',
          filters: `${role}:${index}:direct`,
        });
      }
    });
  }
  const rank = (row: PortRow) => (row.kind === 'api' ? 0 : 1);
  return rows.sort(
    (a, b) => rank(a) - rank(b) || a.hostPort - b.hostPort || a.listenerPort - b.listenerPort || compare(a.id, b.id),
  );
}

/** The binding under which the Kubernetes API is labelled to be found; another one for 6443 is a mapping like others. */
export function isApi(port: NodePort, cluster: Cluster): boolean {
  if (port.containerPort !== API_PORT || port.protocol !== 'tcp') return false;
  return cluster.api === undefined || port.hostPort === cluster.api.port || port.hostPort === 0;
}

function common(cluster: Cluster, port: NodePort, node = 'serverlb') {
  const { hostIP, hostPort, containerPort, protocol } = port;
  const id = `${cluster.name}/${node}/${hostIP || '0.0.0.0'}:${hostPort}:${containerPort}/${protocol}`;
  return { id, cluster: cluster.name, hostIP, hostPort, listenerPort: containerPort, protocol };
}
