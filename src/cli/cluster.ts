import type { Command } from 'commander';
import { DEFAULT_CLUSTER_NAME } from '../config/cluster-spec.ts';
import { addClusterClone } from './cluster-clone.ts';
import { createCluster } from './cluster-create.ts';
import { addCreateFlags } from './cluster-create-flags.ts';
import { addClusterEdit } from './cluster-edit.ts';
import { addClusterExport } from './cluster-export.ts';
import { addClusterFileCommands } from './cluster-file.ts';
import { listClusters } from './cluster-list.ts';
import { deleteClusters, restartClusters, startClusters, stopClusters } from './cluster-power.ts';
import { addDryRunFlags, flag, handle, type Session } from './command.ts';
import { addClusterLogs } from './node-logs.ts';

/** `cluster create|start|stop|restart|edit|delete|list|…`. k3d cmd/cluster, and what k3d lacks. */
export function addClusterCommands(program: Command, session: Session): Command {
  const cluster = program
    .command('cluster')
    .alias('clusters')
    .description('create, look at, start, stop and delete clusters');
  const many = '[NAME...]';
  const byDefault = `without a name: ${DEFAULT_CLUSTER_NAME}`;

  const create = cluster.command('create [NAME]').description(`create a cluster; ${byDefault}`);
  addCreateFlags(create);
  addDryRunFlags(create);
  handle(create, session, createCluster);

  const start = cluster.command(`start ${many}`).description(`start stopped clusters; ${byDefault}`);
  flag(start, '-a, --all', 'start all clusters');
  addWaitFlags(start);
  addDryRunFlags(start);
  handle(start, session, startClusters);

  const stop = cluster.command(`stop ${many}`).description(`stop running clusters; ${byDefault}`);
  flag(stop, '-a, --all', 'stop all clusters');
  addDryRunFlags(stop);
  handle(stop, session, stopClusters);

  const restart = cluster.command(`restart ${many}`).description(`stop clusters and start them again; ${byDefault}`);
  flag(restart, '-a, --all', 'restart all clusters');
  addWaitFlags(restart);
  addDryRunFlags(restart);
  handle(restart, session, restartClusters);

  addClusterEdit(cluster, session);
  addClusterLogs(cluster, session);
  addClusterExport(cluster, session);
  addClusterClone(cluster, session);
  addClusterFileCommands(cluster, session);

  const remove = cluster
    .command(`delete ${many}`)
    .aliases(['del', 'rm'])
    .description(`delete clusters with all that belongs to them; ${byDefault}`)
    .option('-c, --config <file>', 'config file that names the cluster');
  flag(remove, '-a, --all', 'delete all clusters');
  addDryRunFlags(remove);
  handle(remove, session, deleteClusters);

  const list = cluster
    .command(`list ${many}`)
    .aliases(['ls', 'get'])
    .description('list clusters, all or those named')
    .option('-o, --output <format>', 'json or yaml instead of a table');
  flag(list, '--no-headers', 'leave the headers out');
  flag(list, '--token', "show clusters' tokens");
  handle(list, session, listClusters);
  return cluster;
}

function addWaitFlags(command: Command): void {
  flag(
    command,
    '--wait',
    'wait until the cluster is of use (default: yes; --wait=false: only until its containers run)',
  );
  command.option('--timeout <duration>', 'how long it may take, for example 90s or 5m');
}
