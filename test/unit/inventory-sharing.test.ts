import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ContainerSummary } from '../../src/docker/types.ts';
import { clustersFrom } from '../../src/engine/clusters.ts';
import { reuse, shared } from '../../src/engine/sharing.ts';

const containers = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a-server-0', 'a-agent-0', 'a-serverlb', 'b-server-0', 'b-server-1', 'b-agent-0', 'reg'),
    State: fc.constantFrom('running', 'exited'),
    Status: fc.constantFrom('Up 1 minute', 'Up 2 minutes'),
  }),
  { selector: row => row.name },
);

function picture(rows: { name: string; State: string; Status: string }[]) {
  const summaries = rows.map(({ name, State, Status }) => ({
    Id: name,
    Names: [name === 'reg' ? '/reg' : `/k3d-${name}`],
    Image: 'k3s:v1',
    ImageID: 'x',
    Created: 1,
    State,
    Status,
    Labels: { app: 'k3d', ...(name === 'reg' && { 'k3d.role': 'registry' }) },
  }));
  return clustersFrom(summaries as unknown as ContainerSummary[], [], []);
}

it('a picture made of parts of the last one equals the new one, and keeps every object that did not change', () => {
  fc.assert(
    fc.property(containers, containers, (first, second) => {
      const before = picture(first);
      const after = picture(second);
      const result = shared(before, after);
      expect(result).toEqual(after);
      for (const cluster of result.clusters) {
        const old = before.clusters.find(other => other.name === cluster.name);
        if (JSON.stringify(old) === JSON.stringify(cluster)) expect(cluster).toBe(old);
        for (const node of cluster.servers) expect(result.nodes).toContain(node);
      }
      for (const node of result.nodes) {
        const old = before.nodes.find(other => other.id === node.id);
        if (JSON.stringify(old) === JSON.stringify(node)) expect(node).toBe(old);
      }
      if (JSON.stringify(before) === JSON.stringify(after)) {
        for (const key of ['clusters', 'nodes', 'registries'] as const) expect(result[key]).toBe(before[key]);
      }
    }),
  );
});

it('reuse gives equal values, the old ones where they are equal', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
      expect(reuse(before, after)).toEqual(after);
      const copy = structuredClone(before);
      expect(reuse(before, copy)).toBe(before);
    }),
  );
});

it('a label called __proto__ stays a label', () => {
  const before = JSON.parse('{"labels": {"__proto__": "a", "b": "1"}}') as { labels: Record<string, string> };
  const after = JSON.parse('{"labels": {"__proto__": "c", "b": "1"}}') as { labels: Record<string, string> };
  const result = reuse(before, after);
  expect(Object.keys(result.labels)).toEqual(['__proto__', 'b']);
  expect(Object.getPrototypeOf(result.labels)).toBe(Object.prototype);
});
