import type { Command } from 'commander';
import { DEFAULT_CLUSTER_NAME } from '../config/cluster-spec.ts';
import { deleteClusters, restartClusters, startClusters, stopClusters } from './cluster-power.ts';
import { addDryRunFlags, flag, handle, type Session } from './command.ts';

const BY_DEFAULT = `without a name: ${DEFAULT_CLUSTER_NAME}`;

/** `cluster start|stop|restart`. */
export function addClusterPower(cluster: Command, session: Session): void {
  const start = cluster.command('start [NAME...]').description(`start stopped clusters; ${BY_DEFAULT}`);
  flag(start, '-a, --all', 'start all clusters');
  addWaitFlags(start);
  addDryRunFlags(start);
  handle(start, session, startClusters);

  const stop = cluster.command('stop [NAME...]').description(`stop running clusters; ${BY_DEFAULT}`);
  flag(stop, '-a, --all', 'stop all clusters');
  addDryRunFlags(stop);
  handle(stop, session, stopClusters);

  const restart = cluster.command('restart [NAME...]').description(`stop clusters and start them again; ${BY_DEFAULT}`);
  flag(restart, '-a, --all', 'restart all clusters');
  addWaitFlags(restart);
  addDryRunFlags(restart);
  handle(restart, session, restartClusters);
}

/** `cluster delete`. */
export function addClusterDelete(cluster: Command, session: Session): void {
  const remove = cluster
    .command('delete [NAME...]')
    .aliases(['del', 'rm'])
    .description(`delete clusters with all that belongs to them; ${BY_DEFAULT}`)
    .option('-c, --config <file>', 'config file that names the cluster');
  flag(remove, '-a, --all', 'delete all clusters');
  addDryRunFlags(remove);
  handle(remove, session, deleteClusters);
}

function addWaitFlags(command: Command): void {
  flag(
    command,
    '--wait',
    'wait until the cluster is of use (default: yes; --wait=false: only until its containers run)',
  );
  command.option('--timeout <duration>', 'how long it may take, for example 90s or 5m');
}
