import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { accessTo, ask, askObject, nodeStates } from '../bed/kube-client.ts';
import { logsOf, makeNetwork, startNode, waitForLog } from '../bed/node-container.ts';

const bed = await testDocker();

describe.skipIf(bed.skip !== undefined || !bed.standIn)('three stand-in servers as one cluster', () => {
  const cluster = uniqueName('bedha');
  const name = (n: number) => `${cluster}-server-${n}`;
  const servers: Docker.Container[] = [];

  const start = (n: number): Promise<Docker.Container> => {
    const command = n === 0 ? ['server', '--cluster-init'] : ['server'];
    const env = ['K3S_TOKEN=swordfish', ...(n === 0 ? [] : [`K3S_URL=https://${name(0)}:6443`])];
    return startNode(bed, { cluster, name: name(n), command, env, publish: true });
  };
  const up = (server: Docker.Container) =>
    until('readyz', async () =>
      (await ask(await accessTo(server), 'GET', '/readyz')).status === 200 ? true : undefined,
    );

  beforeAll(async () => {
    await makeNetwork(bed, cluster);
    for (const n of [0, 1, 2]) {
      const server = await start(n);
      servers.push(server);
      await waitForLog(server, `Successfully registered node ${name(n)}`);
    }
  });
  afterAll(() => cleanup(cluster, bed.docker));

  it('shows all nodes and any object through any of them', async () => {
    const [first, , third] = servers as [Docker.Container, Docker.Container, Docker.Container];
    await askObject(await accessTo(third), 'POST', '/api/v1/namespaces', { metadata: { name: 'shared' } });
    expect((await askObject(await accessTo(first), 'GET', '/api/v1/namespaces/shared')).metadata.name).toBe('shared');
    expect(await nodeStates(await accessTo(third))).toEqual({
      [name(0)]: 'Ready',
      [name(1)]: 'Ready',
      [name(2)]: 'Ready',
    });
  });

  it('goes on without the first server', async () => {
    const [first, second] = servers as [Docker.Container, Docker.Container];
    await first.stop();
    const access = await accessTo(second);
    await until('a new leader', async () =>
      (await askObject(access, 'POST', '/api/v1/namespaces', { metadata: { name: 'later' } })) ? true : undefined,
    );
    await first.start();
    await up(first);
    expect((await askObject(await accessTo(first), 'GET', '/api/v1/namespaces/later')).metadata.name).toBe('later');
  });

  it('comes back after all were stopped, once more than half are up', async () => {
    await Promise.all(servers.map(server => server.stop()));
    const [first, second, third] = servers as [Docker.Container, Docker.Container, Docker.Container];
    const since = (await logsOf(first)).length;
    await first.start();
    await until('waiting for the others', async () =>
      (await logsOf(first)).slice(since).includes('1 of 3 members are up') ? true : undefined,
    );
    expect((await ask(await accessTo(first), 'GET', '/readyz')).status).toBe(503);
    await second.start();
    await up(first);
    await third.start();
    await up(third);
    const access = await accessTo(third);
    expect((await askObject(access, 'GET', '/api/v1/namespaces/shared')).metadata.name).toBe('shared');
    await until('all Ready', async () =>
      Object.values(await nodeStates(access)).every(state => state === 'Ready') ? true : undefined,
    );
  });

  it('refuses a new server under a name whose Node was not deleted, and takes it afterwards', async () => {
    const [first, , third] = servers as [Docker.Container, Docker.Container, Docker.Container];
    await third.remove({ force: true, v: true });
    const refused = await start(2);
    await waitForLog(refused, 'duplicate node name found');
    await refused.remove({ force: true, v: true });
    const access = await accessTo(first);
    await askObject(access, 'DELETE', `/api/v1/nodes/${name(2)}`);
    const taken = await start(2);
    await waitForLog(taken, `Successfully registered node ${name(2)}`);
    await expect.poll(async () => (await nodeStates(access))[name(2)]).toBe('Ready');
  });
});
