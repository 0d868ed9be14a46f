import type { Call } from '../../docker/docker.ts';
import type { ContainerInspect, ImageInspect, NetworkInspect } from '../../docker/types.ts';
import { orGone } from '../../errors.ts';
import { reachableHost } from '../endpoint.ts';
import type { Engine } from '../engine.ts';
import { type LoadBalancerModel, parseValues, VALUES_PATH } from '../loadbalancer/values.ts';
import type { Cluster, Node } from '../model.ts';
import { REGISTRIES_PATH } from '../node/facts.ts';

/** All that Docker knows about a cluster and that says how it was asked for. */
export interface ClusterReading {
  cluster: Cluster;
  /** By node name: servers, agents, load balancer, and the registries in the cluster's network. */
  inspects: Map<string, ContainerInspect>;
  /** By image id, as inspects name it. */
  images: Map<string, ImageInspect>;
  network: NetworkInspect | undefined;
  /** What the load balancer is to do; undefined where there is none, or its file cannot be read. */
  model: LoadBalancerModel | undefined;
  /** Why the load balancer's file cannot be read. */
  modelProblem?: string;
  /** The first server's registries.yaml. */
  registriesYaml: string | undefined;
  /** Registries in the cluster's network, its own ones included. */
  registries: Node[];
  /** Host under which this machine reaches the API: a name that k3dui puts into the certificate. */
  reachable: string;
}

/** Reads it, of running and stopped clusters alike. Nodes that are gone meanwhile are left out. Throws what Docker throws. */
export async function readCluster(engine: Engine, cluster: Cluster, call: Call = {}): Promise<ClusterReading> {
  const { docker, env, inventory } = engine;
  const { loadBalancer, network } = cluster;
  const registries = inventory.snapshot.registries.filter(
    node => node.cluster === cluster.name || node.networks.some(({ name }) => name === network?.name),
  );
  const nodes = [...cluster.servers, ...cluster.agents, ...(loadBalancer ? [loadBalancer] : []), ...registries];
  const [inspects, values, registriesYaml, networkInspect] = await Promise.all([
    Promise.all(nodes.map(node => orGone(docker.inspectContainer(node.id, call)))),
    loadBalancer && orGone(docker.readFile(loadBalancer.id, VALUES_PATH, call)),
    cluster.servers[0] && orGone(docker.readFile(cluster.servers[0].id, REGISTRIES_PATH, call)),
    network && docker.inspectNetwork(network.id || network.name, call),
  ]);
  const known = inspects.flatMap((inspect, i) => (inspect ? [[nodes[i]!.name, inspect] as const] : []));
  const ids = [...new Set(known.map(([, inspect]) => inspect.Image))];
  const images = await Promise.all(ids.map(async id => [id, await docker.inspectImage(id, call)] as const));
  return {
    cluster,
    inspects: new Map(known),
    images: new Map(images.flatMap(([id, image]) => (image ? [[id, image] as const] : []))),
    network: networkInspect,
    ...modelOf(values),
    registriesYaml: registriesYaml?.toString('utf8'),
    registries,
    reachable: cluster.api ? reachableHost(cluster.api, env, docker.endpoint) : '',
  };
}

function modelOf(values: Buffer | undefined): Pick<ClusterReading, 'model' | 'modelProblem'> {
  if (values === undefined) return { model: undefined };
  try {
    return { model: parseValues(values.toString('utf8')) };
  } catch (error) {
    return { model: undefined, modelProblem: (error as Error).message };
  }
}
