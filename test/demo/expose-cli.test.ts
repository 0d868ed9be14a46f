import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/open.ts';
import { runCli } from '../unit/cli-fake.ts';
import { type Exposed, openExposed, podsReady } from './expose-kit.ts';

let shop: Exposed;

beforeAll(async () => {
  shop = await openExposed('shop', [[18_099, 80]], 0);
  shop.kube.addApp('shop', 'web', 'shop/web:1', 1, 8080);
  await podsReady(shop.kube);
}, 30_000);

afterAll(() => shop.bench.close());

const k3dui = (...words: string[]) =>
  runCli(words, [], {
    env: { HOME: shop.bench.home },
    openEngine: () => openEngine({ env: { HOME: shop.bench.home }, host: shop.bench.demo.host, demo: true }),
  });

describe('k3dui expose and k3dui ingress', () => {
  it('show what is there, make a Service reachable, and take it back', async () => {
    const before = await k3dui('expose', 'shop');
    expect(before).toMatchObject({ code: 0, stderr: '' });
    expect(before.stdout).toMatch(/^NAMESPACE +KIND +NAME +PORT +STATE +REACH\n/);
    expect(before.stdout).toMatch(/shop +ClusterIP +web +8080 +– inside +inside only/);

    const plan = await k3dui('ingress', 'create', 'shop', 'web', '--dry-run');
    expect(plan.stdout).toMatch(/Create Ingress shop\/web\n(?:.*\n)+.*host: web\.localhost/);
    expect(shop.kube.store.list('ingresses')).toEqual([]);

    const made = await k3dui('ingress', 'create', 'shop', 'web');
    expect(made.code).toBe(0);
    expect(`${made.stdout}${made.stderr}`).toContain('Reach it at http://web.localhost:18099/');

    const way = await k3dui('expose', 'shop', 'web.localhost');
    expect(way.code).toBe(0);
    expect(way.stdout).toMatch(/● works/);
    expect(way.stdout).toContain('curl --resolve web.localhost:18099:127.0.0.1 http://web.localhost:18099/');

    const deleted = await k3dui('ingress', 'delete', 'shop', 'web');
    expect(deleted.code).toBe(0);
    expect(shop.kube.store.list('ingresses')).toEqual([]);
  });

  it('end with 1 where a way breaks, with everything as data', async () => {
    shop.kube.addIngress('shop', 'lost', 'lost.localhost', 'nowhere', 80);
    const { code, stdout } = await k3dui('expose', 'shop', 'shop/lost', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        kind: 'Ingress',
        name: 'lost',
        state: 'broken',
        breaksAt: 'service',
        missing: { why: 'there is no Service nowhere in namespace shop' },
      },
    ]);
    shop.kube.store.delete('ingresses', 'lost', 'shop');
  });

  it('name the load balancer when it is stopped, though Kubernetes is reached through it', async () => {
    const { docker } = shop.bench.engine;
    await docker.stopContainer('k3d-shop-serverlb', { timeoutSeconds: 0 });
    const { code, stderr } = await k3dui('expose', 'shop', 'web');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('breaks at the load balancer: k3d-shop-serverlb is exited'),
    ]);
    await docker.startContainer('k3d-shop-serverlb');
  });

  it('say what is not there', async () => {
    expect(await k3dui('expose', 'shop', 'nope')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no Service or Ingress 'nope'"),
    });
    expect(await k3dui('expose', 'none')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no cluster named 'none'"),
    });
    expect((await k3dui('ingress', 'create', 'shop', 'nope')).stderr).toContain("there is no Service 'nope'");
    expect((await k3dui('ingress', 'create', 'shop')).stderr).toContain('a cluster and a name are needed');
  });
});
