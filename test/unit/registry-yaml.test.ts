import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import {
  formatRegistryCreate,
  mirroredHost,
  parseRegistryCreate,
  parseRegistryReference,
} from '../../src/config/registries.ts';
import {
  formatRegistries,
  mergeRegistries,
  mirrorsOf,
  parseRegistries,
  secretsOf,
  withoutRegistry,
  withRegistry,
} from '../../src/engine/registry/registries-yaml.ts';

const dev = { name: 'k3d-dev', port: 5000, hostPort: 5001 };
const hub = { name: 'k3d-hub', port: 5002, hostPort: 5002, mirrorOf: 'docker.io' };

describe('registries.yaml', () => {
  it('is written and read again without loss, what nobody here knows included', () => {
    const text = [
      'mirrors:',
      '  docker.io:',
      '    endpoint: ["https://a", "https://b"]',
      '    rewrite: {"^x/(.*)": "y/$1"}',
      '    override_path: true',
      'configs:',
      '  "https://a": {auth: {username: u, password: p}, tls: {insecure_skip_verify: true}}',
      'later: {on: 1}',
    ].join('\n');
    const again = load(formatRegistries(parseRegistries(text, 'it')));
    expect(again).toMatchObject(load(text) as object);
    const once = formatRegistries(parseRegistries(text, 'it'));
    expect(formatRegistries(parseRegistries(once, 'it'))).toBe(once);
    expect(secretsOf(parseRegistries(text, 'it'))).toEqual(['p']);
  });

  it('names a registry by every name that its images may have; a mirror stands before what it mirrors', () => {
    const before = parseRegistries('mirrors: {docker.io: {endpoint: [https://proxy.corp]}}', 'it');
    const { mirrors } = withRegistry(withRegistry(before, dev), hub);
    expect(Object.fromEntries(Object.entries(mirrors).map(([name, { endpoint }]) => [name, endpoint]))).toEqual({
      'k3d-dev:5000': ['http://k3d-dev:5000'],
      'k3d-dev:5001': ['http://k3d-dev:5000'],
      'k3d-hub:5000': ['http://k3d-hub:5002'],
      'k3d-hub:5002': ['http://k3d-hub:5002'],
      'docker.io': ['http://k3d-hub:5002', 'https://proxy.corp'],
    });
  });

  it('told twice is told once, and taken back it is as before', () => {
    const before = parseRegistries('mirrors: {docker.io: {endpoint: [https://proxy.corp]}}', 'it');
    const told = withRegistry(withRegistry(before, hub), dev);
    expect(formatRegistries(withRegistry(told, hub))).toBe(formatRegistries(told));
    expect(formatRegistries(withoutRegistry(withoutRegistry(told, dev), hub))).toBe(formatRegistries(before));
    expect(Object.keys(withoutRegistry(withRegistry(parseRegistries('', 'it'), hub), hub).mirrors)).toEqual([]);
  });

  it('of a person beats what is made up, name by name', () => {
    const theirs = parseRegistries('mirrors: {"k3d-dev:5000": {endpoint: [http://mine]}}', 'it');
    const { mirrors } = mergeRegistries(mirrorsOf([dev]), theirs);
    expect(mirrors['k3d-dev:5000']?.endpoint).toEqual(['http://mine']);
    expect(mirrors['k3d-dev:5001']?.endpoint).toEqual(['http://k3d-dev:5000']);
  });

  it.each(['- a\n- b', 'mirrors: [a]', 'mirrors: {a: b}', 'mirrors: {a: {endpoint: b}}', 'a: b: c'])(
    'that is none is told: %j',
    text => {
      expect(() => parseRegistries(text, 'my.yaml')).toThrow(/my\.yaml is no registries\.yaml/);
    },
  );

  it('may be empty, or have empty parts', () => {
    for (const text of ['', '{}', 'mirrors:\nconfigs:\n', 'mirrors: {a: }'])
      expect(() => parseRegistries(text, 'it')).not.toThrow();
  });
});

describe('words for registries', () => {
  it.each<[string, ReturnType<typeof parseRegistryCreate>]>([
    ['reg', { name: 'reg' }],
    ['reg:5001', { name: 'reg', hostPort: '5001' }],
    ['reg:0.0.0.0:5001', { name: 'reg', host: '0.0.0.0', hostPort: '5001' }],
    ['reg:127.0.0.1:random', { name: 'reg', host: '127.0.0.1', hostPort: 'random' }],
    ['reg:127.0.0.1', { name: 'reg', host: '127.0.0.1' }],
    ['', { name: '' }],
  ])('--registry-create %j', (text, spec) => {
    expect(parseRegistryCreate(text)).toEqual(spec);
    expect(parseRegistryCreate(formatRegistryCreate(spec))).toMatchObject(
      spec.host && !spec.hostPort ? { ...spec, hostPort: 'random' } : spec,
    );
  });

  it.each([
    ['reg', 'reg', undefined],
    ['reg:5000', 'reg', 5000],
    ['http://reg.localhost:5000', 'reg.localhost', 5000],
    ['reg:5000:5001', 'reg', 5001],
  ])('--registry-use %j', (text, name, port) => {
    expect(parseRegistryReference(text)).toEqual({ name, port });
  });

  it.each(['', 'a b', 'reg/app', 'reg:99999', 'reg@sha256:0', 'reg:1:2:3', 'ftp://reg'])(
    '--registry-use %j is refused',
    text => {
      expect(() => parseRegistryReference(text)).toThrow(/failed to parse registry reference/);
    },
  );

  it.each([
    ['https://registry-1.docker.io', 'docker.io'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['https://ghcr.io', 'ghcr.io'],
    ['http://localhost:5000', 'localhost:5000'],
  ])('a mirror of %s stands in for %s', (url, host) => {
    expect(mirroredHost(url)).toBe(host);
  });

  it('an address with a password in it is refused without repeating it', () => {
    expect(() => mirroredHost('https://u:hush@z')).toThrow(/must not hold/);
    expect(() => mirroredHost('https://u:hush@z')).not.toThrow(/hush/);
  });
});
