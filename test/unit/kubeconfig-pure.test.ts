import fc from 'fast-check';
import { dump, load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import {
  changesBetween,
  clusterKubeconfig,
  mergeKubeconfig,
  removeFromKubeconfig,
  restoreKubeconfig,
} from '../../src/engine/kubeconfig/pure.ts';
import { isK3duiError } from '../../src/errors.ts';

/** As k3s writes /output/kubeconfig.yaml. */
const raw = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: https://127.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
`;

const added = clusterKubeconfig(raw, 'demo', { host: '127.0.0.1', port: 6550 });
const always = { overwrite: true, switchContext: true };

/** A file as people keep it: comments, own order, keys of other programs. */
const kept = `# my clusters
apiVersion: v1
kind: Config
preferences:
  colors: true   # I like it
current-context: "work"
contexts:
  # the office
  - name: work
    context: {cluster: work, user: me}
  - name: home
    context:
      cluster: home
      user: me
clusters:
  - cluster:
      server: https://work.example.com
    name: work
users: []  # in the keychain
x-other-program:
  - 1
`;

describe('kubeconfig of a cluster', () => {
  it('create/21-api-port-127: has the names and the layout k3d gives it', () => {
    expect(clusterKubeconfig(raw, 'api3', { host: '127.0.0.1', port: 6550 })).toBe(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: https://127.0.0.1:6550
  name: k3d-api3
contexts:
- context:
    cluster: k3d-api3
    user: admin@k3d-api3
  name: k3d-api3
current-context: k3d-api3
kind: Config
users:
- name: admin@k3d-api3
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
`);
  });

  it('an IPv6 address stands in brackets', () => {
    expect(clusterKubeconfig(raw, 'x', { host: '::1', port: 1 })).toContain('server: https://[::1]:1\n');
  });

  it.each(['', 'apiVersion: v1\n', 'a: [', 'clusters: []\nusers: []\n'])(
    'half a file (%j) is an error that says so',
    text => {
      expect(() => clusterKubeconfig(text, 'x', { host: 'h', port: 1 })).toThrow(
        expect.objectContaining({ code: 'KUBECONFIG_INVALID' }),
      );
    },
  );
});

describe('merging', () => {
  it('into nothing gives a whole kubeconfig', () => {
    for (const target of [undefined, '', '# nothing yet\n']) {
      const merged = mergeKubeconfig(target, added, { ...always, switchContext: false });
      expect(load(merged)).toEqual(load(added));
      expect(merged.startsWith(target ?? '')).toBe(true);
    }
  });

  it('changes only the lines it must', () => {
    expect(mergeKubeconfig(kept, added, always)).toBe(`# my clusters
apiVersion: v1
kind: Config
preferences:
  colors: true   # I like it
current-context: k3d-demo
contexts:
  # the office
  - name: work
    context: {cluster: work, user: me}
  - name: home
    context:
      cluster: home
      user: me
  - context:
      cluster: k3d-demo
      user: admin@k3d-demo
    name: k3d-demo
clusters:
  - cluster:
      server: https://work.example.com
    name: work
  - cluster:
      certificate-authority-data: Q0E=
      server: https://127.0.0.1:6550
    name: k3d-demo
users:  # in the keychain
- name: admin@k3d-demo
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
x-other-program:
  - 1
`);
  });

  it('the context in use stays when it is asked to', () => {
    const merged = mergeKubeconfig(kept, added, { overwrite: true, switchContext: false });
    expect(merged).toContain('current-context: "work"\n');
  });

  it('a context becomes the one in use when there is none, as in k3d', () => {
    for (const empty of ['current-context: ""\n', 'current-context:\n', 'kind: Config\n']) {
      const merged = mergeKubeconfig(empty, added, { overwrite: true, switchContext: false });
      expect(load(merged)).toMatchObject({ 'current-context': 'k3d-demo' });
    }
  });

  it('an entry of the same name is replaced in its place', () => {
    const once = mergeKubeconfig(kept, added, always);
    const moved = clusterKubeconfig(raw, 'demo', { host: '127.0.0.1', port: 7000 });
    expect(mergeKubeconfig(once, moved, always)).toBe(once.replace(':6550', ':7000'));
    expect(mergeKubeconfig(once, added, always)).toBe(once);
  });

  it('unless it may not', () => {
    expect(() => mergeKubeconfig(added, added, { overwrite: false, switchContext: true })).toThrow(
      expect.objectContaining({
        code: 'KUBECONFIG_EXISTS',
        message: "cluster 'k3d-demo' already exists in target KubeConfig",
      }),
    );
  });

  it('Windows line ends stay', () => {
    const merged = mergeKubeconfig(kept.replaceAll('\n', '\r\n'), added, always);
    expect(merged.replaceAll('\r\n', '')).not.toContain('\n');
    expect(load(merged)).toEqual(load(mergeKubeconfig(kept, added, always)));
  });

  it('a layout that cannot be edited in place loses comments, never data', () => {
    const flow = '{apiVersion: v1, clusters: [{name: a, cluster: {server: s}}], # hm\n users: &u [], contexts: *u}\n';
    expect(load(mergeKubeconfig(flow, added, always))).toMatchObject({
      clusters: [{ name: 'a', cluster: { server: 's' } }, { name: 'k3d-demo' }],
      users: [{ name: 'admin@k3d-demo' }],
    });
  });

  it('a JSON file stays JSON', () => {
    const merged = mergeKubeconfig('{"kind": "Config", "clusters": null}', added, always);
    expect(JSON.parse(merged)).toMatchObject({ kind: 'Config', clusters: [{ name: 'k3d-demo' }] });
  });

  it.each([
    ['a: [b\nc: }', /line 2: /],
    ['a: 1\na: 2\n', /line 2: duplicated mapping key/],
    ['just text', /not a kubeconfig/],
    ['- a\n', /not a kubeconfig/],
    ['clusters: {a: b}', /'clusters' is not a list of named entries/],
    ['a: 1\n---\nb: 2\n', /single document/],
  ])('%j is never overwritten: the error names file and line', (target, message) => {
    expect(() => mergeKubeconfig(target, added, { ...always, path: '/home/me/.kube/config' })).toThrow(
      expect.objectContaining({ code: 'KUBECONFIG_INVALID', message: expect.stringMatching(message) }),
    );
    expect(() => removeFromKubeconfig(target, 'x', '/home/me/.kube/config')).toThrow('/home/me/.kube/config');
  });

  it('errors quote nothing of a file that holds keys', () => {
    try {
      mergeKubeconfig('users:\n- name: x\n  user: {token: s3cret\n}: ]', added, always);
      expect.unreachable();
    } catch (error) {
      expect(`${error} ${(error as Error).cause}`).not.toContain('s3cret');
    }
  });
});

