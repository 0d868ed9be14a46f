import type { Call } from '../../docker/docker.ts';
import type { Engine } from '../engine.ts';
import { compare } from '../node-of-container.ts';
import type { Plan } from '../plan.ts';

/** problem: something does not work. warning: it soon will not, or does by luck. note: good to know. */
export type Severity = 'problem' | 'warning' | 'note';

export const SEVERITIES: readonly Severity[] = ['problem', 'warning', 'note'];

/** What is looked at; findings are grouped by it. */
export type Area =
  | 'engine'
  | 'cluster'
  | 'load balancer'
  | 'DNS'
  | 'kubeconfig'
  | 'images'
  | 'scheduling'
  | 'proxies'
  | 'registries';

/** What puts it right. */
export interface Remedy {
  /** For people: `start k3d-demo-agent-0`. */
  title: string;
  /** The exact line that does it, or does the same: for a shell. */
  command: string;
  /** Makes the plan that does it, from facts read now. Absent: only the person can run the line. */
  plan?: (engine: Engine, call: Call) => Promise<Plan>;
  /** Something is lost by it: never done without being asked for by itself. */
  destructive?: boolean;
}

/** One thing that is wrong, or soon will be. */
export interface Finding {
  /** The same at every examination: check and subject. */
  id: string;
  /** Id of the check that found it. */
  check: string;
  area: Area;
  severity: Severity;
  /** undefined: about the engine, or about no cluster in particular. */
  cluster?: string;
  /** A node, a registry, a file: what it is about. */
  subject: string;
  /** One line: what is wrong. */
  message: string;
  /** What was seen, a line each. Free of secrets; may hold text from outside. */
  evidence: string[];
  remedy?: Remedy;
}

/** A finding as a check writes it down; the rest is the same for all of a check's. */
export interface Symptom {
  severity: Severity;
  subject: string;
  message: string;
  evidence?: string[];
  remedy?: Remedy;
  /** Tells apart several findings about one subject. */
  key?: string;
}

/** Worst first, then by cluster, then in the order of the checks (ids). Gives a new array. */
export function bySeverity(findings: readonly Finding[], checks: readonly string[]): Finding[] {
  const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity);
  const place = ({ check }: Finding) => checks.indexOf(check);
  return findings.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      compare(a.cluster ?? '', b.cluster ?? '') ||
      place(a) - place(b) ||
      compare(a.subject, b.subject),
  );
}
