import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { sshArguments } from '../../src/docker/ssh.ts';
import { openWire } from '../../src/docker/wire.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'k3dui-endpoint-'));
});

afterEach(() => rmSync(home, { recursive: true }));

function write(path: string, content: string | object): string {
  const file = join(home, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function context(name: string, host: string, extra: object = {}): string {
  const id = createHash('sha256').update(name).digest('hex');
  write(`.docker/contexts/meta/${id}/meta.json`, { Name: name, Endpoints: { docker: { Host: host, ...extra } } });
  return id;
}

const resolve = (env: NodeJS.ProcessEnv = {}, host?: string, platform: NodeJS.Platform = 'linux') =>
  resolveEndpoint({ env, host, home, platform });

describe('where the engine is', () => {
  it('the address given beats DOCKER_HOST, which beats the contexts', () => {
    write('.docker/config.json', { currentContext: 'work' });
    context('work', 'unix:///work.sock');
    context('other', 'unix:///other.sock');
    const env = { DOCKER_HOST: 'unix:///env.sock', DOCKER_CONTEXT: 'other' };
    expect(resolve(env, 'unix:///given.sock')).toMatchObject({ address: 'unix:///given.sock', source: '--host' });
    expect(resolve(env)).toMatchObject({ address: 'unix:///env.sock', source: 'DOCKER_HOST' });
    expect(resolve({ DOCKER_CONTEXT: 'other' })).toMatchObject({
      address: 'unix:///other.sock',
      source: 'context other',
    });
    expect(resolve()).toMatchObject({ address: 'unix:///work.sock', source: 'context work' });
    expect(resolve({ DOCKER_CONTEXT: 'default' })).toMatchObject({ source: 'default' });
  });

  it('contexts are found under DOCKER_CONFIG, with their TLS files', () => {
    const id = context('far', 'tcp://far.example:2376', { SkipTLSVerify: true });
    write(`.docker/contexts/tls/${id}/docker/ca.pem`, 'CA');
    write(`.docker/contexts/tls/${id}/docker/cert.pem`, 'CERT');
    write(`.docker/contexts/tls/${id}/docker/key.pem`, 'KEY');
    const found = resolveEndpoint({
      env: { DOCKER_CONTEXT: 'far', DOCKER_CONFIG: join(home, '.docker') },
      home: '/nowhere',
    });
    expect(found.address).toBe('tcp://far.example:2376');
    expect(found.tls).toEqual({
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
      verify: false,
    });
  });

  it('a context that is missing, broken or without an address is an error that names it', () => {
    expect(() => resolve({ DOCKER_CONTEXT: 'gone' })).toThrow(/no docker context 'gone'/);
    const id = context('bare', '');
    expect(() => resolve({ DOCKER_CONTEXT: 'bare' })).toThrow(/'bare' has no address/);
    write(`.docker/contexts/meta/${id}/meta.json`, '{');
    expect(() => resolve({ DOCKER_CONTEXT: 'bare' })).toThrow(/'bare' cannot be read/);
  });

  it('a broken config.json is no reason to fail', () => {
    write('.docker/config.json', '{ not json');
    expect(resolve().source).toBe('default');
  });

  it('without anything configured the usual sockets are looked for, the user’s own included', () => {
    const socket = write('run/docker.sock', '');
    const found = resolve({ XDG_RUNTIME_DIR: join(home, 'run') });
    expect(found.tried).toContain('/var/run/docker.sock');
    expect(found.tried).toContain(socket);
    expect(found.tried).toContain(join(home, '.colima/default/docker.sock'));
    expect([`unix://${socket}`, 'unix:///var/run/docker.sock']).toContain(found.address);
  });

  it('on Windows it is the named pipe', () => {
    const found = resolve({}, undefined, 'win32');
    expect(found.address).toBe('npipe:////./pipe/docker_engine');
    expect(openWire(found, {}).options.socketPath).toBe('//./pipe/docker_engine');
  });
});

describe('tcp addresses', () => {
  it.each([
    ['tcp://10.0.0.1', {}, 'tcp://10.0.0.1:2375'],
    ['10.0.0.1:4243', {}, 'tcp://10.0.0.1:4243'],
    ['tcp://10.0.0.1', { DOCKER_TLS_VERIFY: '1' }, 'tcp://10.0.0.1:2376'],
    ['http://10.0.0.1:80/docker', {}, 'tcp://10.0.0.1:80/docker'],
    ['tcp://[::1]:2375', {}, 'tcp://[::1]:2375'],
    ['/run/my.sock', {}, 'unix:///run/my.sock'],
  ])('%s with %o is %s', (host, env, address) => {
    expect(resolve({ ...env, DOCKER_CERT_PATH: undefined, DOCKER_HOST: host }).address).toBe(address);
  });

  it('with certificates of DOCKER_CERT_PATH speak TLS', () => {
    write('certs/ca.pem', 'CA');
    const env = { DOCKER_HOST: 'tcp://h:2376', DOCKER_CERT_PATH: join(home, 'certs') };
    expect(resolve({ ...env, DOCKER_TLS_VERIFY: '1' }).tls).toEqual({ ca: Buffer.from('CA'), verify: true });
    expect(resolve({ ...env, DOCKER_TLS: '1' }).tls?.verify).toBe(false);
    expect(resolve({ DOCKER_HOST: 'tcp://h:2375' }).tls).toBeUndefined();
    write('certs/cert.pem', 'CERT');
    expect(() => resolve(env)).toThrow(/only one of cert.pem and key.pem/);
  });

  it.each(['ftp://x', 'tcp://', 'tcp://a b', 'fd://'])('%s is refused', host => {
    expect(() => resolve({ DOCKER_HOST: host })).toThrow(/is no address/);
  });
});

it('ssh addresses become the command that Docker’s own client runs', () => {
  expect(sshArguments('ssh://me@box:2222').join(' ')).toContain('-T -l me -p 2222 -- box docker system dial-stdio');
  expect(sshArguments('ssh://box/run/d.sock').join(' ')).toContain(
    '-- box docker --host unix:///run/d.sock system dial-stdio',
  );
  // A host that looks like an option stays a host.
  expect(sshArguments('ssh://-oProxyCommand=evil').join(' ')).toContain(' -- -oProxyCommand=evil docker');
});
