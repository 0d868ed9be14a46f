import { X509Certificate } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectDocker } from '../../src/docker/connect.ts';
import { type FakeEngine, fakeEngine, until } from './fake-engine.ts';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await fakeEngine((_, response) => response.end('[]'));
});

afterEach(() => engine.close());

describe('the API version', () => {
  it.each([
    ['1.41', '1.12', '/v1.41/'],
    ['1.52', '1.44', '/v1.47/'],
    ['1.60', '1.50', '/v1.50/'],
    ['1.9', '1.1', '/v1.9/'],
  ])('with an engine of %s (oldest %s) is in %s', async (newest, oldest, prefix) => {
    Object.assign(engine, { apiVersion: newest, oldestApi: oldest });
    const docker = await engine.connect();
    await docker.listNetworks();
    expect(engine.requests.at(-1)).toContain(`GET ${prefix}networks`);
  });

  it('is DOCKER_API_VERSION if that is set', async () => {
    const docker = await engine.connect({ env: { DOCKER_API_VERSION: '1.30' } });
    await docker.listNetworks();
    expect(engine.requests).toEqual(['GET /v1.30/networks']);
  });

  it('is negotiated anew with an engine that went away and came back', async () => {
    const docker = await engine.connect();
    await engine.stop();
    await expect(docker.listNetworks()).rejects.toMatchObject({ code: 'DOCKER_UNREACHABLE' });
    engine.apiVersion = '1.45';
    await engine.start();
    await docker.listNetworks();
    expect(engine.requests).toEqual(['GET /v1.45/networks']);
  });
});

