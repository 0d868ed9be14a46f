import type { Command } from 'commander';
import { findLeftovers, inOrder } from '../engine/leftovers/find.ts';
import type { Leftover } from '../engine/leftovers/leftover.ts';
import { leftoversPlan } from '../engine/leftovers/remove.ts';
import { K3duiError } from '../errors.ts';
import { formatAge, sanitise } from '../text.ts';
import { addDryRunFlags, addTableFlags, flag, handle, type Run, type Session, withGlobalFlags } from './command.ts';
import { printStructured, structuredFormat } from './print.ts';
import { printPlan } from './print-plan.ts';
import { conclude, runPlans } from './run-plans.ts';
import { formatTable } from './table.ts';

interface ListFlags {
  headers?: boolean;
  output?: string;
}

interface RemoveFlags {
  all?: boolean;
  fresh?: boolean;
  dryRun?: boolean;
  output?: string;
}

/** `leftovers [list|remove]`: what k3d and k3dui made and nothing needs any more. */
export function addLeftoverCommands(program: Command, session: Session): void {
  const leftovers = program
    .command('leftovers')
    .alias('leftover')
    .description('what no cluster owns any more: containers, networks, volumes, files, kubeconfig entries');
  // Without a verb it lists, and takes the flags that every command takes.
  withGlobalFlags(leftovers);
  const list = leftovers
    .command('list', { isDefault: true })
    .alias('ls')
    .description('list them, with the reason why nothing needs each');
  addTableFlags(list);
  handle<ListFlags>(list, session, listLeftovers);

  const remove = leftovers
    .command('remove [NAME...]')
    .aliases(['rm', 'delete'])
    .description('remove those named (as the list names them), or all');
  flag(remove, '-a, --all', 'all but those that were made within the last five minutes');
  flag(remove, '--fresh', 'with --all: those too; an operation that still runs may need them');
  addDryRunFlags(remove);
  handle<RemoveFlags>(remove, session, removeLeftovers);
}

async function listLeftovers(run: Run<ListFlags>): Promise<undefined> {
  const { flags, io, log } = run;
  const format = structuredFormat(flags.output);
  const found = inOrder(await findLeftovers(await run.engine(), { signal: io.interrupts.signal }));
  if (format) {
    const rows = found.map(({ id, kind, name, cluster, why, created, fresh }) => {
      return { id, kind, name, cluster, why, created: created ? new Date(created * 1000).toISOString() : '', fresh };
    });
    await printStructured(io.stdout, format, rows);
    return undefined;
  }
  if (found.length === 0) {
    log.info('Nothing is left over');
    return undefined;
  }
  const rows = found.map(leftover => [leftover.kind, leftover.name, leftover.cluster, age(leftover), reason(leftover)]);
  const table = flags.headers === false ? rows : [['KIND', 'NAME', 'CLUSTER', 'AGE', 'WHY'], ...rows];
  io.stdout.write(formatTable(table.map(row => row.map(sanitise))));
  return undefined;
}

const age = ({ created }: Leftover): string => (created === 0 ? '' : formatAge(Date.now() / 1000 - created));

const reason = ({ why, fresh }: Leftover): string => (fresh ? `${why} (${fresh})` : why);

async function removeLeftovers(run: Run<RemoveFlags>): Promise<number> {
  const { args, flags, io, log } = run;
  if (args.length === 0 && !flags.all) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'nothing is named',
      hint: 'see what there is: k3dui leftovers list; then name some of it, or say --all',
    });
  }
  if (args.length > 0 && flags.all) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'names and --all exclude each other',
      hint: 'give one or the other',
    });
  }
  const engine = await run.engine();
  const call = { signal: io.interrupts.signal };
  const found = inOrder(await findLeftovers(engine, call));
  const chosen = flags.all ? found.filter(({ fresh }) => flags.fresh || fresh === undefined) : named(found, args);
  if (flags.all) {
    for (const { kind, name, fresh } of found) {
      if (fresh !== undefined && !flags.fresh) log.info(`Left ${kind} ${sanitise(name)} alone: ${fresh}`);
    }
  }
  if (chosen.length === 0) {
    log.info('Nothing to remove');
    return 0;
  }
  const plan = await leftoversPlan(engine, chosen, call);
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const outcomes = await runPlans(run, engine, [{ name: plan.title, plan }], () => {});
  const failed = conclude(run, outcomes);
  const left = new Set((await findLeftovers(engine, call)).map(({ id }) => id));
  const stayed = chosen.filter(({ id }) => left.has(id));
  log.info(`Removed ${chosen.length - stayed.length} of ${chosen.length} leftovers`);
  for (const { kind, name } of stayed) log.warn(`${kind} ${sanitise(name)} is still there`);
  return failed || (stayed.length > 0 ? 1 : 0);
}

/** Those that the words name: by name, by `KIND NAME`'s name, a kubeconfig entry also by its context. */
function named(found: readonly Leftover[], words: readonly string[]): Leftover[] {
  const chosen = words.flatMap(word => {
    const fits = found.filter(
      ({ name, target, id, kind, cluster }) =>
        name === word || target === word || id === word || (kind === 'kubeconfig' && word === `k3d-${cluster}`),
    );
    if (fits.length > 0) return fits;
    throw new K3duiError({
      code: 'LEFTOVER_UNKNOWN',
      message: `'${sanitise(word)}' is not left over: a cluster may own it, or it is not there`,
      hint: 'see what there is: k3dui leftovers list',
    });
  });
  return [...new Set(chosen)];
}
