import { DEFAULT_WORKER_CONNECTIONS, type LoadBalancerModel } from '../loadbalancer/values.ts';
import type { Cluster, NodePort } from '../model.ts';
import { API_PORT } from '../names.ts';

const API_LISTENER = `${API_PORT}.tcp`;

/**
 * What a load balancer whose values are lost should do, from what it does (nginx.conf) and what it publishes. A port of
 * which nothing else is known leads to all nodes, as `--port 8080:80` does.
 */
export function rebuiltModel(cluster: Cluster, nginxText: string, ports: readonly NodePort[]): LoadBalancerModel {
  const model: LoadBalancerModel = { ports: {}, settings: { workerConnections: DEFAULT_WORKER_CONNECTIONS } };
  for (const [, port = '', protocol = '', body = ''] of nginxText.matchAll(/upstream\s+(\d+)_(tcp|udp)\s*{([^}]*)}/g)) {
    model.ports[`${port}.${protocol}`] = [...body.matchAll(/server\s+([A-Za-z][^\s;:]*):\d+/g)].map(match => match[1]!);
  }
  const connections = /worker_connections\s+(\d+);/.exec(nginxText)?.[1];
  if (connections) model.settings.workerConnections = Number(connections);
  const timeout = /proxy_timeout\s+(\d+);/.exec(nginxText)?.[1];
  if (timeout && timeout !== '600') model.settings.defaultProxyTimeout = Number(timeout);
  return soundModel(cluster, model, ports).model;
}

/**
 * The model as it fits the cluster, and what did not, in words: upstreams that are no nodes of it, servers that the API's
 * listener leaves out, published ports without a listener. Pure.
 */
export function soundModel(
  cluster: Cluster,
  model: LoadBalancerModel,
  ports: readonly NodePort[],
): { model: LoadBalancerModel; wrong: string[] } {
  const servers = cluster.servers.map(node => node.name);
  const nodes = [...servers, ...cluster.agents.map(node => node.name)];
  const wrong: string[] = [];
  const sound: LoadBalancerModel = { ports: {}, settings: { ...model.settings } };
  for (const [listener, names] of Object.entries(model.ports)) {
    const gone = names.filter(name => !nodes.includes(name));
    const left = nodes.filter(name => names.includes(name));
    const shown = listener.replace('.', '/');
    for (const name of gone) wrong.push(`${shown} leads to ${name}, which is no node of the cluster`);
    if (names.length === 0) wrong.push(`${shown} leads nowhere`);
    sound.ports[listener] = left.length > 0 ? left : listener === API_LISTENER ? servers : nodes;
  }
  const missing = servers.filter(name => !(sound.ports[API_LISTENER] ?? []).includes(name));
  if (missing.length > 0) {
    wrong.push(`the Kubernetes API does not lead to ${missing.join(', ')}`);
    sound.ports[API_LISTENER] = servers;
  }
  for (const { containerPort, protocol, hostPort } of ports) {
    const listener = `${containerPort}.${protocol}`;
    if (listener in sound.ports) continue;
    wrong.push(
      `host port ${hostPort || '(random)'} is published on ${containerPort}/${protocol}, where nothing listens`,
    );
    sound.ports[listener] = nodes;
  }
  return { model: sound, wrong };
}
