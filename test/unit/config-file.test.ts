import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterSpecFromFlags } from '../../src/cli/cluster-flags.ts';
import { type ClusterSpec, defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { expandEnv, missingVariables } from '../../src/config/file/expand-env.ts';
import { jsonSchema } from '../../src/config/file/json-schema.ts';
import { parseConfig } from '../../src/config/file/parse.ts';
import { specFromConfig } from '../../src/config/file/to-spec.ts';
import { apiVersions, schemaOf } from '../../src/config/file/versions.ts';
import { writeClusterConfig, writeConfig } from '../../src/config/file/write.ts';
import { overrideFromEnvironment } from '../../src/engine/cluster/config-file.ts';
import { isK3duiError, type K3duiError } from '../../src/errors.ts';
import { NOT_WRITTEN } from '../differences-from-k3d.ts';

const IMAGE = 'docker.io/rancher/k3s:v1.31.5-k3s1';
const HEAD = 'apiVersion: k3d.io/v1alpha5\nkind: Simple\n';

function refusal(text: string): K3duiError {
  try {
    parseConfig(text, 'demo.yaml', {});
  } catch (error) {
    if (isK3duiError(error)) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('variables in a config file, as Go replaces them', () => {
  const env = { HOME: '/home/me', N: '3', _x: 'under', EMPTY: '' };
  it.each([
    ['servers: $N', 'servers: 3'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the syntax
    ['${HOME}:/data and ${N}', '/home/me:/data and 3'],
    ['$HOME/x $_x.y $N3', '/home/me/x under.y '],
    ['[$EMPTY][$MISSING]', '[][]'],
    ['a$ b$/c $', 'a$ b$/c $'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the syntax
    ['[${}][$$][$1a][${*}]', '[][][a][]'],
    ['not closed ${N y', 'not closed N y'],
  ])('%s', (text, expected) => {
    expect(expandEnv(text, env)).toBe(expected);
  });
});

it('variables that are not set are told of, with their lines', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the syntax
  const text = 'a: $HOME\n# $COMMENT\nb: ${NOPE} $ALSO\nc: $NOPE $1 # $THERE\nd: "\\x24MEANT"\n';
  expect(missingVariables(text, { HOME: '' })).toEqual([
    { name: 'NOPE', line: 3 },
    { name: 'ALSO', line: 3 },
  ]);
});

describe('a config file that is wrong is refused with place, reason and what is allowed', () => {
  it.each([
    [
      'fail/37-config-bad-type',
      `${HEAD}metadata:\n  name: bad\nservers: "abc"\n`,
      'Schema Validation failed for config file demo.yaml: line 5:10: servers: Invalid type. Expected: number, given: string',
      /whole number of at least 1/,
    ],
    [
      'fail/39-config-unknown-field',
      `${HEAD}metadata:\n  name: bad\nunknownField: 1\n`,
      'Schema Validation failed for config file demo.yaml: line 5:1: (root): Additional property unknownField is not allowed',
      /allowed here: apiVersion, kind, metadata/,
    ],
    [
      'fail/41-config-bad-nodefilters',
      `${HEAD}ports:\n  - port: 80:80\n    nodeFilters: "loadbalancer"\n`,
      'Schema Validation failed for config file demo.yaml: line 5:18: ports.0.nodeFilters: Invalid type. Expected: array, given: string',
      /\[loadbalancer\]/,
    ],
    [
      'fail/40-config-not-yaml',
      'foo: [bar\n',
      'Failed to read config file demo.yaml: While parsing config: yaml: line 2:1:',
      /apiVersion/,
    ],
    ['a misspelt key', `${HEAD}agent: 2\n`, 'line 3:1: (root): Additional property agent', /did you mean 'agents'\?/],
    [
      'a number that is a text',
      `${HEAD}kubeAPI:\n  hostPort: 6550\n`,
      'line 4:13: kubeAPI.hostPort: Invalid type. Expected: string, given: integer',
      /"6550"/,
    ],
    ['too few servers', `${HEAD}servers: 0\n`, 'line 3:10: servers: Must be greater than or equal to 1', undefined],
    ['half a server', `${HEAD}servers: 1.5\n`, 'line 3:10: servers: must be a whole number', undefined],
    [
      'nothing behind a key',
      `${HEAD}ports:\n`,
      'line 3:1: ports: Invalid type. Expected: array, given: null',
      /port, nodeFilters/,
    ],
    [
      'a bad port',
      `${HEAD}ports:\n- port: 80:80:80:80\n`,
      'line 4:9: ports.0.port: error parsing port spec',
      /8080:80/,
    ],
    [
      'a bad filter',
      `${HEAD}env:\n- {envVar: A=b, nodeFilters: [servr:0]}\n`,
      'line 4:31: env.0.nodeFilters.0: Failed to parse node filters',
      /server:0/,
    ],
    [
      'a bad limit',
      `${HEAD}options: {runtime: {ulimits: [{name: nofiles, soft: 1, hard: 2}]}}\n`,
      'line 3:38: options.runtime.ulimits.0.name',
      /nofile/,
    ],
    [
      'a bad destination',
      `${HEAD}files:\n- source: a\n  destination: b/c\n`,
      'line 5:16: files.0.destination',
      /k3s-manifests/,
    ],
    ['a missing destination', `${HEAD}files:\n- source: a\n`, 'line 4:3: files.0: destination is required', undefined],
    ['no kind', 'apiVersion: k3d.io/v1alpha5\n', 'line 1:1: (root): kind is required', /kind: Simple/],
    [
      'another kind',
      'apiVersion: k3d.io/v1alpha5\nkind: Cluster\n',
      'line 2:7: kind: must be one of the following: "Simple"',
      undefined,
    ],
    [
      'another version',
      'apiVersion: k3d.io/v1\nkind: Simple\n',
      "Cannot validate config file demo.yaml: unsupported apiVersion 'k3d.io/v1' (line 1:13)",
      /v1alpha5/,
    ],
    [
      'a key twice',
      `${HEAD}servers: 1\nagents: 1\nservers: 2\n`,
      "line 5:1: key 'servers' stands there twice, first in line 3",
      undefined,
    ],
    ['only a list', '- a\n', 'line 1:1: it holds no keys', /apiVersion/],
    ['nothing', '# nothing\n', 'it is empty', /config init/],
    [
      'an anchor that is not there',
      `${HEAD}metadata: *m\n`,
      "line 3:12: there is no anchor 'm' before this",
      undefined,
    ],
  ])('%s', (_, text, message, hint) => {
    const error = refusal(text);
    expect(error.message).toContain(message);
    if (hint) expect(error.hint).toMatch(hint);
  });

  it('names everything that is wrong, in the order of the file', () => {
    const error = refusal(`${HEAD}agents: x\nservers: y\nnope: 1\n`);
    expect(error.message).toContain('line 3:9: agents');
    expect(error.hint).toMatch(/line 4:10: servers.*\n.*line 5:1/);
  });

  it('but what k3d lets pass there has no effect, which is said', () => {
    const { warnings } = parseConfig(`${HEAD}options:\n  runtime:\n    hostPIDMode: true\n`, 'demo.yaml', {});
    expect(warnings).toMatchObject([{ line: 5, column: 5, severity: 'warning' }]);
    expect(warnings[0]!.hint).toContain("did you mean 'hostPidMode'");
  });

  it('aliases of aliases do not fill the memory', () => {
    const lines = ['a0: &a0 [1,1,1,1,1,1,1,1,1,1]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(',')}]`,
      );
    expect(refusal(`${HEAD}${lines.join('\n')}\n`).message).toContain('too much for a config file');
  });

  it('merges and anchors work as in any YAML', () => {
    const text = `${HEAD}env:\n- &base {envVar: A=b, nodeFilters: [all]}\n- {<<: *base, envVar: C=d}\n- *base\n`;
    expect(parseConfig(text, 'demo.yaml', {}).config.env).toEqual([
      { envVar: 'A=b', nodeFilters: ['all'] },
      { envVar: 'C=d', nodeFilters: ['all'] },
      { envVar: 'A=b', nodeFilters: ['all'] },
    ]);
  });
});

describe('older config files', () => {
  const V2 = `apiVersion: k3d.io/v1alpha2
kind: Simple
name: old
servers: 3
volumes:
  - volume: /a:/b
    nodeFilters: ["server[*]", "agent[0]"]
labels:
  - label: foo=bar
    nodeFilters: ["server[0]", loadbalancer]
registries:
  create: true
  use: []
options:
  k3d:
    disableHostIPInjection: true
    timeout: "360s"
  k3s:
    extraServerArgs: [--tls-san=127.0.0.1]
    extraAgentArgs: []
`;

  it('of v1alpha2 are read: filters, labels, arguments and the registry have moved', () => {
    expect(parseConfig(V2, 'old.yaml', {}).config).toEqual({
      apiVersion: 'k3d.io/v1alpha5',
      kind: 'Simple',
      metadata: { name: 'old' },
      servers: 3,
      volumes: [{ volume: '/a:/b', nodeFilters: ['server:*', 'agent:0'] }],
      registries: { create: { name: 'k3d-old-registry', host: '0.0.0.0', hostPort: 'random' } },
      options: {
        k3d: { timeout: '360s' },
        k3s: { extraArgs: [{ arg: '--tls-san=127.0.0.1', nodeFilters: ['server:*'] }] },
        runtime: { labels: [{ label: 'foo=bar', nodeFilters: ['server:0', 'loadbalancer'] }] },
      },
    });
  });

  it('of v1alpha3 have their name elsewhere, of v1alpha4 lack keys only', () => {
    const v3 =
      'apiVersion: k3d.io/v1alpha3\nkind: Simple\nname: three\nregistries: {create: {name: r, hostPort: "5000"}}\n';
    expect(parseConfig(v3, 'f', {}).config).toMatchObject({
      metadata: { name: 'three' },
      registries: { create: { name: 'r' } },
    });
    const v4 = 'apiVersion: k3d.io/v1alpha4\nkind: Simple\nmetadata: {name: four}\ntoken: t\n';
    expect(parseConfig(v4, 'f', {}).config).toEqual({
      apiVersion: 'k3d.io/v1alpha5',
      kind: 'Simple',
      metadata: { name: 'four' },
      token: 't',
    });
  });

  it('cannot use what came later', () => {
    expect(refusal('apiVersion: k3d.io/v1alpha4\nkind: Simple\nfiles: []\n').message).toContain(
      'Additional property files',
    );
    expect(refusal('apiVersion: k3d.io/v1alpha3\nkind: Simple\nmetadata: {}\n').message).toContain(
      'Additional property metadata',
    );
    expect(refusal('apiVersion: k3d.io/v1alpha2\nkind: Simple\nregistries: {create: {}}\n').message).toContain(
      'Expected: boolean',
    );
  });

  it('keep their variables when they are migrated to be written', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the syntax
    const text = 'apiVersion: k3d.io/v1alpha4\nkind: Simple\nservers: ${N}\nvolumes: [{volume: "$HOME:/x"}]\n';
    const { config } = parseConfig(text, 'f');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the syntax
    expect(writeConfig(config, { keepDollars: true })).toContain('servers: ${N}\nvolumes:\n  - volume: $HOME:/x\n');
  });
});

it.each(NOT_WRITTEN)('a file that is migrated does not begin to say $key', ({ key }) => {
  const { config } = parseConfig('apiVersion: k3d.io/v1alpha4\nkind: Simple\nservers: 1\n', 'f');
  const text = writeConfig(config, { keepDollars: true });
  expect(text).toBe('apiVersion: k3d.io/v1alpha5\nkind: Simple\nservers: 1\n');
  expect(text).not.toContain(key);
});

describe('the JSON schema', () => {
  it.each(apiVersions())('of %s knows the same keys as the reader', version => {
    const schema = jsonSchema(schemaOf(version)!) as { properties: Record<string, unknown>; required: string[] };
    expect(schema.required).toEqual(['apiVersion', 'kind']);
    expect(Object.keys(schema.properties)).toEqual(Object.keys(schemaOf(version)!.properties));
    expect(JSON.stringify(schema)).not.toContain('node filter');
  });
});

describe('what beats what', () => {
  const file = `${HEAD}metadata: {name: file}
servers: 3
image: file-image
token: file
kubeAPI: {host: localhost, hostPort: "6550"}
ports: [{port: 80:80, nodeFilters: [loadbalancer]}]
options:
  k3d: {wait: false, loadbalancer: {configOverrides: [settings.workerConnections=2048]}}
  kubeconfig: {switchCurrentContext: false}
`;
  const specOf = (flags: Parameters<typeof clusterSpecFromFlags>[1], env: NodeJS.ProcessEnv = {}, name?: string) => {
    const config = overrideFromEnvironment(parseConfig(file, 'f', env).config, env);
    return clusterSpecFromFlags(name, flags, {
      env,
      defaultImage: IMAGE,
      config: specFromConfig(config, [], defaultClusterSpec(IMAGE)),
    });
  };

  it('the file beats the default', () => {
    expect(specOf({})).toMatchObject({
      name: 'file',
      servers: 3,
      agents: 0,
      image: 'file-image',
      wait: false,
      loadBalancer: true,
      switchContext: false,
      updateDefaultKubeconfig: true,
    });
  });

  it('the environment beats the file, also where no flag is', () => {
    const env = {
      K3D_SERVERS: '5',
      K3D_METADATA_NAME: 'env',
      K3D_KUBEAPI_HOSTPORT: '7000',
      K3D_OPTIONS_K3D_WAIT: 'true',
    };
    expect(specOf({}, env)).toMatchObject({
      name: 'env',
      servers: 5,
      wait: true,
      kubeAPI: { host: 'localhost', hostPort: '7000' },
    });
  });

  it('a flag beats the environment, a name all', () => {
    const env = { K3D_SERVERS: '5', K3D_METADATA_NAME: 'env', K3D_TOKEN: 'env' };
    expect(specOf({ servers: 1, token: 'flag' }, env, 'arg')).toMatchObject({ name: 'arg', servers: 1, token: 'flag' });
  });

  it('lists of flags come after those of the file, but settings of the load balancer and the API port replace them', () => {
    const spec = specOf({ port: ['81:81'], lbConfigOverride: ['settings.defaultProxyTimeout=9'], apiPort: '6600' });
    expect(spec.ports.map(({ port }) => port)).toEqual(['80:80', '81:81']);
    expect(spec.lbConfigOverrides).toEqual(['settings.defaultProxyTimeout=9']);
    expect(spec.kubeAPI).toEqual({ hostPort: '6600' });
  });
});

/** Requests as flags, files and the form make them. */
const word = fc.stringMatching(/^[a-zA-Z0-9 $"'\\:#{}%&*!|>@`,.=_-]{1,12}$/).filter(text => text.trim() !== '');
const filters = fc.array(fc.constantFrom('server:0', 'agent:*', 'loadbalancer', 'all', 'agent:0,1:direct'), {
  maxLength: 2,
});
const filtered = <K extends string, V>(key: K, value: fc.Arbitrary<V>) =>
  fc.array(
    fc
      .record({ nodeFilters: filters, value })
      .map(
        ({ nodeFilters, value: each }) =>
          ({ [key]: each, nodeFilters }) as { [key in K]: V } & { nodeFilters: string[] },
      ),
    { maxLength: 2 },
  );
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const specs: fc.Arbitrary<ClusterSpec> = fc
  .record({
    name: fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/),
    servers: fc.integer({ min: 1, max: 5 }),
    agents: fc.integer({ min: 0, max: 5 }),
    image: fc.constantFrom(IMAGE, 'latest', '+v1.31'),
    network: some(word),
    subnet: some(fc.constantFrom('auto', '172.28.0.0/16')),
    token: some(word),
    kubeAPI: fc.constantFrom({}, { hostPort: '6550' }, { host: 'localhost', hostIP: '127.0.0.1', hostPort: 'random' }),
    ports: filtered('port', fc.constantFrom('8080:80', '127.0.0.1:1:1/udp')),
    volumes: filtered('volume', fc.constantFrom('/a:/b', 'k3d-x:k3s-storage', '/$HOME:/x')),
    env: filtered(
      'envVar',
      word.map(text => `A=${text}`),
    ),
    hostAliases: fc.array(fc.constant({ ip: '1.2.3.4', hostnames: ['a.b', 'c'] }), { maxLength: 1 }),
    files: fc.array(
      fc.record({
        content: word.map(text => `${text}\n  b: $X\n`),
        destination: fc.constant('/etc/x'),
        nodeFilters: filters,
      }),
      { maxLength: 1 },
    ),
    registries: fc.constantFrom(
      { use: [] },
      { use: ['a:5000'], config: 'mirrors:\n  x: {}\n' },
      { use: [], create: { name: 'r', hostPort: '5000', proxy: { remoteURL: 'https://x', password: '$p' } } },
    ),
    wait: fc.boolean(),
    timeoutSeconds: some(fc.integer({ min: 1, max: 5000 })),
    loadBalancer: fc.boolean(),
    imageVolume: fc.boolean(),
    rollback: fc.boolean(),
    lbConfigOverrides: fc.array(fc.constant('settings.workerConnections=2048'), { maxLength: 1 }),
    k3sArgs: filtered('arg', word),
    k3sNodeLabels: filtered(
      'label',
      word.map(text => `k=${text}`),
    ),
    updateDefaultKubeconfig: fc.boolean(),
    switchContext: fc.boolean(),
    runtimeLabels: filtered(
      'label',
      word.map(text => `k=${text}`),
    ),
    runtimeUlimits: fc.array(fc.constant({ name: 'nofile', soft: 1024, hard: -1 }), { maxLength: 1 }),
    hostPidMode: fc.boolean(),
    gpus: some(fc.constantFrom('all', '2')),
    serversMemory: some(fc.constantFrom('1g', '512m')),
    agentsMemory: some(fc.constantFrom('1.5g')),
  })
  .map(
    spec =>
      Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as unknown as ClusterSpec,
  );

describe('any request', () => {
  it('reads back from its config file as it was, whatever characters are in it', () => {
    fc.assert(
      fc.property(specs, spec => {
        const text = writeClusterConfig(spec);
        const { config, warnings } = parseConfig(text, 'f', { HOME: '/wrong', X: 'wrong', p: 'wrong' });
        expect(warnings).toEqual([]);
        const files = (config.files ?? []).map(({ source, destination, nodeFilters = [] }) => ({
          content: source,
          destination,
          nodeFilters,
        }));
        expect(specFromConfig(config, files, defaultClusterSpec(IMAGE))).toEqual(spec);
      }),
      { numRuns: 150 },
    );
  });
});

describe('whatever a config file holds', () => {
  const isOurs = (text: string) => {
    try {
      parseConfig(text, 'f', { X: 'x' });
    } catch (error) {
      if (!isK3duiError(error)) throw error;
      expect(error.code).toMatch(/^CONFIG_(NOT_YAML|VERSION|INVALID)$/);
      if (error.code !== 'CONFIG_NOT_YAML' || !error.message.endsWith('it is empty'))
        expect(error.message).toMatch(/line \d+:\d+/);
    }
  };

  it('any text ends in a config or an error with a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), text => isOurs(text)),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), text => isOurs(`${HEAD}${text}`)),
      { numRuns: 300 },
    );
  });

  it('a good file with a few characters changed, too', () => {
    const good = writeClusterConfig(fc.sample(specs, { numRuns: 1, seed: 7 })[0]!);
    const edit = fc.record({
      at: fc.nat(good.length),
      drop: fc.nat(4),
      add: fc.constantFrom(
        '',
        ' ',
        '\t',
        '\n',
        ':',
        '- ',
        '[',
        '{',
        '&a ',
        '*a',
        '"',
        "'",
        '|',
        '!!x ',
        '$',
        '\0',
        '<<: ',
        '__proto__: 1\n',
      ),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), edits => {
        isOurs(edits.reduce((text, { at, drop, add }) => text.slice(0, at) + add + text.slice(at + drop), good));
      }),
      { numRuns: 500 },
    );
  });

  it('any values under the right keys, too', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(schemaOf('k3d.io/v1alpha5')!.properties)),
        fc.jsonValue({ maxDepth: 4 }),
        (key, value) => {
          isOurs(`${HEAD}${JSON.stringify(key)}: ${JSON.stringify(value)}\n`);
        },
      ),
      { numRuns: 300 },
    );
  });
});
