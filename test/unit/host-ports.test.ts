import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { ContainerSummary } from '../../src/docker/types.ts';
import { canListen, freePorts, labelledPorts } from '../../src/engine/cluster/host-ports.ts';

const container = (Labels: Record<string, string>) => ({ Labels }) as unknown as ContainerSummary;

test('ports of a new cluster are none that a stopped one has, and none that the system gives out', async () => {
  const even = new Set(Array.from({ length: 65_536 / 2 }, (_, half) => half * 2));
  for (let i = 0; i < 100; i++) {
    const [api, registry] = await freePorts(even, async () => true);
    expect([api % 2, registry % 2]).toEqual([1, 1]);
    expect(api).not.toBe(registry);
    for (const port of [api, registry]) expect(port > 10_000 && port < 30_000).toBe(true);
  }
});

test('ports of a new cluster can be listened on', async () => {
  const asked: number[] = [];
  const found = await freePorts(new Set(), async port => asked.push(port) > 5);
  expect(asked.slice(5)).toEqual(found);
});

test('where no port is free there is still one to tell the conflict about', async () => {
  const [api] = await freePorts(new Set(), async () => false);
  expect(api).toBeGreaterThan(0);
});

test('stopped clusters and registries keep their ports', () => {
  const api = container({ 'k3d.server.api.port': '12345' });
  const registry = container({ 'k3s.registry.port.external': '5001' });
  expect(labelledPorts([api, registry, container({ 'k3d.role': 'agent' }), {} as ContainerSummary])).toEqual(
    new Set([12_345, 5001]),
  );
});

test('a port that somebody listens on cannot be had', async () => {
  const server = createServer();
  const port = await new Promise<number>(resolve =>
    server.listen(0, () => resolve((server.address() as { port: number }).port)),
  );
  expect(await canListen(port)).toBe(false);
  await new Promise(resolve => server.close(resolve));
});
