import { describe, expect, test } from 'vitest';
import type { AppData } from '../../components/screens/list-definition.ts';
import { type PortLine, portsList } from '../../components/screens/ports-list.ts';
import { PortWatch, TEST_PAUSE } from '../../components/screens/ports-watch.ts';
import { INITIAL, reduce } from '../../components/state/app-state.ts';
import { Store } from '../../components/state/store.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { Operation } from '../../src/engine/operation.ts';
import { anEngine } from './app-fakes.ts';
import { fakePorts, portCluster } from './ports-fakes.tsx';

/** A watch on one cluster, with a clock of its own. */
function watched(cluster: Cluster = portCluster()) {
  const engine = anEngine([cluster]);
  const actions = fakePorts(engine);
  const store = new Store(INITIAL, reduce);
  let now = 1_000_000;
  const watch = new PortWatch({ engine, store, actions, now: () => now });
  const lines = () => {
    const data = {
      snapshot: engine.inventory.snapshot,
      state: store.state,
      operations: [],
      help: () => [],
    } as Partial<AppData> as AppData;
    return portsList.rows(data, { screen: 'ports', subject: cluster.name }) as PortLine[];
  };
  const settle = () => new Promise(resolve => setImmediate(resolve));
  /** Looks as the screen does: again after everything that was drawn. */
  const look = async (some: (line: PortLine) => boolean = () => true) => {
    for (let i = 0; i < 5; i++) {
      watch.look(engine.inventory.snapshot.clusters, lines().filter(some));
      await settle();
    }
  };
  return { engine, actions, store, watch, lines, look, settle, pass: (milliseconds: number) => (now += milliseconds) };
}

/** An operation on the cluster begins and ends. */
async function operated(engine: ReturnType<typeof anEngine>): Promise<void> {
  const id = engine.operations.newId();
  const operation = new Operation({ id, title: 'change', command: '', cluster: 'demo', steps: [] });
  engine.operations.add(operation);
  await operation.finished;
}

describe('tests of ports', () => {
  test('begin when the load balancer was read, once for what is in sight', async () => {
    const { actions, look, watch } = watched();
    await look(line => line.row.hostPort === 8081);
    expect(actions.tested).toEqual([8081]);
    await look();
    expect(actions.tested).toEqual([8081, 6550]);
    watch.stop();
  });

  test('are made again after a change, but not sooner than every few seconds', async () => {
    const { actions, look, engine, pass, watch } = watched();
    await look();
    expect(actions.tested).toHaveLength(2);
    const cluster = portCluster();
    const down = { ...cluster.agents[0]!, running: false, state: 'exited' as const };
    engine.show({ clusters: [{ ...cluster, agents: [down, cluster.agents[1]!] }] });
    await look();
    expect(actions.tested).toHaveLength(2);
    pass(TEST_PAUSE);
    await look();
    // The API leads to no agent: nothing changed for it.
    expect(actions.tested).toEqual([6550, 8081, 8081]);
    watch.stop();
  });

  test('are made again when asked for, and when an operation on the cluster has ended', async () => {
    const { actions, look, engine, pass, watch, store } = watched();
    await look();
    watch.again('demo');
    pass(TEST_PAUSE);
    await look();
    expect(actions.tested).toHaveLength(4);
    const key = store.state.ports.readings.get('demo')?.key;
    await operated(engine);
    pass(TEST_PAUSE);
    await look();
    expect(actions.tested).toHaveLength(6);
    expect(store.state.ports.readings.get('demo')?.key).not.toBe(key);
    watch.stop();
  });

  test('are made again when an operation ended while nobody looked: its own timeline was on the screen', async () => {
    const { actions, look, engine, pass, watch } = watched();
    await look();
    watch.stop();
    await operated(engine);
    pass(TEST_PAUSE);
    await look();
    expect(actions.tested).toHaveLength(4);
    watch.stop();
  });

  test('end when nobody looks any more, and are not taken for a result', async () => {
    const { actions, look, watch, store, settle } = watched();
    const signals: AbortSignal[] = [];
    actions.probe = (_, __, signal) =>
      new Promise((_resolve, reject) => {
        signals.push(signal);
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    await look();
    expect(signals).toHaveLength(2);
    watch.stop();
    await settle();
    expect(signals.every(signal => signal.aborted)).toBe(true);
    expect([...store.state.ports.probes.values()].map(({ testing, probe }) => [testing, probe])).toEqual([
      [false, undefined],
      [false, undefined],
    ]);
  });

  test('are not made for more than a few paths at once', async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      hostIP: '',
      hostPort: 9000 + i,
      containerPort: 9000 + i,
      protocol: 'tcp',
    }));
    const { actions, look, watch } = watched(portCluster('demo', many));
    let now = 0;
    let most = 0;
    const probe = actions.probe;
    actions.probe = async (...args) => {
      most = Math.max(most, ++now);
      await new Promise(resolve => setImmediate(resolve));
      now--;
      return probe(...args);
    };
    for (let i = 0; i < 10; i++) await look();
    expect(actions.tested).toHaveLength(31);
    expect(most).toBeLessThanOrEqual(4);
    watch.stop();
  });

  test('are not made while the engine is lost, nor of what is stopped', async () => {
    const { actions, look, engine, watch } = watched();
    engine.show({ link: 'lost' });
    await look();
    expect(actions.tested).toEqual([]);
    const cluster = portCluster();
    const loadBalancer = { ...cluster.loadBalancer!, running: false, state: 'exited' as const };
    engine.show({ link: 'live', clusters: [{ ...cluster, loadBalancer }] });
    await look();
    expect(actions.tested).toEqual([]);
    watch.stop();
  });
});
