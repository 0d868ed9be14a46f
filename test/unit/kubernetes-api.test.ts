import { execFile } from 'node:child_process';
import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { accessOf } from '../../src/kubernetes/access.ts';
import { Api } from '../../src/kubernetes/api.ts';
import { openKubernetes } from '../../src/kubernetes/kubernetes.ts';

let certificate: { cert: string; private: string };
const closing: (() => void)[] = [];

beforeAll(async () => {
  certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  } as Parameters<typeof generate>[1]);
});

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(server: net.Server | https.Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function kubeconfig(port: number, user = 'token: secret'): string {
  const ca = Buffer.from(certificate.cert).toString('base64');
  return `
apiVersion: v1
kind: Config
current-context: k3d-demo
contexts: [{name: k3d-demo, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:${port}', certificate-authority-data: ${ca}}}]
users: [{name: u, user: {${user}}}]
`;
}

function serve(answer: http.RequestListener): Promise<number> {
  return listen(https.createServer({ cert: certificate.cert, key: certificate.private }, answer));
}

describe('readyz', () => {
  it('is true for ok, false for any other answer', async () => {
    let status = 200;
    let body = 'ok';
    const port = await serve((_, response) => response.writeHead(status).end(body));
    const kubernetes = await openKubernetes(kubeconfig(port));
    expect(await kubernetes.readyz()).toBe(true);
    body = 'etcd failed: reason withheld';
    expect(await kubernetes.readyz()).toBe(false);
    status = 503;
    body = 'ok';
    expect(await kubernetes.readyz()).toBe(false);
  });

  it('is false when nobody listens, when connections are reset, and for a server with another certificate', async () => {
    const resetting = await listen(net.createServer(socket => socket.resetAndDestroy()));
    expect(await (await openKubernetes(kubeconfig(resetting))).readyz()).toBe(false);
    expect(await (await openKubernetes(kubeconfig(1))).readyz()).toBe(false);
    const port = await serve((_, response) => response.end('ok'));
    const stranger = kubeconfig(port).replace(/certificate-authority-data: [^}]+/, "certificate-authority-data: ''");
    expect(await (await openKubernetes(stranger)).readyz()).toBe(false);
  });

  it('ends at once when it is cancelled', async () => {
    const port = await serve(() => {});
    const kubernetes = await openKubernetes(kubeconfig(port));
    const call = kubernetes.readyz({ signal: AbortSignal.timeout(50) });
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
  });
});

it('tells the version and the nodes, with the token of the kubeconfig', async () => {
  const seen: (string | undefined)[] = [];
  const heartbeat = '2026-11-23T04:40:11Z';
  const port = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.setHeader('content-type', 'application/json');
    if (request.url === '/version') return response.end(JSON.stringify({ gitVersion: 'v1.31.5+k3s1' }));
    expect(request.url).toBe('/api/v1/nodes');
    const node = (name: string, labels: object, ready: string) => ({
      metadata: { name, labels },
      status: {
        addresses: [
          { type: 'InternalIP', address: '172.18.0.3' },
          { type: 'Hostname', address: name },
        ],
        conditions: [
          { type: 'MemoryPressure', status: 'False', lastHeartbeatTime: '2026-11-23T04:00:00Z' },
          { type: 'Ready', status: ready, lastHeartbeatTime: heartbeat },
        ],
        nodeInfo: { kubeletVersion: 'v1.31.5+k3s1' },
      },
    });
    const items = [
      node(
        'k3d-demo-server-0',
        { 'node-role.kubernetes.io/master': 'true', 'node-role.kubernetes.io/etcd': '' },
        'True',
      ),
      node('k3d-demo-agent-0', {}, 'Unknown'),
      { metadata: { name: 'bare' } },
    ];
    return response.end(JSON.stringify({ apiVersion: 'v1', kind: 'NodeList', metadata: {}, items }));
  });
  const kubernetes = await openKubernetes(kubeconfig(port));
  expect(await kubernetes.version()).toBe('v1.31.5+k3s1');
  const common = { version: 'v1.31.5+k3s1', internalIP: '172.18.0.3', unschedulable: false, problem: '' };
  expect(await kubernetes.listNodes()).toEqual([
    { ...common, name: 'k3d-demo-server-0', ready: true, roles: ['etcd', 'master'] },
    { ...common, name: 'k3d-demo-agent-0', ready: false, roles: [], problem: 'Ready is Unknown' },
    { name: 'bare', ready: false, version: '', roles: [], internalIP: '', unschedulable: false, problem: '' },
  ]);
  expect(await kubernetes.heartbeats()).toEqual(
    new Map([
      ['k3d-demo-server-0', Date.parse(heartbeat)],
      ['k3d-demo-agent-0', Date.parse(heartbeat)],
      ['bare', 0],
    ]),
  );
  expect(new Set(seen)).toEqual(new Set(['Bearer secret']));
});

