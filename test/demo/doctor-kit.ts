import { expect } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import { CHECKS } from '../../src/engine/doctor/checks/all.ts';
import { type Examination, examine } from '../../src/engine/doctor/examine.ts';
import type { Finding } from '../../src/engine/doctor/finding.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Operation } from '../../src/engine/operation.ts';

/** Everything that is found now, of one cluster or of all. */
export async function look(engine: Engine, cluster?: string): Promise<Examination> {
  await engine.inventory.refresh();
  return examine(engine, { cluster });
}

/** Findings of one check. */
export async function findings(engine: Engine, check: string, cluster?: string): Promise<Finding[]> {
  await engine.inventory.refresh();
  const checks = CHECKS.filter(({ id }) => id === check);
  expect(checks).toHaveLength(1);
  return (await examine(engine, { cluster, checks })).findings.slice();
}

/** The only finding of a check. */
export async function finding(engine: Engine, check: string, cluster?: string): Promise<Finding> {
  const found = await findings(engine, check, cluster);
  expect(found.map(({ message }) => message)).toHaveLength(1);
  return found[0]!;
}

/** Carries the remedy out as the app and `--fix` do. */
export async function carryOut(engine: Engine, { remedy }: Finding): Promise<Operation> {
  if (!remedy?.plan) throw new Error(`no plan: ${remedy?.command}`);
  const operation = apply(await remedy.plan(engine, {}), engine);
  await operation.finished;
  await engine.inventory.refresh();
  return operation;
}

/** Nothing of the check is found any more; asked again for a while, as Kubernetes takes notice in its own time. */
export async function gone(engine: Engine, check: string, cluster?: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  let left = await findings(engine, check, cluster);
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 100));
    left = await findings(engine, check, cluster);
  }
  expect(left.map(({ message, evidence }) => [message, ...evidence])).toEqual([]);
}

/** What a healthy cluster gives: no finding, and no check left out. */
export function expectHealthy({ findings: found, unchecked }: Examination): void {
  expect(found.map(({ check, message, evidence }) => [check, message, ...evidence])).toEqual([]);
  expect(unchecked).toEqual([]);
}
