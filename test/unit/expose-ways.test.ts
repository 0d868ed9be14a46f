import { describe, expect, it } from 'vitest';
import type { Ground } from '../../src/engine/expose/context.ts';
import { indexOf } from '../../src/engine/expose/context.ts';
import { diagnose } from '../../src/engine/expose/diagnose.ts';
import { exposures } from '../../src/engine/expose/exposures.ts';
import { checkIngress, proposeHost } from '../../src/engine/expose/ingress.ts';
import { KeptWays } from '../../src/engine/expose/kept.ts';
import { type Exposure, missingStep } from '../../src/engine/expose/model.ts';
import { reachedThrough } from '../../src/engine/expose/reaches.ts';
import { keyOf, NO_TRAFFIC, type Traffic } from '../../src/engine/expose/traffic.ts';
import { curlLine } from '../../src/engine/expose/urls.ts';
import { exposureData, hopWords } from '../../src/engine/expose/words.ts';
import { portTable } from '../../src/engine/ports/table.ts';
import type { TrafficKinds } from '../../src/kubernetes/traffic.ts';
import { READ } from '../../src/kubernetes/traffic-read.ts';
import type { RawObject } from '../../src/kubernetes/watch.ts';
import { madeCluster, port } from './ports-kit.ts';

/** Traffic of raw objects, as the API sends them. */
function trafficOf(objects: Partial<Record<keyof TrafficKinds, RawObject[]>>): Traffic {
  const kinds = Object.entries(objects).map(([kind, list]) => [
    kind,
    new Map(list.map(object => [keyOf(object), READ[kind as keyof TrafficKinds](object)])),
  ]);
  return { ...NO_TRAFFIC, ...Object.fromEntries(kinds) };
}

function groundOf(ports: readonly [number, number][], changes: Parameters<typeof madeCluster>[0] = {}): Ground {
  const cluster = madeCluster(changes);
  const nodes = [...cluster.servers, ...cluster.agents].map(({ name }) => name);
  if (cluster.loadBalancer)
    cluster.loadBalancer.ports = [port(6550, 6443), ...ports.map(([host, inner]) => port(host, inner))];
  else cluster.servers[0]!.ports = [port(6550, 6443), ...ports.map(([host, inner]) => port(host, inner))];
  const model = {
    ports: Object.fromEntries([['6443.tcp', ['k3d-c-server-0']], ...ports.map(([, inner]) => [`${inner}.tcp`, nodes])]),
    settings: { workerConnections: 1024 },
  };
  return {
    cluster,
    rows: portTable(cluster, model),
    listenersKnown: true,
    taken: new Set(),
    hostOf: () => '127.0.0.1',
  };
}

