import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { parsePortSpec } from '../../config/ports.ts';
import type { Call } from '../../docker/docker.ts';
import type { Engine } from '../engine.ts';
import { takesServers } from '../node/create-checks.ts';
import { gatherNodeFacts, type NodeFacts } from '../node/facts.ts';
import { gatherConnectFacts } from '../registry/connect.ts';
import { registryOf } from '../registry/model.ts';
import { factsForCreate } from './create.ts';
import { type Facts, gatherFacts } from './facts.ts';
import { readFileGaps } from './file-differences.ts';
import { type ClusterLayout, layoutCluster } from './layout.ts';
import { Problems } from './problems.ts';
import type { ClusterReading } from './reading.ts';
import { registryGap } from './registry-differences.ts';
import type { UpdateFacts } from './update.ts';

/** Reads what bringing this cluster up to the request depends on. Throws what Docker throws. */
export async function gatherUpdateFacts(
  engine: Engine,
  spec: ClusterSpec,
  reading: ClusterReading,
  call: Call = {},
): Promise<UpdateFacts> {
  const { cluster, inspects } = reading;
  const nodeFacts = (role: 'server' | 'agent') => gatherNodeFacts(engine, cluster, { role }, call);
  const wanted = factsForCreate(spec, engine.env);
  const balancer = cluster.loadBalancer && inspects.get(cluster.loadBalancer.name);
  const [facts, server, agent] = await Promise.all([
    gatherFacts(
      engine,
      {
        ...wanted,
        images: [...(wanted.images ?? []), ...(balancer ? [balancer.Config.Image] : [])],
        ports: spec.ports.flatMap(({ port }) => hostPorts(port)),
        stoppedPorts: true,
      },
      call,
    ),
    spec.servers > cluster.servers.length ? nodeFacts('server') : undefined,
    spec.agents > cluster.agents.length ? nodeFacts('agent') : undefined,
  ]);
  const nodes: { server?: NodeFacts; agent?: NodeFacts } = {
    ...(server ? { server } : {}),
    ...(agent ? { agent } : {}),
  };
  // What is wrong with the request is said by the plan.
  const want = layoutCluster({ ...spec, name: cluster.name }, facts, new Problems());
  return {
    ...facts,
    nodes,
    etcd: server !== undefined && takesServers(cluster, server),
    files: await readFileGaps(engine.docker, want, reading, call),
    connects: await connectFacts(engine, want, reading, facts, call),
  };
}

async function connectFacts(
  engine: Engine,
  want: ClusterLayout,
  reading: ClusterReading,
  facts: Facts,
  call: Call,
): Promise<UpdateFacts['connects']> {
  const { cluster } = reading;
  const gap = registryGap(want, reading);
  const moved = [...gap.connect, ...gap.disconnect.map(node => registryOf(node, facts.snapshot.clusters))];
  const found = moved.map(
    async registry => [registry.node.name, await gatherConnectFacts(engine, registry, [cluster], call)] as const,
  );
  return new Map(await Promise.all(found));
}

function hostPorts(port: string): number[] {
  try {
    return parsePortSpec(port).flatMap(({ hostPort }) => hostPort ?? []);
  } catch {
    // The plan says what is wrong with it.
    return [];
  }
}
