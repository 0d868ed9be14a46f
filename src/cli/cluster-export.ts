import type { Command } from 'commander';
import { writeExport } from '../engine/cluster/export-file.ts';
import { exportText } from '../engine/cluster/export-text.ts';
import { readCluster } from '../engine/cluster/reading.ts';
import { specOf } from '../engine/cluster/spec-of.ts';
import { sanitise } from '../text.ts';
import { flag, handle, type Run, type Session } from './command.ts';
import { clusterNamed, picture } from './picture.ts';

interface ExportFlags {
  output?: string;
  withToken?: boolean;
  force?: boolean;
}

/** `cluster export NAME`: a cluster, whoever made it, as the config file that makes it again. */
export function addClusterExport(cluster: Command, session: Session): void {
  const command = cluster
    .command('export NAME')
    .description('print a cluster, whoever made it, as the config file that makes it again')
    .option('-o, --output <file>', 'write it to this file');
  flag(command, '--with-token', "with the cluster's token, passwords and logins to registries (default: without)");
  flag(command, '--force', 'replace the file if there is one');
  handle<ExportFlags>(command, session, exportCluster);
}

async function exportCluster(run: Run<ExportFlags>): Promise<number> {
  const { args, flags, io, log } = run;
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const cluster = clusterNamed(await picture(engine, signal), args[0]!);
  const exported = specOf(await readCluster(engine, cluster, { signal }), { token: flags.withToken === true });
  const text = exportText(exported);
  if (!flags.output || flags.output === '-') {
    io.stdout.write(text);
    return 0;
  }
  await writeExport(flags.output, text, { replace: flags.force === true, secret: flags.withToken === true });
  for (const note of exported.notes) log.warn(sanitise(note));
  log.info(sanitise(`Cluster '${cluster.name}' written to ${flags.output}`));
  return 0;
}