const service = (name: string, spec: object, metadata: object = {}): RawObject => ({
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { clusterIP: '10.43.0.9', selector: { app: name }, ...spec },
});
const http = (extra: object = {}) => [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP', ...extra }];
const slice = (of: string, address = '10.42.0.5', namespace = 'shop'): RawObject => ({
  metadata: { name: `${of}-1`, namespace, labels: { 'kubernetes.io/service-name': of } },
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: [{ addresses: [address], conditions: { ready: true }, targetRef: { kind: 'Pod', name: `${of}-x` } }],
});
const svclb = (of: string, labels: object, namespace: string, node = 'k3d-c-server-0'): RawObject => ({
  metadata: { name: `svclb-${of}-1`, namespace, labels: { 'svccontroller.k3s.cattle.io/svcname': of, ...labels } },
  spec: { nodeName: node },
  status: { podIP: '10.42.0.6', conditions: [{ type: 'Ready', status: 'True' }] },
});

const kinds = ({ hops }: Exposure) => hops.map(({ kind }) => kind);
const only = (ground: Ground, traffic: Traffic) => exposures(ground, traffic)[0]!;
const state = (exposure: Exposure) => diagnose(exposure).verdict;

describe('the way to a Service', () => {
  it('goes through svclb wherever that version of k3s puts it', () => {
    const ground = groundOf([[8080, 80]]);
    const web = { services: [service('web', { type: 'LoadBalancer', ports: http() })], slices: [slice('web')] };
    const newer = svclb('web', { 'svccontroller.k3s.cattle.io/svcnamespace': 'shop' }, 'kube-system');
    for (const pod of [svclb('web', {}, 'shop'), newer]) {
      const way = only(ground, trafficOf({ ...web, balancers: [pod] }));
      expect(kinds(way)).toEqual(['url', 'host', 'listener', 'nodes', 'svclb', 'service', 'endpoints', 'pods']);
      expect([state(way), way.urls]).toEqual(['untried', ['http://127.0.0.1:8080/']]);
    }
    // One in another namespace is another Service's.
    expect(missingStep(only(ground, trafficOf({ ...web, balancers: [svclb('web', {}, 'other')] })))?.why).toBe(
      'no svclb pod holds its ports on the nodes',
    );
  });

  it('goes through a NodePort, by the load balancer, a node of its own, or not at all', () => {
    const np = {
      services: [service('np', { type: 'NodePort', ports: http({ nodePort: 31000 }) })],
      slices: [slice('np')],
    };
    expect(kinds(only(groundOf([[8080, 31000]]), trafficOf(np)))).toContain('nodeport');
    const direct = only(groundOf([[8080, 31000]], { loadBalancer: false, agents: 0 }), trafficOf(np));
    expect(kinds(direct)).toEqual(['url', 'host', 'nodes', 'nodeport', 'service', 'endpoints', 'pods']);
    const closed = only(groundOf([]), trafficOf(np));
    expect([state(closed), missingStep(closed)?.remedy]).toEqual([
      'closed',
      {
        text: 'publish it on port 31000 of this machine',
        command: 'k3dui cluster edit c --port-add 31000:31000',
        act: { kind: 'port', listener: 31000, protocol: 'tcp', hostPort: 31000 },
      },
    ]);
    const never = missingStep(only(groundOf([], { loadBalancer: false }), trafficOf(np)));
    expect([never?.why, never?.remedy?.act]).toEqual([expect.stringContaining('has no load balancer'), undefined]);
  });

  it('that nobody asked for from outside breaks nowhere, and what is wrong further in still does', () => {
    const services = [service('db', { type: 'ClusterIP', ports: http() })];
    const whole = only(groundOf([]), trafficOf({ services, slices: [slice('db')] }));
    const said = diagnose(whole);
    expect([said.verdict, said.at, said.hops[0]!.state]).toEqual(['inside', undefined, 'absent']);
    expect(hopWords(said.hops[0]!).said).toBe('inside only');
    expect(exposureData(whole, said)).not.toHaveProperty('breaksAt');
    expect(said.fault?.why).toBe('nothing outside leads to a ClusterIP Service');

    const empty = only(groundOf([]), trafficOf({ services }));
    const { hops, at } = diagnose(empty);
    expect(hops[0]!.state).toBe('absent');
    expect([empty.hops[at!]!.kind, hops[at!]!.state]).toEqual(['endpoints', 'bad']);
  });

  it('is read of old clusters, whose endpoints and Ingresses are told in older words', () => {
    const old: RawObject = {
      metadata: { name: 'web', namespace: 'shop' },
      subsets: [
        {
          addresses: [{ ip: '10.42.0.5', nodeName: 'k3d-c-server-0', targetRef: { kind: 'Pod', name: 'web-x' } }],
          notReadyAddresses: [{ ip: '10.42.0.7' }],
          ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        },
      ],
    };
    const ingress: RawObject = {
      metadata: { name: 'web', namespace: 'shop', annotations: { 'kubernetes.io/ingress.class': 'traefik' } },
      spec: {
        rules: [
          { host: 'w.test', http: { paths: [{ path: '/x', backend: { serviceName: 'web', servicePort: 80 } }] } },
        ],
      },
    };
    const ways = exposures(
      groundOf([[8080, 80]]),
      trafficOf({ services: [service('web', { ports: http() })], slices: [old], ingresses: [ingress] }),
    );
    const [way] = ways;
    expect([way!.host, way!.path, way!.note, way!.service?.port]).toEqual(['w.test', '/x', 'traefik', 80]);
    expect(way!.hops.find(({ kind }) => kind === 'endpoints')?.text).toBe('1 of 2 ready');
    expect(missingStep(way!)?.why).toBe('the cluster has no Ingress controller that is reached from outside');
    // Soon after a start it may be on its way.
    expect(missingStep(way!)?.remedy?.command).toMatch(/^kubectl --context \S+ -n kube-system get pods$/);
  });
});

/** A controller whose svclb runs, with an Ingress for `web`. */
function withController(name: string, labels: object, className: string | undefined, classes: RawObject[] = []) {
  const ingress: RawObject = {
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      ...(className !== undefined && { ingressClassName: className }),
      rules: [{ host: 'w.test', http: { paths: [{ backend: { service: { name: 'web', port: { name: 'http' } } } }] } }],
    },
  };
  return trafficOf({
    services: [
      service(name, { type: 'LoadBalancer', ports: http({ targetPort: 8000 }) }, { namespace: 'ic', labels }),
      service('web', { ports: http() }),
    ],
    slices: [slice(name, '10.42.0.9', 'ic'), slice('web')],
    balancers: [svclb(name, { 'svccontroller.k3s.cattle.io/svcnamespace': 'ic' }, 'kube-system')],
    ingresses: [ingress],
    ingressClasses: classes,
  });
}

