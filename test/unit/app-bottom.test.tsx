import { cleanup } from 'ink-testing-library';
import { afterEach, expect, test } from 'vitest';
import { aCluster } from './app-fakes.ts';
import { showApp } from './app-harness.tsx';

afterEach(cleanup);

test('a message longer than a row goes on in the next, so that what to do is read as well', async () => {
  const { app, frame, until } = await showApp([aCluster('demo')]);
  const told = Array.from({ length: 14 }, (_, index) => `reason-${index}`).join(' ');
  app.say('bad', `create demo: ${told} · make room and try again`);
  await until('make room and try again');
  const rows = frame().trimEnd().split('\n');
  expect(rows.at(-2)).toMatch(/✗ create demo: reason-0/);
  // The list gave the row, and nothing of its frame is lost.
  expect(rows.at(-3)).toMatch(/^╰─+╯$/);
  expect(rows).toHaveLength(24);
  app.say('good', 'done');
  await until(/✓ done/);
  expect(frame().trimEnd().split('\n').at(-2)).toMatch(/^╰─+╯$/);
});

test('help says the selected key whole, and why it is off', async () => {
  const { press, type, until } = await showApp([aCluster('demo')]);
  await press('?');
  await type('/Shift-M');
  await press('Enter');
  await until(/· make it anew, from nothing, as it is or changed; after a preview/);
  await press('Esc');
  await type('/clear all marks');
  await press('Enter');
  await until(/· off: nothing is marked/);
});

test('a dialog about a cluster that goes meanwhile closes, says so, and keys reach the screen again', async () => {
  const { app, engine, press, frame, until } = await showApp([aCluster('demo'), aCluster('other')]);
  app.openDialog({ name: 'add-node', cluster: 'demo' });
  await until('Add');
  engine.show({ clusters: [aCluster('other')] });
  await until('there is no cluster demo any more');
  await press('d');
  await until(/Clusters › other/);
  expect(frame()).not.toContain('there is no cluster demo');
});

test.each([
  ['stop', 'Stop 2 clusters?', 'Stop cluster other?'],
  ['delete', 'Delete 2 clusters?', 'Delete cluster other?'],
  ['node-delete', 'Delete 2 nodes?', 'Delete node k3d-other-server-0?'],
] as const)('a question about several (%s) asks about those that are still there', async (name, both, one) => {
  const { app, engine, until } = await showApp([aCluster('demo'), aCluster('other'), aCluster('third')]);
  const nodes = ['k3d-demo-server-0', 'k3d-other-server-0'];
  app.openDialog(name === 'node-delete' ? { name, nodes } : { name, clusters: ['demo', 'other'] });
  await until(both);
  engine.show({ clusters: [aCluster('other'), aCluster('third')] });
  await until(one);
  engine.show({ clusters: [aCluster('third')] });
  await until(/there is no \S+ \S+, \S+ any more/);
  expect(app.state.dialog).toBeUndefined();
});
