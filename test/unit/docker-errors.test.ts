import { chmodSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectDocker } from '../../src/docker/connect.ts';
import type { Docker } from '../../src/docker/docker.ts';
import { mapError, takenPort } from '../../src/docker/errors.ts';
import type { K3duiError } from '../../src/errors.ts';
import { type FakeEngine, fakeEngine, refuse } from './fake-engine.ts';

let engine: FakeEngine;
let docker: Docker;

beforeEach(async () => {
  engine = await fakeEngine();
  docker = await engine.connect();
});

afterEach(() => engine.close());

async function failure(work: Promise<unknown>): Promise<K3duiError> {
  return work.then(
    () => {
      throw new Error('it should have failed');
    },
    error => error,
  );
}

describe('what the engine refuses', () => {
  it.each([
    [404, 'No such container: x', 'NOT_FOUND'],
    [404, 'No such image: rancher/k3s:v9', 'IMAGE_MISSING'],
    [409, 'Conflict. The container name "/x" is already in use by container "abc".', 'NAME_TAKEN'],
    [409, 'network with name k3d-x already exists', 'NAME_TAKEN'],
    [409, 'Container abc is not running', 'CONFLICT'],
    [403, 'error while removing network: network k3d-x id abc has active endpoints', 'CONFLICT'],
    [403, 'endpoint with name k3d-x already exists in network k3d-x', 'CONFLICT'],
    [403, 'authorization denied by plugin', 'PERMISSION_DENIED'],
    [403, 'Pool overlaps with other one on this address space', 'CONFLICT'],
    [500, 'something\n\nnobody foresaw', 'DOCKER_ERROR'],
  ])('%i %s is %s', async (status, message, code) => {
    engine.answer = refuse(status, message);
    const error = await failure(docker.startContainer('k3d-x'));
    expect(error).toMatchObject({ name: 'K3duiError', code });
    expect(error.message).toMatch(/^cannot start k3d-x: /);
    expect(error.message).not.toContain('\n');
  });

  it.each([
    [
      'driver failed programming external connectivity on endpoint k3d-x (a1): Bind for 0.0.0.0:8080 failed: port is already allocated',
      '',
      8080,
    ],
    ['Error starting userland proxy: listen tcp4 127.0.0.1:6550: bind: address already in use', '127.0.0.1', 6550],
    ['Error starting userland proxy: listen udp [::1]:53: bind: address already in use', '::1', 53],
    ['failed to bind host port for 0.0.0.0:8080:172.18.0.2:80/tcp: address already in use', '', 8080],
    ['failed to bind host port 0.0.0.0:8443/tcp: address already in use', '', 8443],
    [
      'Ports are not available: exposing port TCP 0.0.0.0:5000 -> 0.0.0.0:0: listen tcp 0.0.0.0:5000: bind: address already in use',
      '',
      5000,
    ],
  ])('%s is PORT_TAKEN', async (message, ip, port) => {
    engine.answer = refuse(500, message);
    const error = await failure(docker.startContainer('k3d-x'));
    expect(error).toMatchObject({ code: 'PORT_TAKEN', hint: expect.stringContaining('another host port') });
    expect(error.message).toBe(`cannot start k3d-x: host port ${port}${ip && ` on ${ip}`} is already in use`);
  });

  it('an address that is taken within a network is no port', () => {
    expect(takenPort('Address already in use')).toBeUndefined();
    expect(takenPort('no such container')).toBeUndefined();
  });

  it('an answer that is no JSON is quoted', async () => {
    engine.answer = (_, response) => response.writeHead(502).end('bad gateway');
    expect((await failure(docker.info())).message).toContain('bad gateway');
  });

  it('what was done already is no error', async () => {
    engine.answer = (_, response) => response.writeHead(304).end();
    await docker.startContainer('x');
    await docker.stopContainer('x');
    engine.answer = refuse(404, 'No such thing');
    await docker.removeContainer('x');
    await docker.removeNetwork('x');
    await docker.removeVolume('x');
    expect(await docker.inspectNetwork('x')).toBeUndefined();
    expect(await docker.inspectImage('x')).toBeUndefined();
  });
});

describe('an engine that cannot be reached', () => {
  it('because there is no socket, nobody listens, or what listens is no engine', async () => {
    const open = (host: string) => failure(connectDocker({ env: {}, host }));
    expect(await open('unix:///no/such.sock')).toMatchObject({
      code: 'DOCKER_UNREACHABLE',
      message: expect.stringContaining('/no/such.sock'),
      hint: expect.stringContaining('--host'),
    });
    expect(await open('tcp://127.0.0.1:1')).toMatchObject({
      code: 'DOCKER_UNREACHABLE',
      message: 'nothing answers at tcp://127.0.0.1:1',
      hint: expect.stringContaining('start the Docker engine'),
    });
    const path = join(engine.folder, 'chat.sock');
    const chat = net.createServer(socket => socket.end('220 hello\r\n'));
    await new Promise<void>(resolve => chat.listen(path, resolve));
    expect(await open(`unix://${path}`)).toMatchObject({
      code: 'DOCKER_UNREACHABLE',
      message: expect.stringContaining('no Docker engine'),
    });
    chat.close();
  });

  it('because it wants TLS', async () => {
    engine.answer = (_, response) => response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.\n');
    expect(await failure(docker.info())).toMatchObject({
      code: 'DOCKER_UNREACHABLE',
      hint: expect.stringContaining('DOCKER_TLS_VERIFY'),
    });
  });

  it('because of the permissions of its socket', () => {
    const endpoint = { address: 'unix:///var/run/docker.sock', source: 'default', demo: false };
    const denied = Object.assign(new Error('connect EACCES /var/run/docker.sock'), { code: 'EACCES' });
    expect(mapError(denied, { doing: 'reach the engine', endpoint })).toMatchObject({
      code: 'PERMISSION_DENIED',
      hint: expect.stringContaining('usermod -aG docker'),
    });
  });

  it('because it dies in the middle of an answer', async () => {
    engine.answer = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"half":');
      setImmediate(() => response.destroy());
    };
    expect(await failure(docker.listContainers())).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
    expect(await failure(docker.info())).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
  });

  it('over ssh, in ssh’s own words', async () => {
    const program = join(engine.folder, 'ssh');
    writeFileSync(program, '#!/bin/sh\necho "me@box: Permission denied (publickey)." >&2\nexit 255\n');
    chmodSync(program, 0o755);
    const env = { PATH: `${engine.folder}:${process.env.PATH}` };
    expect(await failure(connectDocker({ env, host: 'ssh://me@box' }))).toMatchObject({
      code: 'DOCKER_UNREACHABLE',
      message: expect.stringContaining('Permission denied (publickey)'),
      hint: expect.stringContaining('`ssh me@box docker version`'),
    });
  });
});
