import type { Command } from 'commander';
import { CHECKS } from '../engine/doctor/checks/all.ts';
import { EXIT, type Examination, examine, exitCodeOf } from '../engine/doctor/examine.ts';
import type { Finding } from '../engine/doctor/finding.ts';
import type { Engine } from '../engine/engine.ts';
import { isEmptyPlan } from '../engine/plan.ts';
import { toK3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { flag, handle, type Run, type Session } from './command.ts';
import { explain } from './explain.ts';
import { clusterNamed, picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { printPlan } from './print-plan.ts';
import { conclude, runPlans } from './run-plans.ts';

interface DoctorFlags {
  output?: string;
  fix?: boolean;
  dryRun?: boolean;
}

const EXPLAINED = `Exit code: ${EXIT.healthy} nothing found, or only notes; ${EXIT.warning} warnings, or a check that could not be carried through; ${EXIT.problem} problems; ${EXIT.failed} the command itself failed.`;

/** `doctor [CLUSTER]`: what is wrong or soon will be, and what puts it right. */
export function addDoctorCommand(program: Command, session: Session): void {
  const doctor = program
    .command('doctor [CLUSTER]')
    .description('look for what is wrong or soon will be: Docker, nodes, ports, names, kubeconfig, images, room')
    .option('-o, --output <format>', 'json or yaml instead of text');
  explain(doctor, EXPLAINED);
  flag(doctor, '--fix', 'carry out every remedy that loses nothing, then look again');
  flag(doctor, '--dry-run', 'with --fix: print what would be done, step by step, and do nothing');
  handle<DoctorFlags>(doctor, session, runDoctor);
}

async function runDoctor(run: Run<DoctorFlags>): Promise<number> {
  const { args, flags, io } = run;
  const format = structuredFormat(flags.output);
  const engine = await run.engine();
  const snapshot = await picture(engine, io.interrupts.signal);
  const cluster = args[0] === undefined ? undefined : clusterNamed(snapshot, args[0]).name;
  const look = () => examine(engine, { cluster, signal: io.interrupts.signal });
  let found = await look();
  if (flags.fix) {
    if (!format) io.stdout.write(textOf(found));
    if (flags.dryRun) return printFixes(run, engine, found);
    found = await fix(run, engine, found, look);
  }
  if (format) await printStructured(io.stdout, format, structured(found));
  else io.stdout.write(textOf(found));
  return exitCodeOf(found);
}

/** More rounds than any chain of remedies is long: a node that starts brings others' faults to light. */
const ROUNDS = 3;
/** A restart puts one thing right and loses another: that may come twice. */
const TRIES = 2;

/** Carries remedies out, one after the other, as long as that changes what is found. */
async function fix(
  run: Run<DoctorFlags>,
  engine: Engine,
  first: Examination,
  look: () => Promise<Examination>,
): Promise<Examination> {
  let found = first;
  const tried = new Map<string, number>();
  const tries = (id: string) => tried.get(id) ?? 0;
  for (let round = 0; round < ROUNDS; ) {
    const next = fixable(found)
      .filter(({ id }) => tries(id) < TRIES)
      .toSorted((a, b) => tries(a.id) - tries(b.id));
    if (next.length === 0) return found;
    let failed = false;
    for (const finding of next) {
      tried.set(finding.id, tries(finding.id) + 1);
      failed = !(await carryOut(run, engine, finding));
      // What it did before it failed may have changed what the others are about.
      if (failed) break;
    }
    if (!failed) round++;
    found = await look();
  }
  return found;
}

/** Looks once more whether it is still so: a remedy before this one may have helped here too. False when it failed. */
async function carryOut(run: Run<DoctorFlags>, engine: Engine, { id, check, cluster }: Finding): Promise<boolean> {
  const { signal } = run.io.interrupts;
  await engine.inventory.refresh();
  const checks = CHECKS.filter(one => one.id === check);
  const now = await examine(engine, { cluster, checks, signal });
  const fault = now.findings.find(finding => finding.id === id);
  if (!fault?.remedy?.plan) return true;
  const { message, remedy } = fault;
  run.log.info(`${sanitise(message)}: ${sanitise(remedy.title)}`);
  try {
    const plan = await fault.remedy.plan(engine, { signal });
    if (isEmptyPlan(plan)) return true;
    const outcomes = await runPlans(run, engine, [{ name: remedy.title, plan }], name => {
      run.log.info(`Done: ${sanitise(name)}`);
    });
    conclude(run, outcomes);
    return true;
  } catch (thrown) {
    signal.throwIfAborted();
    const { message, hint } = toK3duiError(thrown);
    run.log.warn(`${sanitise(remedy.title)}: ${sanitise(message)}${hint ? ` (${sanitise(hint)})` : ''}`);
    return false;
  }
}

/** In the order of the checks: what others depend on comes first. */
const fixable = ({ findings }: Examination): Finding[] =>
  findings
    .filter(({ remedy }) => remedy?.plan !== undefined && !remedy.destructive)
    .toSorted((a, b) => place(a) - place(b));

const place = ({ check }: Finding): number => CHECKS.findIndex(({ id }) => id === check);

async function printFixes(run: Run<DoctorFlags>, engine: Engine, found: Examination): Promise<number> {
  const plans = await Promise.all(
    fixable(found).map(({ remedy }) => remedy!.plan!(engine, { signal: run.io.interrupts.signal })),
  );
  for (const plan of plans) await printPlan(run.io.stdout, plan, undefined);
  return exitCodeOf(found);
}

/** What scripts read. */
function structured({ findings, unchecked, total }: Examination) {
  return {
    exitCode: exitCodeOf({ findings, unchecked }),
    checks: total,
    findings: findings.map(({ check, area, severity, cluster, subject, message, evidence, remedy }) => ({
      check,
      area,
      severity,
      cluster: cluster ?? '',
      subject,
      message,
      evidence,
      remedy: remedy && {
        title: remedy.title,
        command: remedy.command,
        automatic: remedy.plan !== undefined,
        destructive: remedy.destructive === true,
      },
    })),
    unchecked: unchecked.map(({ check, title, cluster, why }) => ({ check, title, cluster: cluster ?? '', why })),
  };
}

const SIGNS = { problem: '✗', warning: '!', note: '·' } as const;

function textOf({ findings, unchecked, total, startedAt, endedAt }: Examination): string {
  const blocks = findings.map(({ severity, cluster, message, evidence, remedy }) => {
    const lines = [`${SIGNS[severity]} ${cluster === undefined ? '' : `${cluster}: `}${message}`];
    for (const seen of evidence) lines.push(`    ${seen}`);
    if (remedy) {
      const how = remedy.plan
        ? remedy.destructive
          ? 'loses something: not by --fix'
          : 'also by --fix'
        : 'for you to run';
      const command = remedy.command.endsWith(' --fix') ? remedy.command : `${remedy.command}   (${how})`;
      lines.push(`  → ${remedy.title}: ${command}`);
    }
    return lines;
  });
  for (const { title, cluster, why } of unchecked) {
    blocks.push([`? ${cluster === undefined ? '' : `${cluster}: `}not looked at: ${title} (${why})`]);
  }
  const took = (((endedAt ?? Date.now()) - startedAt) / 1000).toFixed(1);
  const count = (severity: Finding['severity'], word: string) => {
    const many = findings.filter(one => one.severity === severity).length;
    return many === 0 ? [] : [`${many} ${word}${many === 1 ? '' : 's'}`];
  };
  const sum = [...count('problem', 'problem'), ...count('warning', 'warning'), ...count('note', 'note')];
  const well = unchecked.length === 0 ? 'Nothing is wrong' : 'Nothing wrong in what could be looked at';
  blocks.push([`${sum.length === 0 ? well : sum.join(', ')}: ${total} checks in ${took} s`]);
  return blocks.map(lines => `${lines.map(sanitise).join('\n')}\n`).join('');
}
