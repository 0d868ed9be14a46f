import type { EngineInfo } from '../../src/docker/types.ts';
import type { Facts } from '../../src/engine/cluster/facts.ts';
import type { Action, Plan } from '../../src/engine/plan.ts';

/** An engine on this machine on which there is nothing, but for what is given. */
export function factsWith(change: Partial<Facts> = {}): Facts {
  return {
    endpoint: { address: 'unix:///var/run/docker.sock', source: 'test', demo: false },
    engine: engineWith('2'),
    snapshot: { link: 'live', clusters: [], nodes: [], registries: [], engine: undefined, revision: 1 },
    containers: [],
    networks: [],
    sockets: [],
    routes: [],
    missingPaths: [],
    images: new Map(),
    hosts: new Map(),
    fresh: { token: 'x', apiPort: 40001, registryPort: 40002 },
    env: { HOME: '/home/me' },
    ...change,
  };
}

/** The engine of a usual machine, with the first or the second kind of control groups. */
export const engineWith = (CgroupVersion: '1' | '2') =>
  ({ Name: 'test', CgroupVersion, MemTotal: 64e9, OSType: 'linux' }) as EngineInfo;

/** What a plan does of one kind. */
export function actions<K extends Action['kind']>(plan: Plan, kind: K): Extract<Action, { kind: K }>[] {
  return plan.steps.map(step => step.action).filter(action => action.kind === kind) as Extract<Action, { kind: K }>[];
}
