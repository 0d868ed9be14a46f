import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { targetsOf } from '../../components/port-targets.ts';
import { portUrl } from '../../components/screens/ports-urls.ts';
import { openers, openUrl } from '../../components/terminal/open-url.ts';
import { listServices } from '../../src/kubernetes/services.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A Kubernetes API that answers everything with this, and its kubeconfig. */
async function api(status: number, body: unknown): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return JSON.stringify({
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [{ name: 'x', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'x', user: { token: 't' } }],
  });
}

const service = (name: string, type: string, ports: object[], namespace = 'default') => ({
  metadata: { name, namespace },
  spec: { type, ports },
});

describe('what a cluster offers to be reached', () => {
  test('are the ports that lead to a Service on every node, the Ingress controller first', async () => {
    const items = [
      service('kubernetes', 'ClusterIP', [{ name: 'https', port: 443 }]),
      service('shop', 'ClusterIP', [{ port: 8080 }]),
      service('game', 'NodePort', [{ name: 'join', port: 7777, nodePort: 30777, protocol: 'UDP' }]),
      service('db', 'LoadBalancer', [{ port: 5432, nodePort: 31432 }]),
      service('traefik', 'LoadBalancer', [{ name: 'web', port: 80, nodePort: 31080 }], 'kube-system'),
    ];
    const found = targetsOf(await listServices(await api(200, { items })));
    expect(found.inside).toBe(1);
    expect(found.targets).toEqual([
      { port: 80, protocol: 'tcp', what: 'traefik in kube-system, the Ingress controller (web)' },
      { port: 5432, protocol: 'tcp', what: 'db in default' },
      { port: 30777, protocol: 'udp', what: 'game in default (join)' },
    ]);
  });

  test('is not known when the API refuses or nothing answers, and that is an error of ours', async () => {
    const denied = await api(403, { message: 'no' });
    await expect(listServices(denied)).rejects.toMatchObject({ code: 'KUBERNETES_DENIED' });
    const gone = (await api(200, {})).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    await expect(listServices(gone)).rejects.toMatchObject({ code: 'KUBERNETES_UNREACHABLE' });
  });
});

describe('a port as a URL', () => {
  const row = { id: '', cluster: '', hostIP: '', protocol: 'tcp', upstreams: [], kind: 'proxy' as const, filters: '' };
  test.each([
    [8081, 80, 'http://127.0.0.1:8081/'],
    [80, 80, 'http://127.0.0.1/'],
    [8443, 443, 'https://127.0.0.1:8443/'],
    [443, 443, 'https://127.0.0.1/'],
  ])('%i to %i is %s', (hostPort, listenerPort, url) => {
    expect(portUrl({ ...row, hostPort, listenerPort }, '127.0.0.1')).toBe(url);
  });

  test('is none for UDP and for what is not published', () => {
    expect(portUrl({ ...row, hostPort: 53, listenerPort: 53, protocol: 'udp' }, 'h')).toBeUndefined();
    expect(portUrl({ ...row, hostPort: 0, listenerPort: 80 }, 'h')).toBeUndefined();
    expect(portUrl({ ...row, hostPort: 80, listenerPort: 80, kind: 'api' }, '::1')).toBe('https://[::1]:80/');
  });

  test('is opened by what the person set, else by what the system has, and never by a text browser over the screen', async () => {
    expect(openers({ BROWSER: 'firefox:lynx' }, 'linux')).toEqual([['firefox'], ['lynx']]);
    expect(openers({ DISPLAY: ':0' }, 'linux')).toEqual([['xdg-open']]);
    expect(openers({}, 'linux')).toEqual([]);
    expect(openers({}, 'darwin')).toEqual([['open']]);
    await expect(openUrl('http://x/', {}, 'linux')).rejects.toMatchObject({ code: 'BROWSER_MISSING' });
    await expect(openUrl('http://x/', { BROWSER: '/no/such/browser' }, 'linux')).rejects.toMatchObject({
      code: 'BROWSER_MISSING',
    });
    await openUrl('http://x/', { BROWSER: 'true' }, 'linux');
  });
});
