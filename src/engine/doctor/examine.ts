import { unlessAborted, withinLimit } from '../../docker/signals.ts';
import { isAbort, isK3duiError, toK3duiError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { Cluster } from '../model.ts';
import type { Check } from './check.ts';
import { CHECKS } from './checks/all.ts';
import { bySeverity, type Finding, type Symptom } from './finding.ts';
import { ClusterSubject, EngineSubject } from './subject.ts';

/** A check that could not be carried through. */
export interface Unchecked {
  check: string;
  title: string;
  cluster?: string;
  why: string;
}

/** What an examination knows so far. Immutable: news makes a new one. */
export interface Examination {
  /** Worst first. */
  findings: readonly Finding[];
  unchecked: readonly Unchecked[];
  /** Checks that are through, of all. */
  done: number;
  total: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** undefined while it goes on. */
  endedAt: number | undefined;
}

export interface ExamineOptions {
  /** Only this cluster, and the engine as far as it matters to it; absent: everything. */
  cluster?: string;
  signal?: AbortSignal;
  /** Told after each check. */
  onProgress?: (examination: Examination) => void;
  /** For tests: some checks only. */
  checks?: readonly Check[];
}

interface Task {
  check: Check;
  cluster: Cluster | undefined;
  run(): Promise<Symptom[]>;
}

/** Checks at one time: each may run commands in nodes, and Docker does few of those well at once. */
const SIDE_BY_SIDE = 8;

/**
 * Looks at everything that can be wrong, side by side, each check within its own limit: one that hangs keeps nothing
 * else from being looked at and is told as unchecked. Changes nothing. Throws only CANCELLED and DOCKER_UNREACHABLE.
 */
export async function examine(engine: Engine, options: ExamineOptions = {}): Promise<Examination> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const { snapshot } = engine.inventory;
  const whole = new EngineSubject(engine, snapshot, { signal });
  const clusters = snapshot.clusters.filter(({ name }) => options.cluster === undefined || name === options.cluster);
  const checks = options.checks ?? CHECKS;
  const tasks = tasksFor(checks, whole, clusters);
  const order = checks.map(({ id }) => id);
  let state: Examination = {
    findings: [],
    unchecked: [],
    done: 0,
    total: tasks.length,
    startedAt: Date.now(),
    endedAt: undefined,
  };
  const show = (change: Partial<Examination>) => {
    state = { ...state, ...change };
    options.onProgress?.(state);
  };
  show({});
  const waiting = [...tasks];
  const work = async () => {
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      const outcome = await carryOut(task, signal);
      show({
        done: state.done + 1,
        findings: bySeverity([...state.findings, ...outcome.findings], order),
        unchecked: [...state.unchecked, ...outcome.unchecked],
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  } finally {
    // What was given up is not to go on behind the scenes.
    stop.abort();
  }
  show({ endedAt: Date.now() });
  return state;
}

function tasksFor(checks: readonly Check[], whole: EngineSubject, clusters: readonly Cluster[]): Task[] {
  const subjects = clusters.map(cluster => new ClusterSubject(whole, cluster));
  return checks.flatMap((check): Task[] =>
    check.about === 'engine'
      ? [{ check, cluster: undefined, run: () => check.run(whole) }]
      : subjects.map(subject => ({ check, cluster: subject.cluster, run: () => check.run(subject) })),
  );
}

async function carryOut(task: Task, signal: AbortSignal): Promise<{ findings: Finding[]; unchecked: Unchecked[] }> {
  const { check, cluster } = task;
  const { id, title, area, limitMs } = check;
  signal.throwIfAborted();
  try {
    const symptoms = await withinLimit(limitMs, () => unlessAborted(task.run(), signal));
    return { findings: symptoms.map(symptom => findingOf(symptom, id, area, cluster?.name)), unchecked: [] };
  } catch (thrown) {
    signal.throwIfAborted();
    if (isK3duiError(thrown, 'DOCKER_UNREACHABLE')) throw thrown;
    // What went away while it was looked at is no fault.
    if (isK3duiError(thrown, 'NOT_FOUND')) return { findings: [], unchecked: [] };
    const why = isAbort(thrown) ? 'no answer in time' : toK3duiError(thrown).message;
    return { findings: [], unchecked: [{ check: id, title, cluster: cluster?.name, why }] };
  }
}

function findingOf(symptom: Symptom, check: string, area: Finding['area'], cluster: string | undefined): Finding {
  const { key, evidence = [], ...rest } = symptom;
  const id = [check, cluster, symptom.subject, key].filter(part => part !== undefined).join(' ');
  return { id, check, area, cluster, evidence, ...rest };
}

/** Exit codes of `k3dui doctor`; 1 stays for a command that failed. */
export const EXIT = { healthy: 0, failed: 1, warning: 2, problem: 3 } as const;

/** 3 when there is a problem, 2 when there is a warning or a check could not be carried through, else 0. */
export function exitCodeOf({ findings, unchecked }: Pick<Examination, 'findings' | 'unchecked'>): number {
  if (findings.some(({ severity }) => severity === 'problem')) return EXIT.problem;
  if (unchecked.length > 0 || findings.some(({ severity }) => severity === 'warning')) return EXIT.warning;
  return EXIT.healthy;
}