describe('an aborted call', () => {
  it('rejects at once with CANCELLED, whatever it waits for', async () => {
    const docker = await engine.connect();
    engine.answer = () => {};
    const calls: ((call: { signal: AbortSignal }) => Promise<unknown>)[] = [
      call => docker.info(call),
      call => docker.listContainers({}, call),
      call => docker.inspectContainer('x', call),
      call => docker.createContainer('x', { Image: 'y', HostConfig: {} }, call),
      call => docker.startContainer('x', call),
      call => docker.stopContainer('x', {}, call),
      call => docker.removeContainer('x', {}, call),
      call => docker.exec('x', ['y'], {}, call),
      call => docker.writeFiles('x', [{ path: '/a', content: 'b', mode: 0o644 }], call),
      call => docker.readFile('x', '/a', call),
      call => docker.listNetworks({}, call),
      call => docker.createNetwork({ Name: 'x', Driver: 'bridge' }, call),
      call => docker.connectNetwork('x', 'y', {}, call),
      call => docker.listVolumes({}, call),
      call => docker.createVolume('x', {}, call),
      call => docker.listImages(call),
      call => docker.inspectImage('x', call),
      call => docker.pullImage('x', undefined, call),
      call => docker.logs('x', {}, call)[Symbol.asyncIterator]().next(),
      call => docker.events({}, call)[Symbol.asyncIterator]().next(),
    ];
    const controller = new AbortController();
    const waiting = calls.map(start => start({ signal: controller.signal }).catch(error => error));
    await until(() => engine.requests.length === calls.length);
    controller.abort();
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    await until(() => engine.connections.size <= 2);
    const before = engine.requests.length;
    await expect(docker.info({ signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(engine.requests.length).toBe(before);
  });

  it('rejects in the middle of an answer too', async () => {
    const docker = await engine.connect();
    engine.answer = (_, response) => response.writeHead(200, { 'content-length': 100 }).write('[');
    const controller = new AbortController();
    const call = docker.listContainers({}, { signal: controller.signal }).catch(error => error);
    await until(() => engine.requests.length === 1);
    controller.abort();
    expect(await call).toMatchObject({ code: 'CANCELLED' });
  });

  it('rejects while the version is being negotiated', async () => {
    engine.frozen = true;
    const connecting = engine.connect({ signal: AbortSignal.timeout(30) });
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a stream', () => {
  it('leaves no connection behind when its reader leaves', async () => {
    const docker = await engine.connect();
    engine.answer = (_, response) => response.write(`\u0001\0\0\0\0\0\0\u0003one`);
    for await (const chunk of docker.logs('x', { follow: true })) {
      expect(chunk).toEqual({ stream: 'stdout', data: Buffer.from('one') });
      break;
    }
    engine.answer = (_, response) => response.write(`${JSON.stringify({ Type: 'container', Action: 'start' })}\n`);
    for await (const event of docker.events()) {
      expect(event.Action).toBe('start');
      break;
    }
    // The one that is left is the idle connection of the greeting.
    await until(() => engine.connections.size <= 1);
  });

  it('that the engine cuts is an error, not an end', async () => {
    const docker = await engine.connect();
    engine.answer = (_, response) => {
      response.write(`\u0001\0\0\0\0\0\0\u0003one`);
      setImmediate(() => response.destroy());
    };
    const read = async () => {
      for await (const chunk of docker.logs('x', { follow: true })) expect(chunk.data.toString()).toBe('one');
    };
    await expect(read()).rejects.toMatchObject({ code: 'DOCKER_UNREACHABLE' });
  });

  it('never delays other calls', async () => {
    const docker = await engine.connect();
    engine.answer = (request, response) => {
      if (request.url?.includes('/logs')) response.flushHeaders();
      else response.end('[]');
    };
    const controller = new AbortController();
    const streams = Array.from({ length: 30 }, () =>
      docker
        .logs('x', { follow: true }, { signal: controller.signal })
        [Symbol.asyncIterator]()
        .next()
        .catch(error => error.code),
    );
    await until(() => engine.requests.length === 30);
    await Promise.all(Array.from({ length: 30 }, () => docker.listNetworks()));
    controller.abort();
    expect(new Set(await Promise.all(streams))).toEqual(new Set(['CANCELLED']));
  });
});

describe('the event stream', () => {
  const follow = async (options: Parameters<FakeEngine['connect']>[0]) => {
    const docker = await engine.connect(options);
    const seen: string[] = [];
    const ended = (async () => {
      for await (const event of docker.events()) seen.push(event.Action);
    })().catch(error => error);
    return { docker, seen, ended };
  };

  it('throws when the engine ends it or goes away', async () => {
    engine.answer = (_, response) => response.end('{"Type":"container","Action":"die"}\n');
    const first = await follow({});
    expect(await first.ended).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
    expect(first.seen).toEqual(['die']);
    engine.answer = (_, response) => response.flushHeaders();
    const second = await follow({});
    await until(() => engine.requests.length === 2);
    await engine.stop();
    expect(await second.ended).toMatchObject({ code: 'DOCKER_UNREACHABLE', hint: expect.any(String) });
    await engine.start();
  });

  it('throws when the engine freezes, which raises no event', async () => {
    engine.answer = (_, response) => response.flushHeaders();
    const { ended, docker } = await follow({ watchdog: { interval: 20, limit: 50 } });
    await until(() => engine.requests.length === 1);
    engine.frozen = true;
    const hanging = docker.createContainer('x', { Image: 'y', HostConfig: {} }).catch(error => error);
    expect(await ended).toMatchObject({
      code: 'DOCKER_UNREACHABLE',
      message: expect.stringMatching(/does not answer/),
    });
    // What others wait for ends too, without any signal of theirs.
    expect(await hanging).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
    await until(() => engine.connections.size === 0);
  });

  it('stays while a quiet engine answers the watchdog', async () => {
    let send: (text: string) => void = () => {};
    engine.answer = (_, response) => {
      response.flushHeaders();
      send = text => response.write(text);
    };
    const { seen, ended } = await follow({ watchdog: { interval: 10, limit: 1000 } });
    await until(() => engine.requests.length === 1);
    await until(() => engine.pings > 5);
    send('{"Type":"container","Action":"start"}\n');
    await until(() => seen.length === 1);
    await engine.stop();
    expect(await ended).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
    await engine.start();
  });
});

it('an engine with TLS gets our certificate and must have one that we trust', async () => {
  const ca = await generate([{ name: 'commonName', value: 'engine' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  } as Parameters<typeof generate>[1]);
  const { cert, private: key } = ca;
  let shown = '';
  const server = https.createServer({ cert, key, ca: cert, requestCert: true }, (request, response) => {
    shown = (request.socket as TLSSocket).getPeerCertificate().fingerprint256 ?? '';
    response.setHeader('Api-Version', '1.41');
    response.end(request.url?.includes('/networks') ? '[]' : 'OK');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const [name, content] of Object.entries({ 'ca.pem': cert, 'cert.pem': cert, 'key.pem': key })) {
    writeFileSync(join(engine.folder, name), content);
  }
  const env = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: engine.folder };
  const docker = await connectDocker({ env });
  expect(await docker.listNetworks()).toEqual([]);
  expect(shown).toBe(new X509Certificate(cert).fingerprint256);
  docker.close();
  writeFileSync(join(engine.folder, 'ca.pem'), '');
  await expect(connectDocker({ env })).rejects.toMatchObject({
    code: 'DOCKER_UNREACHABLE',
    message: expect.stringContaining('TLS'),
    hint: expect.stringContaining('ca.pem'),
  });
  server.closeAllConnections();
  server.close();
});

it('names are put into patterns and paths safely', async () => {
  const docker = await engine.connect();
  await docker.listContainers({ names: ['a.b'], labels: ['app=k3d'] });
  const query = new URLSearchParams(engine.requests.at(-1)!.split('?')[1]);
  expect(JSON.parse(query.get('filters')!)).toEqual({ label: ['app=k3d'], name: ['^/?a\\.b$'] });
  engine.answer = (_, response) => response.writeHead(404).end('{}');
  await docker.removeContainer('../volumes/x?force=1');
  expect(engine.requests.at(-1)).toBe('DELETE /v1.41/containers/..%2Fvolumes%2Fx%3Fforce%3D1?v=true');
});

it('files go in as one archive that touches no folder', async () => {
  const docker = await engine.connect();
  const names: [string, number | undefined][] = [];
  let unpacked: Promise<void> | undefined;
  engine.answer = (request, response) => {
    const archive = extract();
    unpacked = (async () => {
      for await (const entry of request.pipe(archive)) {
        names.push([entry.header.name, entry.header.mode]);
        entry.resume();
      }
      response.end();
    })();
  };
  await docker.writeFiles('x', [
    { path: '/etc/confd/values.yaml', content: 'ports: {}\n', mode: 0o744 },
    { path: '/bin/k3d-entrypoint.sh', content: '#!/bin/sh\n', mode: 0o755 },
  ]);
  await unpacked;
  expect(engine.requests).toEqual(['PUT /v1.41/containers/x/archive?path=%2F']);
  expect(names).toEqual([
    ['etc/confd/values.yaml', 0o744],
    ['bin/k3d-entrypoint.sh', 0o755],
  ]);
});

it('an engine over ssh is reached through the standard streams of the command', async () => {
  // Stands in for ssh: joins its standard streams with the engine's socket.
  const program = join(engine.folder, 'ssh');
  const script = `#!${process.execPath}
    const socket = require('node:net').connect(${JSON.stringify(engine.host.slice('unix://'.length))});
    process.stdin.pipe(socket); socket.pipe(process.stdout);`;
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  const docker = await connectDocker({ env: { PATH: engine.folder }, host: 'ssh://me@box' });
  engine.answer = (_, response) => response.end(JSON.stringify([{ Name: 'x'.repeat(200_000) }]));
  expect((await docker.listNetworks())[0]?.Name.length).toBe(200_000);
  docker.close();
  await until(() => engine.connections.size === 0);
});
