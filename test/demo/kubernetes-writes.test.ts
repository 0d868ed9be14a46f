import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInCluster, deleteInCluster } from '../../src/engine/apply/kubernetes-objects.ts';
import type { KubernetesObject } from '../../src/engine/plan.ts';
import { cluster } from './engine.ts';
import { type Exposed, openExposed } from './expose-kit.ts';

/** What the program writes to Kubernetes when answers get lost: it is done, or it is not, but never half known. */
let shop: Exposed;
let way: Awaited<ReturnType<typeof wayTo>>;
let at: KubernetesObject;

beforeEach(async () => {
  shop = await openExposed('shop', [], 0);
  const { api, servers } = (await cluster(shop.bench.engine, 'shop'))!;
  way = await wayTo(api!.port);
  const path = '/apis/networking.k8s.io/v1/namespaces/shop/ingresses';
  at = { cluster: 'shop', server: servers[0]!.id, api: { host: '127.0.0.1', port: way.port }, path };
});
afterEach(async () => {
  way.close();
  await shop.bench.close();
});

/** A way over TCP to the API on which the next answer can be lost. */
async function wayTo(api: number) {
  const sockets = new Set<Socket>();
  let losing = false;
  const server = createServer(here => {
    const there = connect({ host: '127.0.0.1', port: api });
    for (const socket of [here, there]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [here, there].map(one => one.destroy()));
    }
    here.pipe(there);
    there.on('data', data => {
      if (losing) here.destroy();
      else here.write(data);
      losing = false;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    loseNext() {
      losing = true;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const context = { signal: new AbortController().signal, report: () => {}, onUndo: () => {}, commit: () => {} };
const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: 'shop', annotations: { 'made-by': 'a test' } },
  spec: { rules: [{ host: 'web.localhost' }] },
};
const names = () => shop.kube.store.list('ingresses').map(({ metadata }) => metadata.name);

/** The answer to the next change of the store is lost. */
function loseAnswerTo(change: 'put' | 'delete'): void {
  const { store } = shop.kube;
  const stop = store.watch(({ type }) => {
    if ((type === 'DELETED') !== (change === 'delete')) return;
    stop();
    way.loseNext();
  });
}

describe('when the answer of the Kubernetes API is lost', () => {
  it('an object that was made is known, and can be taken back', async () => {
    const { docker } = shop.bench.engine;
    loseAnswerTo('put');
    const undo = await createInCluster(docker, { ...at, object: ingress }, context);
    expect(names()).toEqual(['web']);
    await undo(context.signal);
    expect(names()).toEqual([]);
  });

  it('an object that was removed is removed, and can be put back', async () => {
    const { docker } = shop.bench.engine;
    await createInCluster(docker, { ...at, object: ingress }, context);
    loseAnswerTo('delete');
    const undo = await deleteInCluster(docker, { ...at, path: `${at.path}/web` }, context);
    expect(names()).toEqual([]);
    await undo!(context.signal);
    expect(names()).toEqual(['web']);
  });

  it('an object of somebody else of this name is not taken for ours', async () => {
    const { docker } = shop.bench.engine;
    shop.put('ingresses', 'web', 'shop', { spec: { rules: [{ host: 'other.localhost' }] } });
    await expect(createInCluster(docker, { ...at, object: ingress }, context)).rejects.toThrow(/exists/);
    expect(shop.kube.store.get('ingresses', 'web', 'shop')).toMatchObject({
      spec: { rules: [{ host: 'other.localhost' }] },
    });
  });
});
