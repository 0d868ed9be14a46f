import type { Command } from 'commander';
import { addAsked, type CommandModule } from './asked.ts';
import type { Session } from './command.ts';

const MODULES: readonly CommandModule[] = [
  { names: ['create'], load: async () => (await import('./cluster-create-flags.ts')).addClusterCreate },
  { names: ['start', 'stop', 'restart'], load: async () => (await import('./cluster-power-flags.ts')).addClusterPower },
  { names: ['edit', 'update'], load: async () => (await import('./cluster-edit.ts')).addClusterEdit },
  { names: ['logs'], load: async () => (await import('./node-logs.ts')).addClusterLogs },
  { names: ['export'], load: async () => (await import('./cluster-export.ts')).addClusterExport },
  { names: ['clone'], load: async () => (await import('./cluster-clone.ts')).addClusterClone },
  { names: ['diff', 'apply'], load: async () => (await import('./cluster-file.ts')).addClusterFileCommands },
  { names: ['delete', 'del', 'rm'], load: async () => (await import('./cluster-power-flags.ts')).addClusterDelete },
  { names: ['list', 'ls', 'get'], load: async () => (await import('./cluster-list.ts')).addClusterList },
];

/** `cluster create|start|stop|restart|edit|delete|list|…`. k3d cmd/cluster, and what k3d lacks. */
export async function addClusterCommands(
  program: Command,
  session: Session,
  words: readonly string[],
): Promise<Command> {
  const cluster = program
    .command('cluster')
    .alias('clusters')
    .description('create, look at, start, stop and delete clusters');
  await addAsked(cluster, session, MODULES, words);
  return cluster;
}
