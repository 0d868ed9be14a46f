import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CreateFlags, clusterSpecFromFlags } from '../../src/cli/cluster-flags.ts';
import { defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { parseConfig } from '../../src/config/file/parse.ts';
import { specFromConfig } from '../../src/config/file/to-spec.ts';
import { checkClusterSpec, factsForCreate, planClusterCreate } from '../../src/engine/cluster/create.ts';
import { isK3duiError } from '../../src/errors.ts';
import { factsWith } from './plan-kit.ts';

const IMAGE = 'docker.io/rancher/k3s:v1.31.5-k3s1';

const facts = factsWith();

/** Half of it nearly right, so that more than the first check is met. */
const value = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc
    .array(
      fc.constantFrom(
        '8080',
        ':',
        '80',
        '@',
        'server',
        'agent',
        ':0',
        '*',
        'all',
        '/udp',
        '=',
        ',',
        ';',
        '-',
        '1g',
        '/x',
        '\\',
        '..',
        '__proto__',
        '[::1]',
        'k3d-',
        '99999',
        '"',
        '\n',
        '🐳',
      ),
      { maxLength: 6 },
    )
    .map(pieces => pieces.join('')),
);
const list = fc.array(value, { maxLength: 3 });
const texts = [
  'image',
  'network',
  'subnet',
  'token',
  'apiPort',
  'timeout',
  'serversMemory',
  'agentsMemory',
  'gpus',
  'registryCreate',
  'registryConfig',
] as const;
const lists = [
  'port',
  'volume',
  'env',
  'hostAlias',
  'lbConfigOverride',
  'k3sArg',
  'k3sNodeLabel',
  'runtimeLabel',
  'runtimeUlimit',
  'registryUse',
] as const;

const flags: fc.Arbitrary<CreateFlags> = fc.record(
  {
    servers: fc.integer({ min: -2, max: 4 }),
    agents: fc.integer({ min: -2, max: 4 }),
    lb: fc.boolean(),
    imageVolume: fc.boolean(),
    hostPidMode: fc.boolean(),
    ...Object.fromEntries(texts.map(name => [name, value])),
    ...Object.fromEntries(lists.map(name => [name, list])),
  },
  { requiredKeys: [] },
);

/** What a person sees is a message of ours, and nothing of the program's insides. */
function onlyOurErrors(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isK3duiError(error)) throw error;
    expect(error.code).not.toBe('UNEXPECTED');
  }
}

describe('whatever is asked for', () => {
  it('flags end in a plan or in an error that says what is wrong', () => {
    fc.assert(
      fc.property(fc.option(value, { nil: undefined }), flags, (name, given) => {
        onlyOurErrors(() => {
          const spec = clusterSpecFromFlags(name, given, { env: {}, defaultImage: IMAGE });
          factsForCreate(spec, {});
          for (const { code } of checkClusterSpec(spec, facts)) expect(code).not.toBe('UNEXPECTED');
          planClusterCreate(spec, facts);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('so does a config file that its schema lets pass', () => {
    const node = fc.record(
      {
        nodeFilters: fc.array(fc.constantFrom('all', 'server:0', 'agent:7', 'loadbalancer', 'server:9-', ''), {
          maxLength: 2,
        }),
      },
      { requiredKeys: [] },
    );
    const filtered = (key: string) =>
      fc.array(
        fc.tuple(node, value).map(([filters, text]) => ({ ...filters, [key]: text })),
        { maxLength: 2 },
      );
    const config = fc.record(
      {
        metadata: fc.record({ name: value }),
        servers: fc.integer({ min: 1, max: 3 }),
        kubeAPI: fc.record({ host: value, hostPort: value }, { requiredKeys: [] }),
        volumes: filtered('volume'),
        ports: filtered('port'),
        env: filtered('envVar'),
        files: fc.array(fc.record({ source: fc.constant('a\nb\n'), destination: value }), { maxLength: 1 }),
        hostAliases: fc.array(fc.record({ ip: value, hostnames: list }, { requiredKeys: [] }), { maxLength: 2 }),
        registries: fc.record(
          { create: fc.record({ name: value, hostPort: value }, { requiredKeys: [] }), use: list },
          { requiredKeys: [] },
        ),
        options: fc.record({
          k3s: fc.record({ extraArgs: filtered('arg'), nodeLabels: filtered('label') }, { requiredKeys: [] }),
          runtime: fc.record({ labels: filtered('label'), serversMemory: value }, { requiredKeys: [] }),
        }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(config, asked => {
        onlyOurErrors(() => {
          const text = JSON.stringify({ apiVersion: 'k3d.io/v1alpha5', kind: 'Simple', ...asked });
          const parsed = parseConfig(text, 'f', {});
          const files = (parsed.config.files ?? []).map(({ source, destination }) => ({
            content: source,
            destination,
            nodeFilters: [],
          }));
          const spec = specFromConfig(parsed.config, files, defaultClusterSpec(IMAGE));
          for (const { code } of checkClusterSpec(spec, facts)) expect(code).not.toBe('UNEXPECTED');
          planClusterCreate(spec, facts);
        });
      }),
      { numRuns: 400 },
    );
  });
});
