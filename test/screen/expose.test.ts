import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { clusterOf } from '../../src/demo/programs/k3s.ts';
import type { KubeCluster } from '../../src/demo/programs/kubernetes-cluster.ts';
import { makeObject } from '../../src/demo/programs/kubernetes-objects.ts';
import { freePorts } from '../bed/free-ports.ts';
import { App, demoWith } from './app.ts';
import { expectNoOverflow } from './checks.ts';

describe('expose in a real terminal', () => {
  let demo: Demo;
  let kube: KubeCluster;
  let port: number;
  beforeAll(async () => {
    port = await freePorts(1);
    demo = await demoWith([['alpha', '--port', `${port}:80@loadbalancer`]]);
    kube = clusterOf(demo.world.container('k3d-alpha-server-0'))!;
    void kube.network;
    kube.addApp('shop', 'web', 'shop/web:1', 2, 8080);
    kube.addIngress('shop', 'web', 'web.localhost', 'web', 8080);
  });
  afterAll(() => demo.close());

  async function opened(cols: number, rows: number): Promise<App> {
    const app = App.start({ host: demo.host, cols, rows });
    const { terminal } = app;
    await terminal.waitFor(/alpha\s+● running/);
    terminal.press('v');
    await terminal.waitFor('Expose of alpha');
    await terminal.waitFor(/web +Ingress/);
    return app;
  }

  const scale = (replicas: number) => {
    const web = kube.store.get('deployments', 'web', 'shop')!;
    kube.store.put('deployments', { ...web, spec: { ...(web.spec as object), replicas } });
  };

  beforeEach(() => scale(2));

  test.each([
    [80, 24],
    [140, 40],
  ])('draw the whole way at %i×%i, and where it breaks as soon as it does', async (cols, rows) => {
    await using app = await opened(cols, rows);
    const { terminal } = app;
    await terminal.waitFor(/web +Ingress +.*● works/);
    for (const title of ['URL', 'host port', 'load balancer', 'svclb', 'traefik', 'Ingress', 'endpoints', 'pods']) {
      await terminal.waitFor(`╭ ${title} `);
    }
    await terminal.waitFor(/● 2\/2 \d+ ms/);
    scale(0);
    await terminal.waitFor('✗ BREAKS HERE');
    await terminal.waitFor('┏ endpoints ━');
    await terminal.waitFor('✗ endpoints: no pod matches app=web');
    await terminal.waitFor('┆─╳┃ none');
    scale(2);
    await terminal.waitGone('BREAKS HERE');
    await terminal.waitFor(/web +Ingress +.*● works/);
    expectNoOverflow(terminal);
  });

  test('tell all of a way, copy what reaches it, and lead to the ports, which name what is behind them', async () => {
    await using app = await opened(120, 30);
    const { terminal } = app;
    await terminal.waitFor(/web +Ingress +.*● works/);
    terminal.press('Enter');
    await terminal.waitFor('shop/web of alpha');
    await terminal.waitFor(/└● pods/);
    await terminal.waitFor(`curl --resolve web.localhost:${port}:127.0.0.1 http://web.localhost:${port}/`);
    terminal.press('C');
    await terminal.waitFor(/curl +curl --resolve/);
    terminal.press('Esc');
    await terminal.waitGone(/curl +curl --resolve/);
    terminal.press('p');
    await terminal.waitFor('Ports of alpha');
    await terminal.waitFor('traefik → shop/web (web.localhost)');
  });

  test('publish the port that is missing, with one key and a look at what that does', async () => {
    const ports = [{ name: 'game', port: 7777, targetPort: 8080, protocol: 'TCP' }];
    kube.store.put(
      'services',
      makeObject('services', 'game', 'shop', { spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports } }),
    );
    await using app = await opened(100, 30);
    const { terminal } = app;
    await terminal.waitFor(/game +LoadBalancer +7777 +○ closed/);
    terminal.press('j');
    await terminal.waitFor(/▸ shop +game/);
    await terminal.waitFor('no port of this machine leads to 7777/tcp of the nodes');
    terminal.press('r');
    await terminal.waitFor(/\+ \d+:7777/);
    await terminal.waitFor('▸ Apply ◂');
    terminal.press('Enter');
    await terminal.waitFor(/7777 answers|\d+ answers/, 20_000);
    terminal.press('Esc');
    await terminal.waitFor(/game +LoadBalancer +7777 +● works +tcp:\/\/127\.0\.0\.1:\d+/, 20_000);
  });

  test('help over it tells which keys work, and runs them', async () => {
    await using app = await opened(100, 30);
    const { terminal } = app;
    terminal.press('?');
    await terminal.waitFor('add an Ingress: give the Service a');
    expect(terminal.text()).not.toContain('there is nothing selected');
    terminal.press('j', 'Enter');
    await terminal.waitFor('Give shop/web:8080 a host name');
  });

  test('give a Service a host name, prove it, and take it away again', async () => {
    await using app = await opened(100, 30);
    const { terminal } = app;
    terminal.press('a');
    await terminal.waitFor('Give shop/web:8080 a host name');
    await terminal.waitFor('browsers know this name');
    terminal.press('Ctrl-U');
    terminal.type('web.localhost');
    await terminal.waitFor('belongs to Ingress shop/web already');
    terminal.press('Ctrl-U');
    terminal.type('two.localhost');
    await terminal.waitGone('belongs to Ingress');
    terminal.press('Enter');
    await terminal.waitFor(`It will be reached at http://two.localhost:${port}/`);
    await terminal.waitFor('kind: Ingress');
    terminal.press('Enter');
    await terminal.waitFor(`✓ ask for http://two.localhost:${port}/`, 20_000);
    terminal.press('Esc');
    await terminal.waitFor(/web-2 +Ingress/);
    terminal.press('j', 'Ctrl-D');
    await terminal.waitFor('delete Ingress shop/web-2');
    await terminal.waitFor('▸ Cancel ◂');
    terminal.press('Tab', 'Enter');
    await terminal.waitFor(/delete Ingress shop\/web-2: done/, 20_000);
    terminal.press('Esc');
    await terminal.waitGone(/web-2 +Ingress/);
  });
});
