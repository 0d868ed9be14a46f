import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDocker } from '../../src/docker/connect.ts';
import type { Docker, LogChunk } from '../../src/docker/docker.ts';
import { isK3duiError } from '../../src/errors.ts';
import { testDocker } from '../bed/docker.ts';

const mark = `k3duiclient-${randomBytes(3).toString('hex')}`;
const bed = await testDocker();
// Any image with the usual small programs will do.
const image = bed.images.K3DUI_TEST_LB_IMAGE;
let docker: Docker;

describe.skipIf(bed.skip)('the Docker client on a real engine', () => {
  beforeAll(async () => {
    docker = await connectDocker({ env: process.env });
    // A network of our own: the tests of other programs on this engine may change its default bridge.
    await docker.createNetwork({ Name: mark, Driver: 'bridge', CheckDuplicate: true, Labels: { test: mark } });
  });

  afterAll(async () => {
    for (const container of await docker.listContainers({ labels: [`test=${mark}`] })) {
      await docker.removeContainer(container.Id, { force: true });
    }
    for (const network of await docker.listNetworks({ labels: [`test=${mark}`] }))
      await docker.removeNetwork(network.Id);
    docker.close();
  });

  let count = 0;

  async function create(command: string[], host: object = {}): Promise<string> {
    const name = `${mark}-${++count}`;
    await docker.createContainer(name, {
      Image: image,
      Entrypoint: command.slice(0, 1),
      Cmd: command.slice(1),
      Labels: { test: mark },
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { Init: true, NetworkMode: mark, ...host },
    });
    return name;
  }

  async function run(command: string[], host: object = {}): Promise<string> {
    const name = await create(command, host);
    await docker.startContainer(name);
    return name;
  }

  async function failure(work: Promise<unknown>): Promise<{ code: string; message: string; hint?: string }> {
    return work.then(
      () => {
        throw new Error('it should have failed');
      },
      error => error,
    );
  }

  async function text(chunks: AsyncIterable<LogChunk>, stream?: string): Promise<string> {
    let all = '';
    for await (const chunk of chunks) if (stream === undefined || chunk.stream === stream) all += chunk.data;
    return all;
  }

  describe('containers', () => {
    it('are created, started, listed, renamed, stopped and removed; doing so twice does no harm', async () => {
      const name = await run(['sleep', '1000']);
      await docker.startContainer(name);
      const [row] = await docker.listContainers({ names: [name] });
      expect(row).toMatchObject({ State: 'running', Names: [`/${name}`] });
      expect(await docker.listContainers({ names: [name.slice(0, -1)] })).toEqual([]);
      await docker.renameContainer(name, `${name}-renamed`);
      await docker.stopContainer(`${name}-renamed`, { timeoutSeconds: 1 });
      await docker.stopContainer(`${name}-renamed`);
      expect((await docker.inspectContainer(`${name}-renamed`)).State.Running).toBe(false);
      await docker.removeContainer(`${name}-renamed`);
      await docker.removeContainer(`${name}-renamed`);
      expect(await failure(docker.inspectContainer(`${name}-renamed`))).toMatchObject({ code: 'NOT_FOUND' });
    });

    it('that two remove at once are gone for both', async () => {
      const name = await run(['sleep', '1000']);
      await Promise.all([1, 2, 3].map(() => docker.removeContainer(name, { force: true })));
      expect(await docker.listContainers({ names: [name] })).toEqual([]);
    });

    it('say NAME_TAKEN, IMAGE_MISSING and PORT_TAKEN', async () => {
      const name = await create(['true']);
      const body = { Image: image, Cmd: ['true'], HostConfig: {} };
      expect(await failure(docker.createContainer(name, body))).toMatchObject({ code: 'NAME_TAKEN' });
      const missing = { Image: 'k3dui-no-such-image:1', Cmd: ['true'], HostConfig: {} };
      expect(await failure(docker.createContainer(`${name}-x`, missing))).toMatchObject({ code: 'IMAGE_MISSING' });
      const server = createServer().listen(0, '0.0.0.0');
      await new Promise(resolve => server.once('listening', resolve));
      const { port } = server.address() as { port: number };
      const bindings = { PortBindings: { '80/tcp': [{ HostPort: String(port) }] } };
      const first = await create(['sleep', '1000'], bindings);
      const foreign = await failure(docker.startContainer(first));
      expect(foreign).toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(String(port)) });
      await new Promise(resolve => server.close(resolve));
      await docker.startContainer(first);
      const second = await create(['sleep', '1000'], bindings);
      const own = await failure(docker.startContainer(second));
      expect(own).toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(String(port)) });
      expect(own.hint).toBeTruthy();
    });
  });

  describe('logs', () => {
    it('come in order with their stream, whole and by their tail', async () => {
      const name = await run(['sh', '-c', 'echo one; echo three; sleep 0.2; echo two >&2']);
      expect(await text(docker.logs(name, { follow: true }), 'stdout')).toBe('one\nthree\n');
      expect(await text(docker.logs(name), 'stderr')).toBe('two\n');
      expect(await text(docker.logs(name, { tail: 1 }))).toBe('two\n');
      expect(await text(docker.logs(name, { timestamps: true, tail: 1 }))).toMatch(/^\d{4}-\d\d-\d\dT\S+Z two\n$/);
      expect(await text(docker.logs(name, { since: Date.now() / 1000 + 60 }))).toBe('');
    });

    it('of a container with a terminal come as they are', async () => {
      const name = `${mark}-tty`;
      const body = {
        Image: image,
        Entrypoint: ['echo', 'hello'],
        Tty: true,
        Labels: { test: mark },
        HostConfig: { NetworkMode: mark },
      };
      await docker.createContainer(name, body);
      await docker.startContainer(name);
      expect(await text(docker.logs(name, { follow: true }))).toBe('hello\r\n');
    });

    it('end at once when nobody reads on, and when the signal aborts', async () => {
      const name = await run(['sh', '-c', 'while true; do echo again; sleep 0.05; done']);
      for await (const chunk of docker.logs(name, { follow: true })) {
        expect(chunk.data.toString()).toContain('again');
        break;
      }
      const controller = new AbortController();
      const reading = (async () => {
        for await (const _ of docker.logs(name, { follow: true }, { signal: controller.signal })) controller.abort();
      })();
      expect(await failure(reading)).toMatchObject({ code: 'CANCELLED' });
    });

    it('of nothing fail with NOT_FOUND', async () => {
      expect(await failure(text(docker.logs('k3dui-no-such')))).toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  describe('exec', () => {
    it('gives output, errors and the exit code', async () => {
      const name = await run(['sleep', '1000']);
      expect(await docker.exec(name, ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
        exitCode: 7,
        stdout: 'out\n',
        stderr: 'err\n',
      });
      const input = 'x'.repeat(300_000);
      expect(await docker.exec(name, ['wc', '-c'], { stdin: input })).toMatchObject({
        exitCode: 0,
        stdout: '300000\n',
      });
      const echoed = await docker.exec(name, ['cat'], { stdin: input });
      expect(echoed.stdout === input).toBe(true);
      expect((await docker.exec(name, ['env'], { env: ['FOO=bar'] })).stdout).toContain('FOO=bar');
      expect((await docker.exec(name, ['no-such-program'])).exitCode).toBeGreaterThanOrEqual(126);
    });

    it('ends at once when the signal aborts', async () => {
      const name = await run(['sleep', '1000']);
      const signal = AbortSignal.timeout(300);
      const started = Date.now();
      expect(await failure(docker.exec(name, ['sleep', '60'], {}, { signal }))).toMatchObject({ code: 'CANCELLED' });
      expect(Date.now() - started).toBeLessThan(5000);
    });

    it('in a container that does not run is a conflict', async () => {
      expect(await failure(docker.exec(await create(['true']), ['true']))).toMatchObject({ code: 'CONFLICT' });
    });
  });

  describe('files', () => {
    it('are put into a stopped container with their modes and new folders, and read back', async () => {
      const name = await create(['sleep', '1000']);
      await docker.writeFiles(name, [
        { path: '/deep/er/run.sh', content: '#!/bin/sh\n', mode: 0o744 },
        { path: '/tmp/blob', content: Buffer.from([0, 1, 255]), mode: 0o600 },
      ]);
      expect((await docker.readFile(name, '/deep/er/run.sh'))?.toString()).toBe('#!/bin/sh\n');
      expect(await docker.readFile(name, '/tmp/blob')).toEqual(Buffer.from([0, 1, 255]));
      expect(await docker.readFile(name, '/no/such')).toBeUndefined();
      expect(await failure(docker.readFile(name, '/deep'))).toMatchObject({ code: 'DOCKER_ERROR' });
      expect(await failure(docker.readFile('k3dui-no-such', '/deep'))).toMatchObject({ code: 'NOT_FOUND' });
      await docker.startContainer(name);
      const modes = await docker.exec(name, [
        'stat',
        '-c',
        '%a %u',
        '/deep/er',
        '/deep/er/run.sh',
        '/tmp/blob',
        '/tmp',
      ]);
      expect(modes.stdout).toBe('755 0\n744 0\n600 0\n1777 0\n');
      await docker.exec(name, ['ln', '-s', 'er/run.sh', '/deep/link']);
      expect((await docker.readFile(name, '/deep/link'))?.toString()).toBe('#!/bin/sh\n');
    });
  });

  describe('networks and volumes', () => {
    it('are made, found by their exact name only, connected and removed', async () => {
      const name = `${mark}-net`;
      const id = await docker.createNetwork({
        Name: name,
        Driver: 'bridge',
        CheckDuplicate: true,
        Labels: { test: mark },
      });
      expect((await docker.inspectNetwork(name))?.Id).toBe(id);
      expect(await docker.inspectNetwork(id.slice(0, 6))).toBeUndefined();
      const again = docker.createNetwork({ Name: name, Driver: 'bridge', CheckDuplicate: true });
      expect(await failure(again)).toMatchObject({ code: 'NAME_TAKEN' });
      const container = await run(['sleep', '1000']);
      await docker.connectNetwork(name, container);
      expect(await failure(docker.removeNetwork(name))).toMatchObject({ code: 'CONFLICT' });
      await docker.disconnectNetwork(name, container, { force: true });
      await docker.removeNetwork(name);
      await docker.removeNetwork(name);
    });

    it('with labels are listed by them', async () => {
      const name = `${mark}-volume`;
      const made = await docker.createVolume(name, { test: mark });
      expect(made).toMatchObject({ Name: name, Labels: { test: mark } });
      expect((await docker.listVolumes({ labels: [`test=${mark}`] })).map(volume => volume.Name)).toEqual([name]);
      await docker.removeVolume(name);
      await docker.removeVolume(name);
    });
  });

  describe('images', () => {
    it('are listed and inspected; a pull that fails says why', async () => {
      expect((await docker.inspectImage(image))?.Id).toMatch(/^sha256:/);
      expect(await docker.inspectImage('k3dui/no-such:1')).toBeUndefined();
      expect((await docker.listImages()).length).toBeGreaterThan(0);
      const error = await failure(docker.pullImage('127.0.0.1:1/no/such:1'));
      expect(error).toMatchObject({ code: 'PULL_FAILED', hint: expect.stringContaining('registry') });
    });
  });

  describe('events', () => {
    it('tell of a container from its creation to its end', async () => {
      const controller = new AbortController();
      const seen: string[] = [];
      const since = Math.floor(Date.now() / 1000) - 1;
      const watched = `${mark}-${count + 1}`;
      // Listened to from the start: it may end while the container is still being removed.
      const following = failure(
        (async () => {
          for await (const event of docker.events({ since, labels: [`test=${mark}`] }, { signal: controller.signal })) {
            if (event.Actor.Attributes.name !== watched) continue;
            seen.push(event.Action);
            if (event.Action === 'destroy') controller.abort();
          }
        })(),
      );
      await run(['sleep', '1000']);
      await docker.removeContainer(watched, { force: true });
      expect(await following).toMatchObject({ code: 'CANCELLED' });
      expect(seen).toEqual(expect.arrayContaining(['create', 'start', 'die', 'destroy']));
    });
  });

  it('calls do not queue behind twenty open streams', async () => {
    const name = await run(['sleep', '1000']);
    const controller = new AbortController();
    const { signal } = controller;
    const streams = Array.from({ length: 20 }, async () => {
      for await (const _ of docker.logs(name, { follow: true }, { signal })) break;
    });
    await docker.ping();
    await Promise.all(Array.from({ length: 20 }, () => docker.version()));
    controller.abort();
    const ended = await Promise.allSettled(streams);
    expect(ended.every(end => end.status === 'rejected' && isK3duiError(end.reason, 'CANCELLED'))).toBe(true);
  });
});
