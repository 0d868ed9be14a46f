import { describe, expect, it } from 'vitest';
import { call, demoWithClient, until } from './demo-kit.ts';

describe('the demo engine over plain HTTP', () => {
  it('answers with and without a version, and refuses versions it does not speak', async () => {
    const { socketPath } = await demoWithClient();
    const ping = await call(socketPath, 'GET', '/_ping');
    expect(ping.headers).toMatchObject({ 'api-version': '1.47', ostype: 'linux' });
    expect((await call(socketPath, 'HEAD', '/v1.41/_ping')).status).toBe(200);
    expect((await call(socketPath, 'GET', '/v1.41/version')).json()).toMatchObject({ ApiVersion: '1.47' });
    const tooNew = await call(socketPath, 'GET', '/v1.99/version');
    expect(tooNew.status).toBe(400);
    expect(tooNew.json()).toEqual({ message: 'client version 1.99 is too new. Maximum supported API version is 1.47' });
    const nowhere = await call(socketPath, 'GET', '/nowhere');
    expect([nowhere.status, nowhere.json()]).toEqual([404, { message: 'page not found' }]);
  });

  it('frames log lines by stream, eight bytes before each', async () => {
    const { demo, socketPath } = await demoWithClient();
    await call(socketPath, 'POST', '/containers/create?name=talk', { Image: 'busybox:1.36', Cmd: ['sleep', '9'] });
    await call(socketPath, 'POST', '/containers/talk/start');
    const { log } = demo.world.container('talk');
    log.add(1, 'to out');
    log.add(2, 'to err');
    const answer = await call(socketPath, 'GET', '/containers/talk/logs?stdout=1&stderr=1');
    expect(answer.headers['content-type']).toBe('application/vnd.docker.multiplexed-stream');
    expect([...answer.body.subarray(0, 8)]).toEqual([1, 0, 0, 0, 0, 0, 0, 7]);
    expect(answer.body.subarray(8, 15).toString()).toBe('to out\n');
    expect([...answer.body.subarray(15, 23)]).toEqual([2, 0, 0, 0, 0, 0, 0, 7]);
    const tail = await call(socketPath, 'GET', '/containers/talk/logs?stderr=1&tail=1&timestamps=1');
    expect(tail.body.subarray(8).toString()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z to err\n$/);
    const none = await call(socketPath, 'GET', '/containers/talk/logs');
    expect(none.status).toBe(400);
  });

  it('lists containers by label, name and status, running ones only unless asked for all', async () => {
    const { demo, socketPath } = await demoWithClient();
    for (const [name, team] of [
      ['k3d-a', 'x'],
      ['k3d-b', 'y'],
    ]) {
      await call(socketPath, 'POST', `/containers/create?name=${name}`, {
        Image: 'busybox:1.36',
        Cmd: ['sleep', '9'],
        Labels: { team },
      });
    }
    await call(socketPath, 'POST', '/containers/k3d-a/start');
    demo.world.container('k3d-a').startedAt = Date.now() - 185_000;
    const list = async (query: string) =>
      (await call(socketPath, 'GET', `/v1.41/containers/json${query}`)).json() as unknown as {
        Names: string[];
        Status: string;
      }[];
    expect((await list('')).map(({ Names, Status }) => [Names[0], Status])).toEqual([['/k3d-a', 'Up 3 minutes']]);
    expect(await list('?all=1')).toHaveLength(2);
    const filters = (value: object) => `?all=true&filters=${encodeURIComponent(JSON.stringify(value))}`;
    expect((await list(filters({ label: { 'team=y': true } })))[0]).toMatchObject({
      Names: ['/k3d-b'],
      Status: 'Created',
    });
    expect(await list(filters({ name: ['^/?(k3d-)?a$'] }))).toHaveLength(1);
    expect(await list(filters({ status: ['created'] }))).toHaveLength(1);
    expect(await list(filters({ network: ['bridge'] }))).toHaveLength(2);
    expect((await call(socketPath, 'GET', `/containers/json${filters({ status: ['asleep'] })}`)).status).toBe(400);
  });

  it('has zero times, empty lists and missing fields where Docker has them', async () => {
    const { socketPath } = await demoWithClient();
    await call(socketPath, 'POST', '/containers/create?name=fresh', {
      Image: 'busybox:1.36',
      HostConfig: { PortBindings: { '6443': [{ HostPort: '1234' }] } },
      ExposedPorts: { '80/tcp': {} },
    });
    const fresh = (await call(socketPath, 'GET', '/containers/fresh/json')).json();
    expect(fresh).toMatchObject({
      Name: '/fresh',
      State: { StartedAt: '0001-01-01T00:00:00Z', FinishedAt: '0001-01-01T00:00:00Z', Pid: 0, Running: false },
      HostConfig: {
        NetworkMode: 'bridge',
        PortBindings: { '6443': [{ HostPort: '1234' }] },
        RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      },
      NetworkSettings: { Ports: {}, Networks: { bridge: { IPAddress: '' } } },
    });
    const gone = await call(socketPath, 'GET', '/containers/nobody/json');
    expect([gone.status, gone.json()]).toEqual([404, { message: 'No such container: nobody' }]);
    const bad = await call(socketPath, 'POST', '/containers/create?name=bad', Buffer.from('{not json'));
    expect(bad.status).toBe(400);
  });

  it('follows a log until the process ends', async () => {
    const { demo, socketPath } = await demoWithClient();
    await call(socketPath, 'POST', '/containers/create?name=follow', {
      Image: 'busybox:1.36',
      Cmd: ['sleep', '9'],
      HostConfig: { Init: true },
    });
    await call(socketPath, 'POST', '/containers/follow/start');
    const following = call(socketPath, 'GET', '/containers/follow/logs?stdout=1&follow=1');
    await until('the follower', () => demo.calls.some(({ path }) => path === '/containers/follow/logs'));
    demo.world.container('follow').log.add(1, 'last words');
    await call(socketPath, 'POST', '/containers/follow/stop?t=1');
    expect((await following).body.subarray(8).toString()).toBe('last words\n');
  });
});
