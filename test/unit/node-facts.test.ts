import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cpuText,
  graph,
  kubernetesText,
  type NodeRow,
  nodeFault,
  nodeRowsMaker,
  shortBytes,
} from '../../components/screens/node-row.ts';
import { nodesList } from '../../components/screens/nodes-list.ts';
import { agentWouldHelp, schedulingTrouble } from '../../components/screens/scheduling.ts';
import type { ContainerStats } from '../../src/docker/types.ts';
import { kubeletArguments } from '../../src/engine/node/kubelet-args.ts';
import { type LiveView, NOTHING_LIVE, restartsOf } from '../../src/engine/node/live.ts';
import { addSample, HISTORY, sampleOf } from '../../src/engine/node/stats.ts';
import { lacking, nodeDetails, unschedulablePods } from '../../src/kubernetes/node-details.ts';
import { aCluster, aNode, anEngine } from './app-fakes.ts';

describe('a line of statistics', () => {
  const line = (change: Partial<ContainerStats> = {}): ContainerStats => ({
    cpu_stats: { cpu_usage: { total_usage: 3_000 }, system_cpu_usage: 20_000, online_cpus: 4 },
    precpu_stats: { cpu_usage: { total_usage: 2_000 }, system_cpu_usage: 10_000 },
    memory_stats: { usage: 1000, limit: 5000, stats: { inactive_file: 300, total_inactive_file: 200 } },
    ...change,
  });

  it('gives CPU as docker stats does: 10 % of the machine on 4 processors are 40 %', () => {
    expect(sampleOf(line(), 7)).toEqual({ at: 7, cpu: 40, memory: 800, memoryLimit: 5000 });
  });

  it('leaves caches out of memory, with cgroup v1 and v2', () => {
    const memory = (stats: Record<string, number>) =>
      sampleOf(line({ memory_stats: { usage: 1000, limit: 5000, stats } }), 0)?.memory;
    expect(memory({ total_inactive_file: 200, inactive_file: 50 })).toBe(800);
    expect(memory({ inactive_file: 300 })).toBe(700);
    expect(memory({ inactive_file: 3000 })).toBe(1000);
  });

  it('counts processors by their list where the engine does not say how many', () => {
    const old = { cpu_usage: { total_usage: 3_000, percpu_usage: [1, 2] }, system_cpu_usage: 20_000 };
    expect(sampleOf(line({ cpu_stats: old }), 0)?.cpu).toBe(20);
  });

  it('is nothing for the first of a stream, nor for a container that does not run', () => {
    expect(sampleOf(line({ precpu_stats: { cpu_usage: { total_usage: 0 } } }), 0)).toBeUndefined();
    expect(sampleOf({ cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} }, 0)).toBeUndefined();
    expect(sampleOf({}, 0)).toBeUndefined();
  });

  it('is kept for half a minute, not for ever', () => {
    const samples = Array.from({ length: 100 }, (_, at) => ({ at, cpu: 0, memory: 0, memoryLimit: 0 }));
    const history = samples.reduce(addSample, []);
    expect(history.length).toBe(HISTORY);
    expect(history.at(-1)?.at).toBe(99);
  });
});

describe("kubelet's arguments", () => {
  const recorded = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'node-log', 'kubelet-v1.21.2.txt'), 'utf8');

  it('are read from the line that k3s v1.21.2 logs', () => {
    const found = kubeletArguments(recorded.trim())!;
    expect(found.length).toBeGreaterThan(25);
    expect(found[0]).toEqual({ name: 'address', value: '0.0.0.0' });
    expect(found).toContainEqual({ name: 'eviction-hard', value: 'imagefs.available<5%,nodefs.available<5%' });
    expect(found).toContainEqual({ name: 'node-labels', value: '' });
    expect(found.at(-1)?.value).toMatch(/serving-kubelet\.key$/);
  });

  it.each([
    [
      'level=info msg="Running kubelet --a=b c --d"',
      [
        { name: 'a', value: 'b c' },
        { name: 'd', value: '' },
      ],
    ],
    ['level=info msg="Running kubelet"', []],
  ])('%s', (line, expected) => {
    expect(kubeletArguments(line)).toEqual(expected);
  });

  it('other lines have none', () => {
    expect(kubeletArguments('level=info msg="Running kube-proxy --a=b"')).toBeUndefined();
    expect(kubeletArguments('I1123 somebody says Running kubelet --a=b')).toBeUndefined();
  });
});

