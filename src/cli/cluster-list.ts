import type { Cluster } from '../engine/model.ts';
import { readLoadBalancer } from '../engine/ports/read.ts';
import { sanitise } from '../text.ts';
import type { Run } from './command.ts';
import { k3dCluster } from './k3d-json.ts';
import { clusterNamed, inspectNodes, picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { withoutSecrets } from './redact.ts';
import { formatTable } from './table.ts';

export interface ClusterListFlags {
  headers?: boolean;
  token?: boolean;
  output?: string;
}

/** `cluster list [NAME…]`. k3d cmd/cluster/clusterList.go. */
export async function listClusters(run: Run<ClusterListFlags>): Promise<undefined> {
  const { args, flags, io } = run;
  const format = structuredFormat(flags.output);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const named = args.length > 0;
  const chosen = named ? [...new Set(args)].map(name => clusterNamed(snapshot, name)) : snapshot.clusters;
  const clusters = [...chosen].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (!format) {
    io.stdout.write(clusterTable(clusters, flags));
    return;
  }
  const rows = await Promise.all(
    clusters.map(async cluster => {
      const containers = await inspectNodes(engine, nodesOf(cluster, named), signal);
      // What is wrong with a load balancer is no reason to hide its cluster.
      const balancer =
        named && cluster.loadBalancer
          ? await readLoadBalancer(engine.docker, cluster, { signal }).catch(() => undefined)
          : undefined;
      const row = k3dCluster(cluster, containers, { token: flags.token === true, named, balancer: balancer?.model });
      if (flags.token) return row;
      const { serverLoadBalancer } = row;
      return {
        ...row,
        nodes: row.nodes.map(withoutSecrets),
        ...(serverLoadBalancer && { serverLoadBalancer: withoutSecrets(serverLoadBalancer) }),
      };
    }),
  );
  await printStructured(io.stdout, format, rows);
}

/** `NAME SERVERS AGENTS LOADBALANCER [TOKEN]`, as k3d prints it. */
export function clusterTable(clusters: Cluster[], flags: { headers?: boolean; token?: boolean }): string {
  const header = ['NAME', 'SERVERS', 'AGENTS', 'LOADBALANCER', ...(flags.token ? ['TOKEN'] : [])];
  const rows = clusters.map(cluster => [
    sanitise(cluster.name),
    `${cluster.serversRunning}/${cluster.servers.length}`,
    `${cluster.agentsRunning}/${cluster.agents.length}`,
    String(cluster.loadBalancer !== undefined),
    ...(flags.token ? [sanitise(cluster.token)] : []),
  ]);
  return formatTable(flags.headers === false ? rows : [header, ...rows]);
}

/** k3d leaves registries and tools nodes out of the list of all, not out of a cluster asked for by name. */
function nodesOf(cluster: Cluster, named: boolean) {
  const own = [...cluster.servers, ...cluster.agents, ...(cluster.loadBalancer ? [cluster.loadBalancer] : [])];
  return named ? [...own, ...cluster.registries, ...cluster.others] : own;
}
