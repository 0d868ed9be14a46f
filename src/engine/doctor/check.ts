import type { Area, Symptom } from './finding.ts';
import type { ClusterSubject, EngineSubject } from './subject.ts';

interface CheckHead {
  /** `cluster.nodes` */
  id: string;
  area: Area;
  /** What it looks at, in a line. */
  title: string;
  /** Milliseconds after which it is given up; others go on. */
  limitMs: number;
}

/** A check as the examination runs it. Looking and judging are apart, so that judging is pure. */
export type Check =
  | (CheckHead & { about: 'engine'; run(subject: EngineSubject): Promise<Symptom[]> })
  | (CheckHead & { about: 'cluster'; run(subject: ClusterSubject): Promise<Symptom[]> });

const LIMIT_MS = 12_000;

/**
 * A check of the engine and its machine.
 * @param look reads facts; undefined: there is nothing to judge
 * @param judge what the facts mean; pure
 */
export function engineCheck<Facts>(
  id: string,
  area: Area,
  title: string,
  look: (subject: EngineSubject) => Promise<Facts | undefined>,
  judge: (facts: Facts) => Symptom[],
  limitMs = LIMIT_MS,
): Check {
  const run = async (subject: EngineSubject) => {
    const facts = await look(subject);
    return facts === undefined ? [] : judge(facts);
  };
  return { id, area, title, limitMs, about: 'engine', run };
}

/** A check of one cluster; parameters as of `engineCheck`. */
export function clusterCheck<Facts>(
  id: string,
  area: Area,
  title: string,
  look: (subject: ClusterSubject) => Promise<Facts | undefined>,
  judge: (facts: Facts, subject: ClusterSubject) => Symptom[],
  limitMs = LIMIT_MS,
): Check {
  const run = async (subject: ClusterSubject) => {
    const facts = await look(subject);
    return facts === undefined ? [] : judge(facts, subject);
  };
  return { id, area, title, limitMs, about: 'cluster', run };
}
