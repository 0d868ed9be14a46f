import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/demo/programs/kubernetes-objects.ts';
import { exposures } from '../../src/engine/expose/exposures.ts';
import type { HopKind } from '../../src/engine/expose/model.ts';
import { groundOf } from '../../src/engine/expose/survey.ts';
import { cluster } from './engine.ts';
import { type Exposed, openExposed, podsReady } from './expose-kit.ts';

let it1: Exposed;
const specOf = (object: KubeObject | undefined) => object?.spec as Record<string, unknown>;

beforeAll(async () => {
  it1 = await openExposed('shop', [
    [18_090, 80],
    [18_091, 7777],
    [18_092, 31_777],
  ]);
  const { kube, put } = it1;
  kube.addApp('shop', 'web', 'shop/web:1', 2, 8080);
  kube.addIngress('shop', 'web', 'web.localhost', 'web', 8080);
  kube.addIngress('shop', 'far', 'far.invalid', 'web', 8080);
  const ports = [{ name: 'http', port: 7777, targetPort: 8080, protocol: 'TCP' }];
  put('services', 'game', 'shop', { spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports } });
  const outside = [{ name: 'http', port: 8080, targetPort: 8080, nodePort: 31_777, protocol: 'TCP' }];
  put('services', 'door', 'shop', { spec: { type: 'NodePort', selector: { app: 'web' }, ports: outside } });
  await podsReady(kube);
}, 30_000);

afterAll(() => it1.bench.close());

/** Where a way breaks: the hop's kind, and what is said of it. */
async function broken(name: string): Promise<{ at: HopKind | undefined; why: string; verdict: string; todo: string }> {
  const exposure = it1.find(await it1.survey(), name);
  const { at, fault, verdict } = await it1.tried(exposure);
  const { text = '', command = '' } = fault?.remedy ?? {};
  return {
    at: at === undefined ? undefined : exposure.hops[at]!.kind,
    why: fault?.why ?? '',
    verdict,
    todo: `${text} ${command}`,
  };
}

describe('a way that is whole', () => {
  it('is proven hop by hop, by an Ingress, by a LoadBalancer Service and by a NodePort', async () => {
    for (const [name, url] of [
      ['Ingress shop/web', 'http://web.localhost:18090/'],
      ['shop/game', 'http://127.0.0.1:18091/'],
      ['shop/door', 'http://127.0.0.1:18092/'],
    ] as const) {
      const exposure = it1.find(await it1.survey(), name);
      const { verdict, at, hops } = await it1.tried(exposure);
      expect([verdict, at, exposure.urls]).toEqual(['works', undefined, [url]]);
      expect(hops.map(({ state }) => state)).not.toContain('known');
    }
    const ingress = it1.find(await it1.survey(), 'Ingress shop/web');
    expect(ingress.hops.map(({ kind }) => kind)).toEqual([
      ...['url', 'host', 'listener', 'nodes', 'svclb', 'controller-service', 'controller'],
      ...['route', 'service', 'endpoints', 'pods'],
    ]);
  });
});

