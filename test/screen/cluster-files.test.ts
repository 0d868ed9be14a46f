import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';
import { expectNoOverflow } from './checks.ts';

describe('clusters as files in a real terminal', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await demoWith([['alpha', '--agents', '1', '--token', 'verySecret', '--port', '17290:80@loadbalancer']]);
  });
  afterAll(() => demo.close());

  async function opened(host = demo.host, cols = 80, rows = 24): Promise<App> {
    const app = App.start({ host, cols, rows });
    await app.terminal.waitFor(/alpha\s+● running/);
    return app;
  }

  test('x shows a cluster as its config file without the token; with it only when asked; Ctrl-S saves what is shown', async () => {
    await using app = await opened();
    const { terminal } = app;
    terminal.press('x');
    await terminal.waitFor('alpha as a config file · token left out');
    await terminal.waitFor('port: 17290:80');
    expect(terminal.text()).not.toContain('verySecret');
    terminal.press('t');
    await terminal.waitFor('token: verySecret');
    terminal.press('t');
    await terminal.waitGone('verySecret');
    await terminal.waitFor('port: 17290:80');
    terminal.press('Ctrl-S');
    await terminal.waitFor('save as alpha.yaml');
    terminal.press('Enter');
    await terminal.waitFor(/✓ alpha saved to/);
    expect(readFileSync(join(app.home, 'alpha.yaml'), 'utf8')).toContain('kind: Simple');
    terminal.press('Ctrl-S');
    await terminal.waitFor('save as alpha.yaml');
    terminal.press('Enter');
    await terminal.waitFor('there is a file');
    expectNoOverflow(terminal);
  });

  test('a file is compared and brought up to, and X makes another cluster like it', async () => {
    // One of its own, as the cluster is changed: a repetition begins anew.
    const own = await demoWith([['alpha', '--agents', '1', '--port', '17295:80@loadbalancer']]);
    onTestFinished(() => own.close());
    await using app = await opened(own.host, 100, 30);
    const { terminal } = app;
    const file = [
      'apiVersion: k3d.io/v1alpha5',
      'kind: Simple',
      'metadata: { name: alpha }',
      'agents: 2',
      'image: docker.io/rancher/k3s:v1.35.5-k3s1',
      'ports: [{ port: "17296:80", nodeFilters: [loadbalancer] }]',
    ];
    writeFileSync(join(app.home, 'k3d.yaml'), file.join('\n'));
    terminal.type(':');
    await terminal.waitFor(/^ :/m);
    terminal.type('diff');
    terminal.press('Enter');
    await terminal.waitFor('~ agents: 1 → 2');
    await terminal.waitFor('+ ports: 17296:80@loadbalancer');
    terminal.press('a');
    await terminal.waitFor('▸ Apply ◂');
    terminal.press('Enter');
    await terminal.waitFor(/done in/);
    terminal.press('Esc');
    await terminal.waitFor(/Diff k3d\.yaml +\? help/);
    terminal.press('Ctrl-R');
    await terminal.waitFor('✓ The cluster is as the file has it.');
    terminal.press('q');
    await terminal.waitFor(/alpha\s+● running\s+1\/1\s+2\/2/);
    terminal.press('D');
    await terminal.waitFor('A cluster like alpha');
    await terminal.waitFor('alpha-2');
    terminal.press('Tab');
    terminal.type('rancher/k3s:v1.33.5-k3s1');
    terminal.press('Enter');
    await terminal.waitFor('port 17296:80 becomes 17297:80');
    terminal.press('Enter');
    await terminal.waitFor(/create cluster alpha-2 like alpha: done in/);
    expect(terminal.text()).toContain('--image rancher/k3s:v1.33.5-k3s1');
    expectNoOverflow(terminal);
  });
});
