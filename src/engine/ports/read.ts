import type { Call, Docker } from '../../docker/docker.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { K3duiError } from '../../errors.ts';
import { bindingsOf, nodePortsOf } from '../loadbalancer/bindings.ts';
import { NGINX_CONF_PATH } from '../loadbalancer/nginx.ts';
import { nginxDifferences } from '../loadbalancer/nginx-differences.ts';
import {
  DEFAULT_WORKER_CONNECTIONS,
  type LoadBalancerModel,
  parseValues,
  VALUES_PATH,
} from '../loadbalancer/values.ts';
import type { Cluster, NodePort } from '../model.ts';

/** What is in a load balancer's container. */
export interface LoadBalancerReading {
  model: LoadBalancerModel;
  /** values.yaml and nginx.conf as they are; nginx.conf is '' where there is none yet. */
  valuesText: string;
  nginxText: string;
  /** Whether nginx.conf says what values.yaml says. */
  agrees: boolean;
  /** What it says otherwise, a line each. */
  differences: string[];
  inspect: ContainerInspect;
  /** Its bindings, of a stopped one too. */
  ports: NodePort[];
}

/**
 * Reads the cluster's load balancer, running or stopped, whoever made it. Lines that are commented out because their
 * node does not run are no difference. Throws LB_MISSING, LB_VALUES_INVALID and what Docker throws.
 */
export async function readLoadBalancer(docker: Docker, cluster: Cluster, call: Call): Promise<LoadBalancerReading> {
  const { loadBalancer } = cluster;
  if (!loadBalancer) throw noLoadBalancer(cluster);
  const { id, name } = loadBalancer;
  const [values, nginx, inspect] = await Promise.all([
    docker.readFile(id, VALUES_PATH, call),
    docker.readFile(id, NGINX_CONF_PATH, call),
    docker.inspectContainer(id, call),
  ]);
  const before = values === undefined ? modelOfEnvironment(inspect.Config.Env ?? []) : undefined;
  if (values === undefined && before === undefined) {
    throw new K3duiError({
      code: 'LB_VALUES_INVALID',
      message: `${name} has no ${VALUES_PATH}, so nobody can tell what it should do`,
      hint: `start it once, so that it gets its configuration: k3dui cluster start ${cluster.name}`,
    });
  }
  const valuesText = values?.toString('utf8') ?? '';
  const nginxText = nginx?.toString('utf8') ?? '';
  const model = before ?? parseValues(valuesText);
  const differences = nginxDifferences(model, nginxText);
  const ports = nodePortsOf(bindingsOf(inspect));
  return { model, valuesText, nginxText, agrees: differences.length === 0, differences, inspect, ports };
}

/**
 * What a load balancer of k3d before v5 does: its environment says so, every port leads to every server (k3d v4
 * pkg/client/cluster.go, proxy/templates/nginx.tmpl). undefined: it is none of those. Pure.
 */
export function modelOfEnvironment(env: readonly string[]): LoadBalancerModel | undefined {
  const variable = (name: string): string[] => {
    const entry = env.find(one => one.startsWith(`${name}=`));
    return (entry?.slice(name.length + 1) ?? '').split(',').filter(Boolean);
  };
  const [servers, tcp, udp] = [variable('SERVERS'), variable('PORTS'), variable('UDP_PORTS')];
  if (servers.length === 0 || tcp.length === 0) return undefined;
  const listeners = [...tcp.map(port => `${port}.tcp`), ...udp.map(port => `${port}.udp`)];
  const ports = Object.fromEntries(
    listeners.filter(listener => /^\d+\./.test(listener)).map(listener => [listener, [...servers]]),
  );
  return { ports, settings: { workerConnections: DEFAULT_WORKER_CONNECTIONS + tcp.length } };
}

/** The honest answer where there is no load balancer: made without one, or lost. */
export function noLoadBalancer(cluster: Cluster): K3duiError {
  const lost = cluster.servers.some(node => node.labels['k3d.server.loadbalancer']);
  return new K3duiError({
    code: 'LB_MISSING',
    message: lost
      ? `the load balancer of cluster '${cluster.name}' is gone, so its ports cannot be changed`
      : `cluster '${cluster.name}' was made without a load balancer (--no-lb), so no port can be added to it later: Docker publishes ports of a container only when it creates it, and creating a node again would lose what is in it`,
    hint: lost
      ? `make the cluster again: k3dui cluster delete ${cluster.name}; k3dui cluster create ${cluster.name} …`
      : 'reach a service with kubectl port-forward, or make a cluster with a load balancer, or with the port on a node: --port 8080:80@server:0:direct',
  });
}