/** Breaks one thing; what is returned mends it again. */
const BREAKS: [
  what: string,
  name: string,
  at: HopKind,
  why: RegExp,
  todo: RegExp,
  breakIt: () => (() => unknown) | Promise<() => unknown>,
][] = [
  [
    'no process on the pods’ port',
    'Ingress shop/web',
    'pods',
    /nothing listens on port 9999 of any of 2 pods/,
    /targetPort/,
    () => patchService('web', { targetPort: 9999 }),
  ],
  [
    'a Deployment of no replicas',
    'Ingress shop/web',
    'endpoints',
    /no pod matches app=web/,
    /has replicas/,
    () => scale('web', 0, 2),
  ],
  [
    'pods that are not ready',
    'shop/game',
    'endpoints',
    /none of its 2 pods is ready/,
    /describe pod web-/,
    () => unready('web'),
  ],
  [
    'a Service that is gone',
    'Ingress shop/web',
    'service',
    /no Service web in namespace shop/,
    /name another/,
    () => remove('services', 'web'),
  ],
  [
    'a Service’s address that nobody serves',
    'Ingress shop/web',
    'service',
    /the Service's address does not/,
    /node restart k3d-shop-/,
    () => cut(addressOf('web', 'shop')),
  ],
  [
    'an Ingress of a class that nobody serves',
    'Ingress shop/web',
    'controller',
    /no Ingress controller serves class 'other'/,
    /traefik/,
    () => patchIngress('web', { ingressClassName: 'other' }),
  ],
  [
    'a rule that the controller has not taken up',
    'Ingress shop/web',
    'route',
    /has not taken this rule up/,
    /its class/,
    () => cut('Ingress shop/web'),
  ],
  [
    'a controller without a pod',
    'Ingress shop/web',
    'controller',
    /it has no pods/,
    /get pods/,
    () => removePod('traefik-'),
  ],
  [
    'a controller’s address that nobody serves',
    'Ingress shop/web',
    'controller-service',
    /the Service's address does not/,
    /node restart/,
    () => cut(addressOf('traefik', 'kube-system')),
  ],
  [
    'svclb pods that are gone',
    'shop/game',
    'svclb',
    /no svclb pod holds its ports/,
    /servicelb/,
    () => removePod('svclb-game-'),
  ],
  [
    'svclb pods that pass nothing on',
    'shop/game',
    'svclb',
    /svclb's pod does not pass it on/,
    /delete pod svclb-game-.* -n kube-system/,
    () => cut(...podAddresses('svclb-game-')),
  ],
  [
    'a port that another Service’s svclb holds',
    'shop/rival',
    'svclb',
    /port 7777 of the nodes belongs to Service shop\/game/,
    /another port/,
    () => rival(),
  ],
  [
    'a NodePort that no node serves',
    'shop/door',
    'nodeport',
    /the NodePort does not answer: refused/,
    /node restart k3d-shop-/,
    () => cut('k3d-shop-server-0:31777', 'k3d-shop-agent-0:31777'),
  ],
  [
    'ports of the nodes that do not answer',
    'shop/game',
    'nodes',
    /the port of the nodes does not answer: refused/,
    /node restart k3d-shop-serverlb/,
    () => cut('k3d-shop-server-0:7777', 'k3d-shop-agent-0:7777'),
  ],
  [
    'a load balancer without the listener',
    'shop/game',
    'listener',
    /nginx does not listen on 7777/,
    /--port-add 127.0.0.1:18091:7777|--port-add 18091:7777/,
    () => withoutListener('7777.tcp'),
  ],
  [
    'a host port that Docker does not serve',
    'shop/game',
    'host',
    /port of this machine does not answer: refused/,
    /node restart k3d-shop-serverlb/,
    () => withoutHostPorts(),
  ],
  [
    'a name that does not resolve',
    'Ingress shop/far',
    'url',
    /the name does not resolve/,
    /127\.0\.0\.1 far\.invalid.*\/etc\/hosts/,
    () => () => {},
  ],
];

describe('each hop, when it breaks', () => {
  for (const [what, name, at, why, todo, breakIt] of BREAKS) {
    it(`is named as the broken one: ${what}`, async () => {
      const mend = await breakIt();
      try {
        const found = await broken(name);
        expect(found).toMatchObject({ at, verdict: 'broken' });
        expect(found.why).toMatch(why);
        expect(found.todo).toMatch(todo);
      } finally {
        await mend();
        await podsReady(it1.kube);
      }
      if (at !== 'url' && name !== 'shop/rival')
        await expect.poll(() => broken(name)).toMatchObject({ verdict: 'works' });
    });
  }

  it('is the node, when none behind the port runs, and the load balancer, when that is stopped', async () => {
    const { engine } = it1.bench;
    // As the app does, which knows from before what Kubernetes no longer tells.
    const { traffic, ground } = await it1.survey();
    const at = async (container: string) => {
      await engine.docker.stopContainer(container, { timeoutSeconds: 0 }, {});
      const now = (await cluster(engine, 'shop'))!;
      const row = ground.rows.find(({ listenerPort }) => listenerPort === 7777)!;
      const upstreams = row.upstreams
        .filter(({ node }) => node === 'k3d-shop-agent-0')
        .map(one => ({ ...one, running: false }));
      const rows = container.endsWith('serverlb') ? ground.rows : [{ ...row, upstreams }];
      const [exposure] = exposures({ ...groundOf(engine, now, undefined), rows, listenersKnown: true }, traffic).filter(
        one => one.name === 'game',
      );
      await engine.docker.startContainer(container);
      const hop = exposure!.hops.findLast(({ fault }) => fault !== undefined)!;
      return [hop.kind, hop.fault?.why, hop.fault?.remedy?.act];
    };
    expect(await at('k3d-shop-serverlb')).toEqual([
      'listener',
      'the load balancer is exited',
      { kind: 'start', node: 'k3d-shop-serverlb' },
    ]);
    expect(await at('k3d-shop-agent-0')).toEqual([
      'nodes',
      'agent-0 is exited',
      { kind: 'start', node: 'k3d-shop-agent-0' },
    ]);
    await podsReady(it1.kube);
  });
});

