import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { KINDS, TrafficWatch } from '../../src/engine/expose/traffic.ts';
import { Api } from '../../src/kubernetes/api.ts';
import { type RawObject, watchAll } from '../../src/kubernetes/watch.ts';

type Answer = (url: URL, res: ServerResponse, req: IncomingMessage) => void;

const open = new Set<() => Promise<void>>();
afterEach(async () => {
  for (const close of open) await close();
  open.clear();
});

/** An API that answers as told, and knows how many connections are open. */
async function api(answer: Answer) {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(req.url ?? '');
    answer(new URL(req.url ?? '', 'http://api'), res, req);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  open.add(() => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(() => resolve()));
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connections = () => new Promise<number>(resolve => server.getConnections((_, count) => resolve(count)));
  return { address, asked, connections };
}

const object = (name: string, version: number): RawObject => ({
  metadata: { name, namespace: 'n', resourceVersion: String(version) },
});
const line = (type: string, what: unknown) => `${JSON.stringify({ type, object: what })}\n`;
const listOf = (version: number, ...items: RawObject[]) =>
  JSON.stringify({ metadata: { resourceVersion: String(version) }, items });

/** Follows one kind; what is told stands in `told`. */
function follow(address: string, paths = ['/api/v1/things']) {
  const told: string[] = [];
  const stop = new AbortController();
  const client = new Api({ server: address, verify: false });
  const handlers = {
    listed: (objects: readonly RawObject[]) => told.push(`list ${objects.map(one => one.metadata?.name).join(',')}`),
    changed: (type: string, one: RawObject) => told.push(`${type} ${one.metadata?.name}`),
    following: () => {},
    failed: ({ code }: { code: string }) => told.push(code),
  };
  const ended = watchAll(client, address, { what: 'things', paths }, handlers, stop.signal);
  open.add(async () => {
    stop.abort();
    client.close();
    await ended;
  });
  return { told, stop, ended };
}

describe('following objects', () => {
  it('lists once, then goes on where it was after each end of the stream', async () => {
    let watches = 0;
    const { address, asked } = await api((url, res) => {
      if (!url.searchParams.has('watch')) return res.end(listOf(5, object('a', 3)));
      watches++;
      // In two pieces, the first of which ends within a line.
      const text = watches === 1 ? line('ADDED', object('b', 6)) : line('DELETED', object('a', 7));
      res.write(text.slice(0, 10));
      res.write(text.slice(10));
      if (watches === 1) res.end();
      return undefined;
    });
    const { told } = follow(address);
    await expect.poll(() => told).toEqual(['list a', 'ADDED b', 'DELETED a']);
    const versions = asked.map(path => new URL(path, 'http://x').searchParams.get('resourceVersion'));
    expect(versions).toEqual([null, '5', '6']);
  });

  it('lists anew when its place is too old, whether the stream says so or the answer', async () => {
    let lists = 0;
    let watches = 0;
    const { address } = await api((url, res) => {
      if (!url.searchParams.has('watch')) return res.end(listOf(++lists, object(`l${lists}`, lists)));
      watches++;
      if (watches === 1) return res.end(line('ERROR', { code: 410, reason: 'Expired' }));
      if (watches === 2) return res.writeHead(410).end('{}');
      return res.write(line('BOOKMARK', object('', 9)));
    });
    const { told } = follow(address);
    await expect.poll(() => told).toEqual(['list l1', 'list l2', 'list l3']);
  });

  it('takes the version that is served, and none at all for an empty list', async () => {
    const { address } = await api((url, res) => {
      if (url.pathname === '/v1') return res.writeHead(404).end('{}');
      return url.searchParams.has('watch') ? res.flushHeaders() : res.end(listOf(1, object('old', 1)));
    });
    const older = follow(address, ['/v1', '/v1beta1']);
    await expect.poll(() => older.told).toEqual(['list old']);
    const none = follow(address, ['/v1']);
    await expect.poll(() => none.told).toEqual(['list ']);
  });

  it('survives refusals, cut connections and nonsense, and says so', async () => {
    let asked = 0;
    const { address } = await api((url, res, req) => {
      asked++;
      if (asked === 1) return res.writeHead(403).end('{"message":"no"}');
      // The connection is a kept one: it is asked again at once, and then it counts.
      if (asked === 2 || asked === 3) return req.socket.destroy();
      if (!url.searchParams.has('watch')) return res.end(listOf(1, object('a', 1)));
      if (asked === 5) return res.end('no json\n');
      return res.write(line('MODIFIED', object('a', 2)));
    });
    const { told } = follow(address);
    await expect
      .poll(() => told, { timeout: 10_000 })
      .toEqual(['KUBERNETES_DENIED', 'KUBERNETES_UNREACHABLE', 'list a', 'KUBERNETES_UNREACHABLE', 'MODIFIED a']);
  });
});

describe('the traffic of a cluster', () => {
  it('is a thousand Services at once, then only what changed, until its connections are closed', async () => {
    const streams = new Map<string, ServerResponse>();
    const services = Array.from({ length: 1000 }, (_, i) => ({
      ...object(`s${i}`, 1),
      spec: { ports: [{ port: 80 }] },
    }));
    const { address, connections } = await api((url, res) => {
      if (!url.searchParams.has('watch'))
        return res.end(listOf(1, ...(url.pathname === '/api/v1/services' ? services : [])));
      streams.set(url.pathname, res);
      return res.flushHeaders();
    });
    const kubeconfig = JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: address } }],
      users: [{ name: 'u', user: {} }],
    });
    let told = 0;
    const watch = new TrafficWatch(kubeconfig, () => told++);
    await expect.poll(() => watch.view.complete).toBe(true);
    const before = watch.view.traffic.services;
    expect(before.size).toBe(1000);
    told = 0;
    await expect.poll(() => streams.size).toBe(KINDS.length);
    const stream = streams.get('/api/v1/services')!;
    for (let i = 0; i < 50; i++)
      stream.write(line('MODIFIED', { ...object('s7', 2 + i), spec: { ports: [{ port: 81 }] } }));
    stream.write(line('DELETED', object('s8', 60)));
    await expect.poll(() => watch.view.traffic.services.size).toBe(999);
    const after = watch.view.traffic.services;
    expect(after.get('n/s7')?.ports[0]?.port).toBe(81);
    // All others are the very same objects.
    expect([...after].filter(([key, one]) => before.get(key) !== one).map(([key]) => key)).toEqual(['n/s7']);
    expect(told).toBeLessThan(10);
    // Each kind is followed over the connection that its list came over.
    expect(await connections()).toBe(KINDS.length);
    watch.close();
    await expect.poll(connections).toBe(0);
  });
});
