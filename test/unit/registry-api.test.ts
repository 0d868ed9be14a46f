import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/registry/client.ts';
import { tokenAddress } from '../../src/registry/http.ts';
import type { Credentials, RegistryApi } from '../../src/registry/registry.ts';

/** What a registry answers: status, headers, body; by method and path. */
type Answers = (
  req: IncomingMessage,
  path: string,
) => [status: number, body?: unknown, headers?: Record<string, string>] | undefined;

const servers: Server[] = [];
const opened: RegistryApi[] = [];
const asked: string[] = [];

async function registryWith(answers: Answers, credentials?: Credentials): Promise<RegistryApi> {
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    const [status, body = '', headers = {}] = answers(req, req.url ?? '') ?? [
      404,
      { errors: [{ code: 'NAME_UNKNOWN' }] },
    ];
    res.writeHead(status, headers);
    res.end(req.method === 'HEAD' ? '' : typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const api = openRegistry(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, credentials);
  opened.push(api);
  return api;
}

afterEach(() => {
  for (const api of opened.splice(0)) api.close();
  for (const server of servers.splice(0)) server.close();
  asked.length = 0;
});

const DOCKER = 'application/vnd.docker.distribution.manifest.v2+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const blob = (digest: string, size: number, mediaType = 'layer') => ({ digest, size, mediaType });
const image = (config: string, ...layers: object[]) => ({
  schemaVersion: 2,
  mediaType: DOCKER,
  config: blob(config, 10, 'application/vnd.docker.container.image.v1+json'),
  layers,
});

describe('what a registry holds', () => {
  it('is read page by page, tags in an order a person expects', async () => {
    const api = await registryWith((_, path) => {
      if (path === '/v2/_catalog?n=2')
        return [200, { repositories: ['a', 'b/c'] }, { Link: '</v2/_catalog?last=b%2Fc&n=2>; rel="next"' }];
      if (path === '/v2/_catalog?n=2&last=b%2Fc') return [200, { repositories: ['d'] }];
      if (path === '/v2/b/c/tags/list?n=100')
        return [200, { tags: ['v10', 'v9'] }, { Link: '</v2/b/c/tags/list?last=v9&n=100>; rel="next"' }];
      if (path === '/v2/b/c/tags/list?last=v9&n=100') return [200, { tags: ['latest'] }];
      if (path.startsWith('/v2/empty/')) return [200, { name: 'empty', tags: null }];
      return undefined;
    });
    expect(await api.repositories({ count: 2 })).toEqual({ names: ['a', 'b/c'], next: 'b/c' });
    expect(await api.repositories({ count: 2, after: 'b/c' })).toEqual({ names: ['d'] });
    expect(await api.tags('b/c')).toEqual(['latest', 'v9', 'v10']);
    expect(await api.tags('empty')).toEqual([]);
    expect(await api.tags('unknown')).toEqual([]);
  });

  it('of several platforms: each image, attestations left out, shared layers counted once', async () => {
    const index = {
      mediaType: OCI_INDEX,
      manifests: [
        { digest: 'sha256:amd', platform: { os: 'linux', architecture: 'amd64' } },
        { digest: 'sha256:arm', platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        { digest: 'sha256:att', platform: { os: 'unknown', architecture: 'unknown' } },
        { digest: 'sha256:gone', platform: { os: 'linux', architecture: 's390x' } },
      ],
    };
    const api = await registryWith((_, path) => {
      if (path.endsWith('/manifests/v1'))
        return [200, index, { 'Content-Type': OCI_INDEX, 'Docker-Content-Digest': 'sha256:idx' }];
      if (path.endsWith('sha256:amd'))
        return [200, image('sha256:c1', blob('sha256:base', 100), blob('sha256:x', 5)), { 'Content-Type': DOCKER }];
      if (path.endsWith('sha256:arm'))
        return [200, image('sha256:c2', blob('sha256:base', 100), blob('sha256:y', 7)), { 'Content-Type': DOCKER }];
      if (path.includes('/blobs/'))
        return [200, { os: 'linux', architecture: 'amd64', created: '2026-01-02T03:04:05Z' }];
      return undefined;
    });
    const manifest = await api.manifest('app', 'v1');
    expect(manifest).toMatchObject({
      digest: 'sha256:idx',
      kind: 'index',
      mediaType: OCI_INDEX,
      size: 100 + 5 + 7 + 20,
    });
    expect(manifest!.images.map(({ platform, size }) => [platform, size])).toEqual([
      ['linux/amd64', 115],
      ['linux/arm64/v8', 117],
      // A mirror has only what was asked of it.
      ['linux/s390x', undefined],
    ]);
    expect(manifest!.images[0]!.created).toBe(Date.parse('2026-01-02T03:04:05Z') / 1000);
  });

  it('of the first schema and of artifacts that are no image', async () => {
    const api = await registryWith((_, path) => {
      if (path.endsWith('/old'))
        return [
          200,
          {
            schemaVersion: 1,
            architecture: 'amd64',
            fsLayers: [{ blobSum: 'sha256:l' }],
            history: [{ v1Compatibility: '{"created":"1970-01-01T00:00:00Z"}' }],
          },
        ];
      if (path.endsWith('/chart'))
        return [
          200,
          { config: blob('sha256:c', 3, 'application/vnd.cncf.helm.config.v1+json'), layers: [blob('sha256:t', 40)] },
        ];
      return undefined;
    });
    const old = await api.manifest('app', 'old');
    expect(old).toMatchObject({
      kind: 'image',
      size: undefined,
      images: [{ platform: 'linux/amd64', created: undefined }],
    });
    expect(old!.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await api.manifest('app', 'chart')).toMatchObject({ kind: 'artifact', size: 43 });
    expect(await api.manifest('app', 'none')).toBeUndefined();
  });
});

describe('deleting a tag', () => {
  const manifests: Record<string, string> = {};
  const answers: Answers = (req, path) => {
    const reference = path.split('/').at(-1)!;
    if (path.startsWith('/v2/app/tags')) return [200, { tags: Object.keys(manifests) }];
    if (path.startsWith('/v2/app/blobs/uploads/')) {
      return req.method === 'POST' ? [202, '', { Location: '/v2/app/blobs/uploads/1?_state=x' }] : [201];
    }
    if (req.method === 'PUT') {
      manifests[reference] = 'sha256:none';
      return [201, '', { 'Docker-Content-Digest': 'sha256:none' }];
    }
    if (req.method === 'DELETE') {
      for (const [tag, digest] of Object.entries(manifests)) if (digest === reference) delete manifests[tag];
      return [202];
    }
    return manifests[reference] ? [200, '', { 'Docker-Content-Digest': manifests[reference] }] : undefined;
  };

  it('takes the manifest along when it is its only one', async () => {
    Object.assign(manifests, { v1: 'sha256:one', v2: 'sha256:two' });
    await (await registryWith(answers)).deleteTag('app', 'v1');
    expect(manifests).toEqual({ v2: 'sha256:two' });
    expect(asked.filter(line => /^(PUT|POST|DELETE)/.test(line))).toEqual(['DELETE /v2/app/manifests/sha256:one']);
  });

  it('leaves the image to its other tags', async () => {
    Object.assign(manifests, { v1: 'sha256:one', also: 'sha256:one', v2: 'sha256:two' });
    await (await registryWith(answers)).deleteTag('app', 'v1');
    expect(manifests).toEqual({ also: 'sha256:one', v2: 'sha256:two' });
  });

  it('that is gone does nothing', async () => {
    await (await registryWith(answers)).deleteTag('app', 'never');
    expect(asked.filter(line => !line.startsWith('HEAD'))).toEqual([]);
  });
});

const ONE_TAG: Answers = (_, path) =>
  path.includes('/tags/') ? [200, { tags: ['v1'] }] : [200, '', { 'Docker-Content-Digest': 'sha256:one' }];

describe('a registry that does not do what it is asked', () => {
  const refuses =
    (status: number, code: string, message = ''): Answers =>
    () => [status, { errors: [{ code, message }] }];

  it.each([
    [401, 'UNAUTHORIZED', 'REGISTRY_DENIED', /docker login/],
    [403, 'DENIED', 'REGISTRY_DENIED', /docker login/],
    [405, 'UNSUPPORTED', 'REGISTRY_DELETE_OFF', /--delete-enabled/],
    [500, 'UNKNOWN', 'REGISTRY_REFUSED', /its log/],
  ])('answers %i %s', async (status, code, ours, hint) => {
    const api = await registryWith((req, path) =>
      req.method === 'DELETE' || status !== 405
        ? refuses(status, code, 'evil \x1b[2J words')(req, path)
        : ONE_TAG(req, path),
    );
    const ask = () => (status === 405 ? api.deleteTag('app', 'v1') : api.repositories());
    await expect(ask()).rejects.toMatchObject({ code: ours, hint: expect.stringMatching(hint) });
    await expect(ask()).rejects.not.toThrow(/\x1b/);
  });

  it('answers with other shapes than a registry’s, or without an end', async () => {
    for (const body of [{ repositories: 5 }, { repositories: [1] }, { repositories: { a: 1 } }]) {
      const api = await registryWith(() => [200, body]);
      await expect(api.repositories()).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' });
    }
    const again = { Link: '</v2/app/tags/list?n=100&last=a>; rel="next"' };
    const circle = await registryWith((_, path) => [
      200,
      path.includes('catalog') ? { repositories: ['a'] } : { tags: ['a'] },
      again,
    ]);
    expect(await circle.tags('app')).toEqual(['a']);
    expect((await circle.repositories({ after: 'a' })).next).toBeUndefined();
    const endless = await registryWith(() => [200, `["${'x'.repeat(17 * 1024 * 1024)}"]`]);
    await expect(endless.repositories()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  });

  it('sends nobody to another host for the next page', async () => {
    const api = await registryWith((_, path) =>
      path.startsWith('/v2/') ? [200, { tags: ['a'] }, { Link: '<http://x//other.invalid/v2/>; rel="next"' }] : [404],
    );
    expect(await api.tags('app')).toEqual(['a']);
    expect(asked).toEqual(['GET /v2/app/tags/list?n=100', 'GET /other.invalid/v2/']);
  });

  it('is not there, is no registry, or is given up half way', async () => {
    const api = await registryWith(() => [200, '<html>']);
    await expect(api.repositories()).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: expect.stringContaining('is no registry'),
    });
    const gone = openRegistry('http://127.0.0.1:1');
    await expect(gone.ping()).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: expect.stringContaining('nothing answers there'),
    });
    const stop = new AbortController();
    stop.abort();
    await expect(api.ping({ signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('credentials', () => {
  const bob = { username: 'bob', password: 'secret' };
  const basic = `Basic ${Buffer.from('bob:secret').toString('base64')}`;

  it('are given when they are asked for, and to nobody else', async () => {
    const api = await registryWith(
      req => (req.headers.authorization === basic ? [200, {}] : [401, '', { 'WWW-Authenticate': 'Basic realm="x"' }]),
      bob,
    );
    await api.ping();
    await api.ping();
    expect(asked).toEqual(['GET /v2/', 'GET /v2/', 'GET /v2/']);
  });

  it('that are wrong are told as such', async () => {
    const api = await registryWith(
      () => [401, { errors: [{ code: 'UNAUTHORIZED' }] }, { 'WWW-Authenticate': 'Basic realm="x"' }],
      bob,
    );
    await expect(api.ping()).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
  });

  it('buy a token where the registry wants one', async () => {
    let realm = '';
    const api = await registryWith((req, path) => {
      if (path.startsWith('/token')) {
        expect(path).toBe('/token?service=demo&scope=repository%3Aapp%3Apull');
        return req.headers.authorization === basic ? [200, { token: 'abc' }] : [401];
      }
      if (req.headers.authorization === 'Bearer abc') return [200, {}];
      return [
        401,
        '',
        { 'WWW-Authenticate': `Bearer realm="${realm}/token",service="demo",scope="repository:app:pull"` },
      ];
    }, bob);
    realm = api.url;
    await api.ping();
    expect(asked).toHaveLength(3);
  });

  it('go to no token server that is reached unencrypted, when the registry itself is not', () => {
    const challenge = 'Bearer realm="http://tokens.test/give",service="demo"';
    expect(() => tokenAddress(challenge, 'https://registry.test')).toThrow('unencrypted');
    expect(tokenAddress(challenge, 'http://registry.test')?.href).toBe('http://tokens.test/give?service=demo');
    expect(tokenAddress(challenge.replace('http:', 'https:'), 'https://registry.test')?.host).toBe('tokens.test');
    expect(tokenAddress('Bearer realm="nowhere"', 'https://registry.test')).toBeUndefined();
  });

  it('of which a token server makes nonsense are told by its name', async () => {
    let realm = '';
    const api = await registryWith((_, path) =>
      path === '/token' ? [200, '<html>'] : [401, '', { 'WWW-Authenticate': `Bearer realm="${realm}/token"` }],
    );
    realm = api.url;
    await expect(api.ping()).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: `the registry at ${realm} cannot be reached: its answer is no JSON`,
    });
  });
});