describe('removing', () => {
  it('takes back exactly what merging added', () => {
    const merged = mergeKubeconfig(kept, added, { overwrite: true, switchContext: false });
    expect(removeFromKubeconfig(merged, 'demo')).toBe(kept.replace('users: []  #', 'users: []  #'));
  });

  it('another context becomes current, or none', () => {
    const merged = mergeKubeconfig(kept, added, always);
    expect(load(removeFromKubeconfig(merged, 'demo')!)).toMatchObject({ 'current-context': 'work' });
    expect(load(removeFromKubeconfig(added, 'demo')!)).toMatchObject({
      clusters: [],
      contexts: [],
      users: [],
      'current-context': '',
    });
  });

  it('says when there is nothing to do', () => {
    expect(removeFromKubeconfig(kept, 'demo')).toBeUndefined();
    expect(removeFromKubeconfig('', 'demo')).toBeUndefined();
    expect(removeFromKubeconfig(added, 'dem')).toBeUndefined();
  });
});

describe('undoing', () => {
  const other = clusterKubeconfig(raw, 'other', { host: 'h', port: 1 });

  it('leaves what others did in the meantime', () => {
    const merged = mergeKubeconfig(kept, added, always);
    const noted = changesBetween(kept, merged);
    const meanwhile = mergeKubeconfig(merged, other, { overwrite: true, switchContext: false });
    expect(load(restoreKubeconfig(meanwhile, noted))).toEqual(
      load(mergeKubeconfig(kept, other, { overwrite: true, switchContext: false })),
    );
  });

  it('brings an overwritten entry back, and leaves a context that somebody chose since', () => {
    const old = clusterKubeconfig(raw, 'demo', { host: 'old', port: 1 });
    const merged = mergeKubeconfig(old, added, always);
    const meanwhile = mergeKubeconfig(merged, other, always);
    const restored = restoreKubeconfig(meanwhile, changesBetween(old, merged));
    expect(restored).toContain('https://old:1');
    expect(restored).toContain('current-context: k3d-other');
  });
});

describe('any kubeconfig', () => {
  const name = fc.oneof(fc.constantFrom('a', 'k3d-demo', 'admin@k3d-demo', 'true', '1', '- x', '# y', ''), fc.string());
  const list = (key: string) =>
    fc.uniqueArray(
      name.chain(n =>
        fc
          .dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 3 })
          .map(value => ({ name: n, [key]: value })),
      ),
      { selector: entry => entry.name, maxLength: 4 },
    );
  const document = fc.record(
    {
      clusters: fc.oneof(list('cluster'), fc.constant(null)),
      contexts: list('context'),
      users: list('user'),
      'current-context': name,
      extensions: fc.array(fc.string()),
    },
    { requiredKeys: [] },
  );
  const shown = fc
    .tuple(document, fc.constantFrom(-1, 0, 2, 3), fc.boolean())
    .map(([value, flowLevel, indent]) => dump(value, { flowLevel, seqNoIndent: indent }));

  it('keeps everything that is not ours through merge and remove, and reads as valid YAML', () => {
    fc.assert(
      fc.property(shown, target => {
        const foreign = (text: string) => {
          const value = load(text) as Record<string, { name: string }[] | null>;
          return ['clusters', 'contexts', 'users'].map(key =>
            (value[key] ?? []).filter(entry => !['k3d-demo', 'admin@k3d-demo'].includes(entry.name)),
          );
        };
        const merged = mergeKubeconfig(target, added, always);
        expect(foreign(merged)).toEqual(foreign(target));
        expect(load(merged)).toMatchObject({ 'current-context': 'k3d-demo' });
        const removed = removeFromKubeconfig(merged, 'demo');
        expect(removed).toBeDefined();
        expect(foreign(removed!)).toEqual(foreign(target));
        expect(removed).not.toContain('Q0VSVA==');
      }),
      { numRuns: 300 },
    );
  });

  it('any text is merged or refused by our error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'ab:-[]{}&*#\n \'"|') })), text => {
        try {
          mergeKubeconfig(text, added, always);
        } catch (error) {
          expect(isK3duiError(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
