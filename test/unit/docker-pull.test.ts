import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCredentials, registryOf } from '../../src/docker/credentials.ts';
import type { PullProgress } from '../../src/docker/docker.ts';
import { PullSum, pullQuery } from '../../src/docker/pull.ts';
import { type FakeEngine, fakeEngine, refuse } from './fake-engine.ts';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await fakeEngine();
  mkdirSync(join(engine.folder, '.docker'));
});

afterEach(() => engine.close());

function config(content: object): void {
  writeFileSync(join(engine.folder, '.docker/config.json'), JSON.stringify(content));
}

function helper(name: string, script: string): void {
  const file = join(engine.folder, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

const env = () => ({ HOME: engine.folder, PATH: `${engine.folder}:${process.env.PATH}` });
const find = (reference: string) =>
  findCredentials(reference, { configFolder: join(engine.folder, '.docker'), env: env() });

describe('a pull', () => {
  it.each([
    ['busybox', 'busybox', 'latest'],
    ['rancher/k3s:v1.31.5-k3s1', 'rancher/k3s', 'v1.31.5-k3s1'],
    ['localhost:5000/app', 'localhost:5000/app', 'latest'],
    ['reg.io:443/a/b:c', 'reg.io:443/a/b', 'c'],
    ['app@sha256:abc', 'app', 'sha256:abc'],
    ['app:1@sha256:abc', 'app', 'sha256:abc'],
  ])('of %s asks for %s, %s', (reference, fromImage, tag) => {
    expect(pullQuery(reference)).toEqual({ fromImage, tag });
  });

  it('sums the bytes of its layers and says where it stands', () => {
    const sum = new PullSum();
    const add = (line: object) => sum.add(line, 'x');
    add({ status: 'Pulling from library/x', id: 'latest' });
    add({ status: 'Already exists', id: 'a' });
    add({ status: 'Pulling fs layer', id: 'b' });
    add({ status: 'Pulling fs layer', id: 'c' });
    add({ status: 'Downloading', id: 'b', progressDetail: { current: 10, total: 100 } });
    add({ status: 'Downloading', id: 'c', progressDetail: { current: 5, total: -1 } });
    expect(sum.progress).toEqual({ current: 15, total: 105, layersDone: 1, layers: 3, status: 'Downloading' });
    add({ status: 'Download complete', id: 'b' });
    add({ status: 'Extracting', id: 'b', progressDetail: { current: 3, total: 100 } });
    expect(sum.progress).toMatchObject({ current: 105, status: 'Extracting' });
    add({ status: 'Pull complete', id: 'b' });
    add({ status: 'Pull complete', id: 'c' });
    add({ status: 'Digest: sha256:abc' });
    expect(sum.progress).toEqual({ current: 105, total: 105, layersDone: 3, layers: 3, status: 'Digest: sha256:abc' });
  });

  it('reports progress and sends the credentials of Docker’s config', async () => {
    config({ auths: { 'reg.example': { auth: Buffer.from('me:p:w').toString('base64') } } });
    let sent: unknown;
    engine.answer = (request, response) => {
      sent = JSON.parse(Buffer.from(String(request.headers['x-registry-auth']), 'base64url').toString());
      response.write('{"status":"Pulling fs layer","id":"a"}\n{"status":"Downloading","id":"a","progress');
      response.end('Detail":{"current":7,"total":9}}\n');
    };
    const docker = await engine.connect({ env: env() });
    const seen: PullProgress[] = [];
    await docker.pullImage('reg.example/app:1', progress => seen.push(progress));
    expect(sent).toEqual({ username: 'me', password: 'p:w', serveraddress: 'reg.example' });
    expect(engine.requests).toEqual(['POST /v1.41/images/create?fromImage=reg.example%2Fapp&tag=1']);
    expect(seen.at(-1)).toMatchObject({ current: 7, total: 9, layers: 1 });
  });

  it.each([
    ['in the stream', false],
    ['before the stream', true],
  ])('that fails %s says why and what to do', async (_, early) => {
    const message = 'manifest for app:1 not found: manifest unknown';
    engine.answer = early
      ? refuse(404, message)
      : (_request, response) => response.end(`${JSON.stringify({ errorDetail: { message }, error: message })}\n`);
    const docker = await engine.connect();
    await expect(docker.pullImage('app:1')).rejects.toMatchObject({
      code: 'PULL_FAILED',
      message: `cannot pull app:1: ${message}`,
      hint: expect.stringContaining('name and the tag'),
    });
  });

  it('that is denied because a credential helper is missing says so', async () => {
    config({ credsStore: 'gone' });
    engine.answer = refuse(500, 'pull access denied for app, repository does not exist');
    const docker = await engine.connect({ env: env() });
    await expect(docker.pullImage('app')).rejects.toMatchObject({
      hint: expect.stringContaining("docker-credential-gone, which Docker's config names, is not installed"),
    });
  });
});

describe('credentials', () => {
  it.each([
    ['busybox', 'docker.io'],
    ['rancher/k3s:v1', 'docker.io'],
    ['localhost/app', 'localhost'],
    ['reg:5000/app', 'reg:5000'],
    ['ghcr.io/k3d-io/k3d-proxy:5', 'ghcr.io'],
  ])('%s belongs to %s', (reference, host) => expect(registryOf(reference)).toBe(host));

  it('come from the helper of the registry, asked by its name on stdin', async () => {
    config({ credHelpers: { 'reg.example': 'mine' }, credsStore: 'other' });
    helper('mine', 'read server; echo "{\\"Username\\":\\"$1 $server\\",\\"Secret\\":\\"s\\"}"');
    expect(await find('reg.example/app')).toEqual({
      credentials: { username: 'get reg.example', password: 's', serveraddress: 'reg.example' },
    });
  });

  it('come from the credential store for Docker Hub; a token is a token', async () => {
    config({ credsStore: 'mine' });
    helper(
      'mine',
      'read server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"<token>\\",\\"Secret\\":\\"t\\"}"',
    );
    expect(await find('rancher/k3s')).toEqual({
      credentials: { identitytoken: 't', serveraddress: 'https://index.docker.io/v1/' },
    });
  });

  it('come from the config when the store has none', async () => {
    config({ credsStore: 'mine', auths: { 'https://index.docker.io/v1/': { username: 'me', password: 'pw' } } });
    helper('mine', 'echo "credentials not found in native keychain"; exit 1');
    expect(await find('busybox')).toEqual({
      credentials: { username: 'me', password: 'pw', serveraddress: 'https://index.docker.io/v1/' },
      problem: undefined,
    });
    expect(await find('other.example/app')).toEqual({});
  });

  it.each([
    ['exit 3', 'docker-credential-mine failed (3)'],
    ['echo no json', 'docker-credential-mine printed no credentials'],
  ])('a helper that does `%s` is a problem to tell, not a failure', async (script, problem) => {
    config({ credsStore: 'mine' });
    helper('mine', script);
    expect(await find('busybox')).toEqual({ credentials: undefined, problem });
  });

  it('without a config there are none', async () => {
    expect(await find('busybox')).toEqual({});
  });
});
