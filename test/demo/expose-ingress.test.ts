import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import { PORT_ANNOTATION } from '../../src/engine/expose/ingress.ts';
import { planIngressCreate, planIngressDelete } from '../../src/engine/expose/ingress-plan.ts';
import { cluster } from './engine.ts';
import { type Exposed, openExposed, podsReady } from './expose-kit.ts';

let shop: Exposed;

beforeAll(async () => {
  // No port leads to the Ingress controller yet.
  shop = await openExposed('shop', [], 0);
  shop.kube.addApp('shop', 'web', 'shop/web:1', 1, 8080);
  await podsReady(shop.kube);
}, 30_000);

afterAll(() => shop.bench.close());

const REQUEST = { namespace: 'shop', service: 'web', port: 8080, host: 'web.localhost', path: '/' };

const annotations = () =>
  (shop.kube.store.get('ingresses', 'web', 'shop')?.metadata.annotations ?? {}) as Record<string, string>;

const published = async () =>
  (await cluster(shop.bench.engine, 'shop'))!.loadBalancer!.ports.map(port => `${port.hostPort}:${port.containerPort}`);

const ask = (port: number, host: string) =>
  new Promise<string>(resolve => {
    const request = http.get({ host: '127.0.0.1', port, headers: { host } }, response => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', data => {
        text += data;
      });
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
    });
    request.on('error', error => resolve(error.message));
  });

describe('a host name for a Service', () => {
  it('comes with the port that it needs, answers, and goes with it again', async () => {
    const { engine } = shop.bench;
    const { plan, url, manifest, ports } = await planIngressCreate(engine, await shop.survey(), REQUEST, {});
    const [, hostPort = ''] = /:(\d+)\/$/.exec(url) ?? [];
    expect(url).toBe(`http://web.localhost:${hostPort}/`);
    expect(manifest).toContain('host: web.localhost');
    expect(ports?.added.map(({ containerPort }) => containerPort)).toEqual([80]);
    expect(plan.command).toBe(
      `k3dui ingress create shop shop/web:8080 --hostname web.localhost --host-port ${hostPort}`,
    );
    expect(plan.secrets).toContain((await cluster(engine, 'shop'))!.token);

    const operation = apply(plan, engine);
    await operation.finished;
    expect(operation.steps.map(({ id, state }) => [id, state])).toContainEqual(['prove', 'done']);
    expect(await ask(Number(hostPort), `web.localhost:${hostPort}`)).toMatch(/^200 k3dui demo\napp: shop\/web\n/);
    expect(annotations()[PORT_ANNOTATION]).toBe(`${hostPort}:80`);

    const gone = await planIngressDelete(engine, await shop.survey(), { namespace: 'shop', name: 'web' }, {});
    await apply(gone.plan, engine).finished;
    expect(shop.kube.store.get('ingresses', 'web', 'shop')).toBeUndefined();
    expect(await published()).not.toContain(`${hostPort}:80`);
  });

  it('is undone as a whole when the Ingress cannot be made', async () => {
    const { engine } = shop.bench;
    const before = await published();
    const { plan } = await planIngressCreate(engine, await shop.survey(), REQUEST, {});
    // Somebody else is quicker.
    shop.put('ingresses', 'web', 'shop', { spec: { rules: [] } });
    await expect(apply(plan, engine).finished).rejects.toThrow(/"web" already exists/);
    expect(await published()).toEqual(before);
    expect(shop.kube.store.get('ingresses', 'web', 'shop')?.spec).toEqual({ rules: [] });
    shop.kube.store.delete('ingresses', 'web', 'shop');
  });

  it('is refused before anything is touched when it is none, is taken, or leads nowhere', async () => {
    const { engine } = shop.bench;
    shop.kube.addIngress('shop', 'old', 'taken.localhost', 'web', 8080);
    const survey = await shop.survey();
    const why = (change: object) =>
      planIngressCreate(engine, survey, { ...REQUEST, ...change }, {}).then(
        () => 'planned',
        (error: Error) => error.message,
      );
    expect(await why({ host: 'web localhost' })).toBe("'web localhost' is no host name");
    expect(await why({ host: '$(reboot).localhost' })).toMatch(/is no host name/);
    expect(await why({ host: '' })).toBe('a host name is missing');
    expect(await why({ host: 'taken.localhost' })).toBe('taken.localhost/ belongs to Ingress shop/old already');
    expect(await why({ service: 'nope' })).toBe('there is no Service shop/nope');
    expect(await why({ port: 9 })).toBe('Service web has no port 9');
    expect(await why({ path: 'x' })).toBe("'x' is no path");
    expect(await why({ className: 'nginx' })).toBe("no Ingress controller serves class 'nginx'");
    await expect(planIngressDelete(engine, survey, { namespace: 'shop', name: 'no' }, {})).rejects.toMatchObject({
      code: 'INGRESS_UNKNOWN',
      hint: 'it has: shop/old',
    });
    shop.kube.store.delete('ingresses', 'old', 'shop');
  });
});
