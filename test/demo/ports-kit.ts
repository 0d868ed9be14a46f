import { get } from 'node:http';
import { apply } from '../../src/engine/apply.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { PortChange } from '../../src/engine/loadbalancer/change.ts';
import { factsForPortEdit, planPortEdit } from '../../src/engine/loadbalancer/edit.ts';
import type { Operation } from '../../src/engine/operation.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { readLoadBalancer } from '../../src/engine/ports/read.ts';
import { cluster } from './engine.ts';

export const NOTHING: PortChange = { add: [], remove: [] };

/** `8080:80@agent:0` as the flags take it. */
export function request(text: string): { port: string; nodeFilters: string[] } {
  const [port = '', filters] = text.split('@');
  return { port, nodeFilters: filters ? filters.split(';') : [] };
}

/** Reads the cluster and plans the change, as both faces do. */
export async function plan(engine: Engine, name: string, change: Partial<PortChange>): Promise<Plan> {
  const found = (await cluster(engine, name))!;
  const whole = { ...NOTHING, ...change };
  const { model, inspect } = await readLoadBalancer(engine.docker, found, {});
  const facts = await gatherFacts(engine, factsForPortEdit(whole, inspect));
  return planPortEdit(found, model, inspect, whole, facts);
}

export async function edit(engine: Engine, name: string, change: Partial<PortChange>): Promise<Operation> {
  return apply(await plan(engine, name, change), engine);
}

/** What the page behind a host port says which node answered; undefined when nothing answers. */
export function answer(port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const asked = get({ host: '127.0.0.1', port, agent: false, timeout: 3000 }, response => {
      response.resume();
      response.on('end', () => resolve(String(response.headers['x-demo-upstream'] ?? response.statusCode)));
      response.on('error', () => resolve(undefined));
    });
    asked.on('error', () => resolve(undefined));
    asked.on('timeout', () => asked.destroy());
  });
}