describe('an Ingress', () => {
  it('is led to its controller by class, by default class, or because there is but one', () => {
    const ground = groundOf([[8080, 80]]);
    const nginx = { metadata: { name: 'web-class' }, spec: { controller: 'k8s.io/ingress-nginx' } };
    const asDefault = {
      ...nginx,
      metadata: { name: 'd', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    };
    const controller = ['ingress-nginx-controller', { 'app.kubernetes.io/name': 'ingress-nginx' }] as const;
    for (const traffic of [
      withController(...controller, 'web-class', [nginx]),
      withController(...controller, undefined, [asDefault]),
      withController('traefik', {}, undefined),
      withController('traefik', {}, 'traefik'),
      withController('edge', { app: 'my-ingress' }, 'mine', [
        { metadata: { name: 'mine' }, spec: { controller: 'x.test/own' } },
      ]),
    ]) {
      const way = only(ground, traffic);
      expect([state(way), way.urls]).toEqual(['untried', ['http://w.test:8080/']]);
    }
    expect(missingStep(only(ground, withController('traefik', {}, 'nginx')))).toMatchObject({
      why: "no Ingress controller serves class 'nginx'",
      remedy: { text: expect.stringContaining('traefik') },
    });
    // A web server that is called nginx is no controller.
    expect(missingStep(only(ground, withController('nginx', { app: 'nginx' }, undefined)))?.why).toMatch(
      /no Ingress controller/,
    );
  });

  it('is what a port of the nodes reaches, as is the Service alone', () => {
    const row = { listenerPort: 80, protocol: 'tcp', kind: 'proxy' } as const;
    expect(reachedThrough(indexOf(withController('traefik', {}, undefined)), row)).toBe('traefik → shop/web (w.test)');
    const game = trafficOf({ services: [service('game', { type: 'LoadBalancer', ports: http() })] });
    expect(reachedThrough(indexOf(game), row)).toBe('shop/game');
    expect(reachedThrough(indexOf(game), { ...row, listenerPort: 81 })).toBe('');
  });

  it('gets a host name that is free and safe', () => {
    const traffic = withController('traefik', {}, undefined);
    expect(proposeHost({ namespace: 'shop', service: 'web' }, traffic)).toBe('web.localhost');
    const request = { namespace: 'shop', service: 'web', port: 80, path: '/' };
    const said = (host: string) => checkIngress({ ...request, host }, traffic).map(({ message }) => message);
    expect(said('new.localhost')).toEqual([]);
    for (const bad of ['a b', "a'; rm -rf /", '*.x', '10.0.0.1', '-a', `${'a'.repeat(64)}.x`]) {
      expect(said(bad)).toEqual([`'${bad}' is no host name`]);
    }
  });
});

describe('names that somebody chose to do harm', () => {
  it('are quoted in command lines, never run in containers, and are no URL to ask for', () => {
    const evil = "x$(touch /tmp/p)'; reboot #";
    const traffic = trafficOf({
      services: [service(evil, { type: 'LoadBalancer', ports: http(), selector: {} }, { namespace: evil })],
      ingresses: [
        {
          metadata: { name: evil, namespace: 'shop' },
          spec: {
            rules: [
              {
                host: evil,
                http: {
                  paths: [{ path: `/${evil}\r\nX: y`, backend: { service: { name: evil, port: { number: 80 } } } }],
                },
              },
            ],
          },
        },
      ],
    });
    const ways = exposures(groundOf([[8080, 80]]), traffic);
    for (const way of ways) {
      const said = diagnose(way);
      const { command = '' } = said.fault?.remedy ?? {};
      // Within single quotes a shell runs nothing; what is outside of them is plain.
      expect(command.replaceAll(`'\\''`, '').replaceAll(/'[^']*'/g, '')).toMatch(/^[\w .:@,/=-]*$/);
      const targets = way.hops.flatMap(hop => hop.parts.flatMap(({ target }) => (target ? [target] : [])));
      expect(targets.filter(({ how }) => how === 'route' || how === 'request' || how === 'resolve')).toEqual(
        targets.filter(target => target.how === 'request' && target.request.host === '127.0.0.1'),
      );
      expect(JSON.parse(JSON.stringify(exposureData(way, said)))).toMatchObject({ cluster: 'c' });
    }
    expect(curlLine({ urls: [`http://${evil}/`], host: evil }, '127.0.0.1')).toBeUndefined();
    expect(curlLine({ urls: ["http://a.test:81/'x"], host: 'a.test' }, '127.0.0.1')).toBe(
      `curl --resolve a.test:81:127.0.0.1 'http://a.test:81/'\\''x'`,
    );
  });
});

describe('a thousand Services', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `s${i}`);
  const made = (extra: object = {}) => ({
    services: [
      ...names.map(name => service(name, { ports: http() })),
      service('out', { type: 'LoadBalancer', ports: http() }),
    ],
    slices: names.map(name => slice(name)),
    ...extra,
  });
  const changedSince = (before: readonly Exposure[], after: readonly Exposure[]) => {
    const old = new Set(before);
    return after.filter(one => !old.has(one)).map(({ name }) => name);
  };

  it('are not all made anew when one of them changes, or its pods do', () => {
    const ground = groundOf([[8080, 80]]);
    const kept = new KeptWays();
    const traffic = trafficOf(made());
    const first = exposures(ground, traffic, kept);
    expect(first).toHaveLength(1001);
    const one = service('s7', { ports: http({ port: 81 }) });
    const services = new Map(traffic.services).set(keyOf(one), READ.services(one));
    const second = exposures(ground, { ...traffic, services }, kept);
    // What has no svclb may lack it because of any other Service: that is looked at again.
    expect(changedSince(first, second)).toEqual(['out', 's7']);
    expect(second.find(({ name }) => name === 's7')?.port).toBe('81');
    const gone = slice('s8');
    const slices = new Map(traffic.slices);
    slices.delete(keyOf(gone));
    const third = exposures(ground, { ...traffic, services, slices }, kept);
    expect(changedSince(second, third)).toEqual(['s8']);
    expect(third.find(({ name }) => name === 's8')?.hops.find(({ kind }) => kind === 'endpoints')?.fault).toBeDefined();
  });

  it('are made as they would be without what was kept, whatever changes', () => {
    const kept = new KeptWays();
    const all = trafficOf(made());
    const services = new Map([...all.services].slice(-10));
    const traffic = { ...all, services };
    const pod = svclb('out', {}, 'shop');
    const held = { ...traffic, balancers: new Map([[keyOf(pod), READ.balancers(pod)]]) };
    const open = groundOf([[8080, 80]]);
    const states: [Ground, Traffic][] = [
      [open, traffic],
      [{ ...open, rows: [] }, traffic],
      [open, held],
      [groundOf([[8081, 80]]), held],
      [open, { ...held, slices: new Map() }],
    ];
    const seen = new Set<string>();
    for (const [ground, now] of states) {
      const ways = exposures(ground, now, kept);
      expect(ways).toEqual(exposures(ground, now));
      seen.add(JSON.stringify(ways));
    }
    expect(seen.size).toBe(states.length);
  });
});