function cut(...what: string[]) {
  const { network } = it1.kube;
  for (const one of what) network.cut.add(one);
  return () => network.cut.clear();
}

const addressOf = (name: string, namespace: string) =>
  String(specOf(it1.kube.store.get('services', name, namespace)).clusterIP);

const podAddresses = (prefix: string) =>
  it1.kube.store
    .list('pods')
    .filter(({ metadata }) => metadata.name.startsWith(prefix))
    .map(({ status }) => (status as { podIP: string }).podIP);

function patchService(name: string, port: object) {
  const { store } = it1.kube;
  const old = structuredClone(store.get('services', name, 'shop')!);
  const ports = (specOf(old).ports as object[]).map(one => ({ ...one, ...port }));
  store.put('services', { ...old, spec: { ...specOf(old), ports } });
  return () => store.put('services', old);
}

function patchIngress(name: string, change: object) {
  const { store } = it1.kube;
  const old = structuredClone(store.get('ingresses', name, 'shop')!);
  store.put('ingresses', { ...old, spec: { ...specOf(old), ...change } });
  return () => store.put('ingresses', old);
}

function scale(name: string, replicas: number, back: number) {
  const { store } = it1.kube;
  const to = (count: number) => {
    const deployment = store.get('deployments', name, 'shop')!;
    store.put('deployments', { ...deployment, spec: { ...specOf(deployment), replicas: count } });
  };
  to(replicas);
  return () => to(back);
}

function unready(app: string) {
  const { store } = it1.kube;
  const pods = store.list('pods', 'shop').filter(({ metadata }) => metadata.labels?.app === app);
  for (const pod of pods) {
    const status = pod.status as { conditions: { type: string }[] };
    const conditions = status.conditions.map(one => (one.type === 'Ready' ? { ...one, status: 'False' } : one));
    store.put('pods', { ...pod, status: { ...status, conditions } });
  }
  return () => {
    for (const pod of pods) store.put('pods', pod);
  };
}

function remove(resource: string, name: string) {
  const { store } = it1.kube;
  const old = store.delete(resource, name, 'shop')!;
  return () => store.put(resource, old);
}

function removePod(prefix: string) {
  const { store } = it1.kube;
  const pods = store.list('pods').filter(({ metadata }) => metadata.name.startsWith(prefix));
  for (const { metadata } of pods) store.delete('pods', metadata.name, metadata.namespace);
  return () => {
    for (const pod of pods) store.put('pods', pod);
  };
}

function rival() {
  const ports = [{ name: 'http', port: 7777, targetPort: 8080, protocol: 'TCP' }];
  it1.put('services', 'rival', 'shop', { spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports } });
  return () => {
    it1.kube.store.delete('services', 'rival', 'shop');
  };
}

async function withoutListener(listener: string) {
  const { files } = it1.bench.demo.world.container('k3d-shop-serverlb');
  const path = '/etc/confd/values.yaml';
  const before = files.text(path)!;
  const [port] = listener.split('.');
  files.write(path, before.replace(new RegExp(`  ${port}\\.tcp:\\n(  - .*\\n)+`), ''));
  return () => files.write(path, before);
}

async function withoutHostPorts() {
  const { docker } = it1.bench.engine;
  const { id } = it1.bench.demo.world.container('k3d-shop-serverlb');
  const { ground, exposures: all } = await it1.survey();
  // The API's own port goes with it: what Kubernetes said before is all there is.
  const survey = it1.survey;
  const traffic = (await survey()).traffic;
  it1.bench.demo.world.hostPorts.release(id);
  it1.survey = async () => ({ ground, traffic, exposures: all });
  return async () => {
    it1.survey = survey;
    await docker.stopContainer(id, { timeoutSeconds: 0 });
    await docker.startContainer(id);
  };
}
