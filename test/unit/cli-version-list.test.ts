import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareSemver } from '../../src/config/semver.ts';
import { remoteTags } from '../../src/registry/remote-tags.ts';
import { runCli } from './cli-fake.ts';

const TAGS = [
  'latest',
  'v1.31.5-k3s1',
  'v1.31.5-k3s1-amd64',
  'v1.9.0-k3s1',
  'v1.31.5-rc1-k3s1',
  'v1.31.10-k3s1',
  'v1.32.0-k3s1',
  'sha-123456',
];

/** A registry with tokens and pages, as Docker Hub is one. */
let server: Server;
let host: string;

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url!, `http://${host}`);
  const say = (status: number, body: unknown, headers: Record<string, string> = {}) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  if (url.pathname === '/token') {
    const asked = [url.searchParams.get('service'), url.searchParams.get('scope')];
    return void say(200, { access_token: asked.join() === 'here,repository:rancher/k3s:pull' ? 'good' : 'bad' });
  }
  if (url.pathname === '/v2/broken/json/tags/list') return void say(200, '{"tags":');
  if (url.pathname === '/v2/hostile/tags/tags/list') return void say(200, { tags: ['v1', '\x1b[31mv2', 3, ''] });
  if (url.pathname === '/v2/basic/only/tags/list') return void say(401, {}, { 'www-authenticate': 'Basic realm="x"' });
  if (url.pathname !== '/v2/rancher/k3s/tags/list') return void say(404, { errors: [] });
  if (request.headers.authorization !== 'Bearer good') {
    const challenge = `Bearer realm="http://${host}/token",service="here",scope="repository:rancher/k3s:pull"`;
    return void say(401, {}, { 'www-authenticate': challenge });
  }
  const start = Number(url.searchParams.get('last') ?? 0);
  const more = start + 3 < TAGS.length;
  const link = `</v2/rancher/k3s/tags/list?n=1000&last=${start + 3}>; rel="next"`;
  say(200, { tags: TAGS.slice(start, start + 3) }, more ? { link } : {});
}

const list = (...flags: string[]) => runCli(['version', 'list', 'k3s', '--from', `${host}/rancher/k3s`, ...flags]);

describe('version list', () => {
  it('newest first, without what nobody runs', async () => {
    expect(await list()).toEqual({
      code: 0,
      stdout: 'v1.32.0-k3s1\nv1.31.10-k3s1\nv1.31.5-k3s1\nv1.9.0-k3s1\n',
      stderr: '',
    });
  });

  it.each([
    ['--limit=2', 'v1.32.0-k3s1 v1.31.10-k3s1'],
    // k3d panics here.
    ['--limit=99 --include=^v1\\.31', 'v1.31.10-k3s1 v1.31.5-k3s1'],
    ['-s asc -l1', 'v1.9.0-k3s1'],
    ['--sort off --exclude= --limit 3', 'latest v1.31.5-k3s1 v1.31.5-k3s1-amd64'],
    ['-i (?i)^V1\\.9', 'v1.9.0-k3s1'],
    ['-e v1 -i nothing', ''],
  ])('%s', async (flags, tags) => {
    const { code, stdout } = await list(...flags.split(' '));
    expect({ code, tags: stdout.trim().split('\n').join(' ') }).toEqual({ code: 0, tags });
  });

  it('whole references, one a line; the old name of the flag still works, and says so', async () => {
    const { stdout } = await list('-o', 'repo', '-l', '2');
    expect(stdout).toBe(`${host}/rancher/k3s:v1.32.0-k3s1\n${host}/rancher/k3s:v1.31.10-k3s1\n`);
    const old = await list('--format', 'repo', '-l', '2');
    expect(old.stdout).toBe(stdout);
    expect(old.stderr).toContain('--output');
  });

  it.each([
    [['version', 'list', 'k3sd'], 'did you mean'],
    [['version', 'list'], 'k3dui version list --help'],
    [['version', 'list', 'k3s', '-s', 'dsc'], 'did you mean desc?'],
    [['version', 'list', 'k3s', '-o', 'xml'], 'one of raw, repo'],
    [['version', 'list', 'k3s', '-i', '('], 'for example --include'],
    [['version', 'list', 'k3s', '--from', 'Not An Image'], 'REGISTRY'],
    [['version', 'list', 'k3s', '--from', '127.0.0.1:1/rancher/k3s'], 'name a copy: --from'],
  ])('%j is one error with a hint', async (argv, hint) => {
    const { code, stdout, stderr } = await runCli(argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(hint);
    expect(stderr.match(/FATA/g)).toHaveLength(1);
  });
});

describe('a registry that', () => {
  it.each([
    ['says no JSON', 'broken/json', 'its answer is no JSON'],
    ['knows no such repository', 'no/where', 'there is no repository'],
    ['wants a password', 'basic/only', 'user name and a password'],
  ])('%s', async (_, repository, message) => {
    await expect(remoteTags({ registry: host, repository })).rejects.toThrow(message);
  });

  it('says tags that are none: they are left out', async () => {
    expect(await remoteTags({ registry: host, repository: 'hostile/tags' })).toEqual(['v1']);
  });
});

describe('versions in order', () => {
  it('as semver.org has them', () => {
    const ordered = ['latest', 'v1.0.0-alpha', '1.0.0-alpha.1', 'v1.0.0-alpha.beta', 'v1.0.0-beta.2', 'v1.0.0-beta.11'];
    const all = [...ordered, 'v1.0.0-rc.1', 'v1.0.0', 'v1.2', 'v1.2.3', '5.9.0'];
    expect([...all].reverse().sort(compareSemver)).toEqual(all);
  });

  it('whatever the texts, it is an order', () => {
    const tag = fc.oneof(fc.string(), fc.stringMatching(/^v?\d{1,2}\.\d{1,2}(\.\d)?(-(k3s|rc)\d)?$/));
    fc.assert(
      fc.property(tag, tag, tag, (a, b, c) => {
        const sign = (x: string, y: string) => Math.sign(compareSemver(x, y));
        expect(sign(a, b) + sign(b, a)).toBe(0);
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