it('a connection that nobody uses any more is closed, also when nobody says so', async () => {
  const server = https.createServer({ cert: certificate.cert, key: certificate.private }, (_, response) => {
    response.end('ok');
  });
  server.keepAliveTimeout = 0;
  const closed = new Promise<void>(resolve => server.on('connection', socket => socket.on('close', () => resolve())));
  const port = await listen(server);
  const api = new Api(accessOf(kubeconfig(port)), 50);
  expect((await api.send({ path: '/readyz', limit: 5000 })).status).toBe(200);
  await closed;
});

it('a token that no header can hold is refused at once, and nothing is left that strikes later', async () => {
  vi.useFakeTimers();
  try {
    const api = new Api({ server: 'https://127.0.0.1:1', token: 'two\nlines', verify: true });
    await expect(api.send({ path: '/readyz', limit: 1000 })).rejects.toMatchObject({ code: 'ERR_INVALID_CHAR' });
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

describe('errors', () => {
  it('say that nothing answers, that access is denied, and what the API said', async () => {
    const nobody = await openKubernetes(kubeconfig(1));
    await expect(nobody.version()).rejects.toMatchObject({ code: 'KUBERNETES_UNREACHABLE' });
    await expect(nobody.listNodes()).rejects.toMatchObject({ code: 'KUBERNETES_UNREACHABLE' });
    let status = 401;
    const port = await serve((_, response) => response.writeHead(status).end(JSON.stringify({ message: 'in words' })));
    const kubernetes = await openKubernetes(kubeconfig(port));
    await expect(kubernetes.listNodes()).rejects.toMatchObject({ code: 'KUBERNETES_DENIED' });
    status = 500;
    await expect(kubernetes.version()).rejects.toMatchObject({
      code: 'KUBERNETES_ERROR',
      message: expect.stringContaining('in words'),
    });
  });

  it('name what a kubeconfig lacks', async () => {
    const broken = ['{', '', 'current-context: x', kubeconfig(1).replace('https://127.0.0.1:1', 'nowhere')];
    for (const text of broken) await expect(openKubernetes(text)).rejects.toMatchObject({ code: 'KUBECONFIG_INVALID' });
  });
});

it('does not load the typed client for readyz and version', async () => {
  const port = await serve((_, response) => response.end('ok'));
  const script = `
    const { registerHooks } = await import('node:module');
    const loaded = [];
    registerHooks({ resolve(name, context, next) { loaded.push(name); return next(name, context); } });
    const { openKubernetes } = await import('./src/kubernetes/kubernetes.ts');
    const kubernetes = await openKubernetes(process.env.KUBECONFIG_TEXT);
    const ready = await kubernetes.readyz();
    await kubernetes.version().catch(() => {});
    console.log(JSON.stringify({ ready, packages: loaded.filter(name => /^[a-z@]/.test(name) && !name.includes(':')) }));
  `;
  const output = await new Promise<string>((resolve, reject) => {
    const env = { ...process.env, KUBECONFIG_TEXT: kubeconfig(port) };
    execFile(process.execPath, ['--input-type=module', '-e', script], { env }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  expect(JSON.parse(output)).toEqual({ ready: true, packages: ['js-yaml'] });
});
