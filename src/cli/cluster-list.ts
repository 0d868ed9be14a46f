import type { Command } from 'commander';
import type { Engine } from '../engine/engine.ts';
import type { Cluster } from '../engine/model.ts';
import { sanitise } from '../text.ts';
import { addTableFlags, flag, handle, type Run, type Session } from './command.ts';
import { k3dCluster } from './k3d-json.ts';
import { clusterNamed, inspectNodes, picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { withoutSecrets } from './redact.ts';
import { formatTable } from './table.ts';

interface ClusterListFlags {
  headers?: boolean;
  token?: boolean;
  output?: string;
}

/** `cluster list [NAME…]`. k3d cmd/cluster/clusterList.go. */
export function addClusterList(cluster: Command, session: Session): void {
  const list = cluster
    .command('list [NAME...]')
    .aliases(['ls', 'get'])
    .description('list clusters, all or those named');
  addTableFlags(list);
  flag(list, '--token', "show clusters' tokens");
  handle(list, session, listClusters);
}

async function listClusters(run: Run<ClusterListFlags>): Promise<undefined> {
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
        named && cluster.loadBalancer ? await balancerOf(engine, cluster, signal).catch(() => undefined) : undefined;
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

/** What its load balancer is configured to do; loaded for the few calls that ask for it. */
async function balancerOf(engine: Engine, cluster: Cluster, signal: AbortSignal) {
  const { readLoadBalancer } = await import('../engine/ports/read.ts');
  return readLoadBalancer(engine.docker, cluster, { signal });
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