describe('pods that find no node', () => {
  const message = '0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.';
  const pod = { namespace: 'default', name: 'web', message, lacks: lacking(message) };

  it('say what they lack', () => {
    expect(lacking(message)).toEqual(['cpu', 'memory']);
    expect(lacking('0/1 nodes are available: 1 node(s) had untolerated taint {a: b}.')).toEqual([]);
    expect(lacking('1 Insufficient nvidia.com/gpu. preemption: 0/1')).toEqual(['nvidia.com/gpu']);
  });

  it('are a fault of their cluster with the remedy, where an agent is one', () => {
    expect(schedulingTrouble([pod])).toBe('pod default/web waits for cpu and memory: + adds an agent');
    expect(schedulingTrouble([pod, { ...pod, name: 'api' }])).toMatch(/^2 pods wait for cpu and memory/);
    expect(agentWouldHelp([pod])).toBe(true);
    const tainted = { ...pod, lacks: [], message: 'a taint' };
    expect(schedulingTrouble([tainted])).toBe('pod default/web waits for a node that takes it: a taint');
    expect(agentWouldHelp([tainted])).toBe(false);
    expect(schedulingTrouble([])).toBe('');
  });

  it('are those that the scheduler gave up, not those that are just being made', async () => {
    const item = (name: string, conditions: object[]) => ({
      metadata: { name, namespace: 'default' },
      status: { conditions },
    });
    const found = await unschedulablePods(async path => {
      expect(path).toContain('status.phase%3DPending');
      return {
        items: [
          item('young', []),
          item('web', [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }]),
          item('pulls', [{ type: 'PodScheduled', status: 'True' }]),
          { metadata: null },
        ],
      };
    });
    expect(found).toEqual([pod]);
  });
});

describe('a Kubernetes node', () => {
  it('is told with conditions, taints and events, newest first', async () => {
    const details = await nodeDetails(
      async path =>
        path.includes('/events')
          ? {
              items: [
                { type: 'Normal', reason: 'Old', message: 'a', lastTimestamp: '2026-01-01T00:00:00Z' },
                { type: 'Warning', reason: 'New', message: 'b', count: 3, eventTime: '2026-01-02T00:00:00Z' },
              ],
            }
          : {
              metadata: { labels: { a: 'b' } },
              spec: {
                unschedulable: true,
                taints: [
                  { key: 'k', value: 'v', effect: 'NoSchedule' },
                  { key: 'x', effect: 'NoExecute' },
                ],
              },
              status: {
                conditions: [
                  { type: 'MemoryPressure', status: 'True', message: 'low' },
                  { type: 'Ready', status: 'Unknown' },
                  { type: 'DiskPressure', status: 'False' },
                ],
                capacity: { cpu: '2' },
                allocatable: { cpu: '1900m' },
              },
            },
      'n',
    );
    expect(details?.conditions.map(({ type, bad }) => [type, bad])).toEqual([
      ['MemoryPressure', true],
      ['Ready', true],
      ['DiskPressure', false],
    ]);
    expect(details?.events.map(({ reason, count }) => [reason, count])).toEqual([
      ['New', 3],
      ['Old', 1],
    ]);
    expect(details?.taints).toEqual(['k=v:NoSchedule', 'x:NoExecute']);
    expect(details).toMatchObject({ unschedulable: true, capacity: { cpu: '2' }, allocatable: { cpu: '1900m' } });
  });
});

