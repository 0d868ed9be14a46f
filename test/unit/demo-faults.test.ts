import { describe, expect, it } from 'vitest';
import { call, demoWithClient, until } from './demo-kit.ts';

describe('what goes wrong in the demo engine on purpose', () => {
  it('is an error at the nth call, so many times, then over', async () => {
    const { demo, socketPath } = await demoWithClient();
    demo.faults.add({ match: 'GET /info', nth: 2, times: 2, action: 'error', status: 503, message: 'not today' });
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await call(socketPath, 'GET', '/v1.44/info')).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect(demo.calls.map(({ method, path, status }) => [method, path, status])).toEqual(
      statuses.map(status => ['GET', '/info', status]),
    );
  });

  it('is a connection that is cut, at once or in the middle of an answer', async () => {
    const { demo, socketPath } = await demoWithClient();
    demo.faults.add({ match: request => request.path === '/version', action: 'reset' });
    await expect(call(socketPath, 'GET', '/version')).rejects.toThrow(/hang up|ECONNRESET/);
    demo.faults.add({ match: 'GET /version', action: 'truncate', bytes: 20 });
    await expect(call(socketPath, 'GET', '/version')).rejects.toThrow(/aborted|ECONNRESET|hang up/);
    expect((await call(socketPath, 'GET', '/version')).status).toBe(200);
  });

  it('is a late answer or none', async () => {
    const { demo, socketPath } = await demoWithClient();
    demo.faults.add({ match: '/_ping', action: 'delay', ms: 80 });
    const began = performance.now();
    await call(socketPath, 'GET', '/_ping');
    expect(performance.now() - began).toBeGreaterThan(75);
    demo.faults.add({ match: '/_ping', action: 'stall' });
    const stalled = call(socketPath, 'GET', '/_ping').then(
      () => 'answered',
      () => 'cut',
    );
    expect(await Promise.race([stalled, new Promise(resolve => setTimeout(() => resolve('nothing'), 100))])).toBe(
      'nothing',
    );
    demo.faults.clear();
    expect((await call(socketPath, 'GET', '/_ping')).status).toBe(200);
  });

  it('is an engine that stops answering, and answers what waited when it resumes', async () => {
    const { demo, socketPath } = await demoWithClient();
    demo.stopAnswering();
    let answered = false;
    const waiting = call(socketPath, 'GET', '/info').then(answer => {
      answered = true;
      return answer.status;
    });
    await until('the call has arrived', () => demo.calls.length === 1);
    expect(answered).toBe(false);
    demo.resume();
    expect(await waiting).toBe(200);
  });

  it('is an engine that freezes: open streams fall silent, and go on later', async () => {
    const { demo, docker } = await demoWithClient();
    const stream = await docker.getEvents();
    const seen: string[] = [];
    stream.on('data', chunk => seen.push(chunk.toString()));
    demo.world.volume('before');
    await until('an event', () => seen.length === 1);
    demo.freeze();
    demo.world.volume('during');
    await new Promise(resolve => setTimeout(resolve, 60));
    expect(seen).toHaveLength(1);
    demo.resume();
    await until('the late event', () => seen.join('').includes('during'));
  });

  it('is an engine that dies, with every stream, and comes back at the same place with its containers', async () => {
    const { demo, docker, socketPath } = await demoWithClient();
    await docker.createContainer({ name: 'survivor', Image: 'busybox:1.36' });
    const stream = await docker.getEvents();
    const cut = new Promise<string>(resolve => {
      stream.on('error', () => resolve('cut'));
      stream.on('close', () => resolve('cut'));
    });
    await demo.die();
    expect(await cut).toBe('cut');
    await expect(call(socketPath, 'GET', '/_ping')).rejects.toThrow(/ENOENT|ECONNREFUSED/);
    await demo.revive();
    expect((await docker.listContainers({ all: true })).map(({ Names }) => Names)).toEqual([['/survivor']]);
  });
});