describe('a row of the nodes list', () => {
  const ready = {
    name: 'k3d-demo-server-0',
    ready: true,
    version: 'v1.31.5+k3s1',
    roles: [],
    internalIP: '',
    unschedulable: false,
    problem: '',
  };
  const node = aNode('k3d-demo-server-0');
  const row = (change: Partial<NodeRow>): NodeRow => ({ ...node, ...change });

  it('joins Docker’s picture with load and with what Kubernetes says', () => {
    const { snapshot } = anEngine([aCluster('demo')]).inventory;
    const sample = { at: 1, cpu: 12, memory: 510 * 1024 * 1024, memoryLimit: 1 };
    const nodeRows = nodeRowsMaker();
    const live: LiveView = {
      load: new Map([[node.id, [sample]]]),
      restarts: new Map([[node.id, { count: 2, exit: '' }]]),
      kubernetes: new Map([['demo', { nodes: new Map([[node.name, ready]]), waiting: [] }]]),
    };
    const [found] = nodeRows(snapshot, 'demo', live);
    expect(found).toMatchObject({ restarts: { count: 2 }, kubernetes: ready });
    expect(kubernetesText(found!)).toBe('● Ready v1.31.5');
    expect(cpuText(found!)).toMatch(/ 12%$/);
    expect(nodeRows(snapshot, 'demo', NOTHING_LIVE)[0]).toBe(snapshot.nodes[0]);
    expect(nodeRows(snapshot, 'demo', { ...live, kubernetes: new Map(live.kubernetes) })[0]).toBe(found);
    expect(nodeRows(snapshot, 'demo', { ...live, load: new Map([[node.id, [sample, sample]]]) })[0]).not.toBe(found);
  });

  it('has a fault when it runs and Kubernetes is not content', () => {
    expect(nodeFault(row({ kubernetes: { ...ready, ready: false, problem: 'Ready is Unknown' } }))).toBe(
      'is not ready: Ready is Unknown',
    );
    expect(nodeFault(row({ kubernetes: 'unknown' }))).toBe('runs, but Kubernetes does not know it');
    expect(nodeFault(row({ kubernetes: ready }))).toBeUndefined();
    expect(kubernetesText(row({ kubernetes: { ...ready, unschedulable: true } }))).toBe('◐ cordoned v1.31.5');
    expect(kubernetesText(row({ kubernetesError: 'refused' }))).toBe('? no answer');
  });

  it('says why a node ended, and calls only an accident a fault', () => {
    const state = { Status: 'exited', OOMKilled: false, Error: '', ExitCode: 1 } as Parameters<
      typeof restartsOf
    >[0]['State'];
    const exit = (change: object) => restartsOf({ RestartCount: 3, State: { ...state, ...change } });
    expect(exit({})).toEqual({ count: 3, exit: 'exit code 1' });
    expect(exit({ OOMKilled: true }).exit).toBe('out of memory');
    expect(exit({ ExitCode: 143 }).exit).toBe('told to end');
    expect(exit({ Status: 'running' }).exit).toBe('');
    const ended = row({ running: false, state: 'exited' });
    expect(nodeFault({ ...ended, restarts: exit({ OOMKilled: true }) })).toBe('ended: out of memory');
    expect(nodeFault({ ...ended, restarts: exit({ ExitCode: 143 }) })).toBeUndefined();
  });

  it('draws bars and short sizes', () => {
    expect(graph([0, 50, 100], 100, 5)).toBe('  ▁▅█');
    expect([999, 2048, 510 * 2 ** 20, 1.25 * 2 ** 30].map(shortBytes)).toEqual(['999B', '2.0K', '510M', '1.3G']);
  });
});

describe('the nodes list', () => {
  it('sorts faults first, and those with much load', () => {
    const column = (id: string) => nodesList.columns.find(candidate => candidate.id === id)!;
    const calm = aNode('k3d-demo-server-0');
    const broken = aNode('k3d-demo-agent-0', { fault: 'is paused' });
    const busy: NodeRow = { ...aNode('k3d-demo-agent-1'), load: [{ at: 1, cpu: 80, memory: 1, memoryLimit: 2 }] };
    const sorted = (id: string) => [calm, busy, broken].sort(column(id).compare).map(node => node.name.slice(9));
    expect(sorted('fault')).toEqual(['agent-0', 'server-0', 'agent-1']);
    expect(sorted('cpu')[0]).toBe('agent-1');
  });
});
