import { dump, load } from 'js-yaml';
import { REGISTRY_PORT } from '../../config/registries.ts';
import { K3duiError } from '../../errors.ts';
import { isRecord } from '../../record.ts';
import { sortedByName } from '../node-of-container.ts';

export const REGISTRIES_MODE = 0o644;

/** A registry as nodes reach it: `http://NAME:PORT` in the cluster's network. */
export interface NodeAddress {
  name: string;
  /** Port that it listens on. */
  port: number;
  /** Port that it is published on. */
  hostPort: number;
  /** The registry that it stands in for: `docker.io`. */
  mirrorOf?: string;
}

/** k3s' registries.yaml; what is not known here is kept as it is. docs.k3s.io/installation/private-registry. */
export interface RegistriesFile {
  mirrors: Record<string, Mirror>;
  configs: Record<string, RegistryConfig>;
  auths: Record<string, unknown>;
  [other: string]: unknown;
}

interface Mirror {
  endpoint?: string[] | null;
  rewrite?: Record<string, string> | null;
  [other: string]: unknown;
}

interface RegistryConfig {
  auth?: Record<string, unknown> | null;
  tls?: unknown;
  [other: string]: unknown;
}

/** The names of a registry itself, and k3d's port 5000 besides: manifests often say it. */
export function namesOf({ name, port, hostPort }: NodeAddress): string[] {
  return [...new Set([`${name}:${hostPort}`, `${name}:${port}`, `${name}:${REGISTRY_PORT}`])];
}

/** What containerd must know to pull from these registries under all their names. */
export function mirrorsOf(registries: readonly NodeAddress[]): RegistriesFile {
  return registries.reduce(withRegistry, { mirrors: {}, configs: {}, auths: {} });
}

/** With a registry under its names. What it mirrors is asked of it first, and then where it was asked before. */
export function withRegistry(file: RegistriesFile, registry: NodeAddress): RegistriesFile {
  const endpoint = endpointOf(registry);
  const mirrors = { ...file.mirrors };
  for (const name of namesOf(registry)) mirrors[name] = { ...mirrors[name], endpoint: [endpoint], rewrite: {} };
  const { mirrorOf } = registry;
  if (mirrorOf) {
    const before = (mirrors[mirrorOf]?.endpoint ?? []).filter(other => other !== endpoint);
    mirrors[mirrorOf] = { rewrite: {}, ...mirrors[mirrorOf], endpoint: [endpoint, ...before] };
  }
  return { ...file, mirrors };
}

const endpointOf = ({ name, port }: NodeAddress): string => `http://${name}:${port}`;

/** Both; where both name the same registry, `over` counts. k3d pkg/client/registry.go RegistryMergeConfig. */
export function mergeRegistries(under: RegistriesFile, over: RegistriesFile): RegistriesFile {
  return {
    ...under,
    ...over,
    mirrors: { ...under.mirrors, ...over.mirrors },
    configs: { ...under.configs, ...over.configs },
    auths: { ...under.auths, ...over.auths },
  };
}

/** Without what leads to a registry. */
export function withoutRegistry(file: RegistriesFile, registry: NodeAddress): RegistriesFile {
  const gone = endpointOf(registry);
  const mirrors = Object.entries(file.mirrors).flatMap(([name, mirror]): [string, Mirror][] => {
    const endpoints = mirror.endpoint ?? [];
    const left = endpoints.filter(endpoint => endpoint !== gone);
    if (left.length === endpoints.length) return [[name, mirror]];
    return left.length > 0 ? [[name, { ...mirror, endpoint: left }]] : [];
  });
  return { ...file, mirrors: Object.fromEntries(mirrors) };
}

/** Reads registries.yaml. Throws REGISTRIES_INVALID. @param what its name, for the error */
export function parseRegistries(text: string, what: string): RegistriesFile {
  let document: unknown;
  try {
    // A node that knows no registries yet; the reader takes no empty text.
    document = text.split('\n').every(line => /^\s*(#.*)?$/.test(line)) ? {} : load(text);
  } catch (cause) {
    throw invalid(what, `it is not YAML: ${firstLine((cause as Error).message)}`, cause);
  }
  if (document === null || document === undefined) document = {};
  if (!isRecord(document)) throw invalid(what, 'it holds no mapping');
  const part = (name: string): Record<string, unknown> => {
    const value = document[name] ?? {};
    if (!isRecord(value)) throw invalid(what, `'${name}' holds no mapping`);
    return value;
  };
  const file: RegistriesFile = {
    ...document,
    mirrors: part('mirrors') as Record<string, Mirror>,
    configs: part('configs') as Record<string, RegistryConfig>,
    auths: part('auths'),
  };
  for (const [name, mirror] of Object.entries(file.mirrors)) {
    if (mirror === null) file.mirrors[name] = {};
    else if (!isRecord(mirror)) throw invalid(what, `the mirror of '${name}' holds no mapping`);
    else if (mirror.endpoint && !Array.isArray(mirror.endpoint))
      throw invalid(what, `'${name}' has no list of endpoints`);
  }
  return file;
}

/** As k3d writes it: its own fields in Go's order whether set or not, names sorted, lists not indented. */
export function formatRegistries({ mirrors, configs, auths, ...others }: RegistriesFile): string {
  const document = {
    mirrors: sorted(mirrors, ({ endpoint, rewrite, ...rest }) => ({
      endpoint: endpoint ?? [],
      rewrite: rewrite ?? {},
      ...rest,
    })),
    configs: sorted(configs, config => {
      const { auth, tls, ...rest } = config ?? {};
      return {
        auth: auth ? { username: '', password: '', auth: '', identity_token: '', ...auth } : null,
        tls: tls ?? null,
        ...rest,
      };
    }),
    auths: sorted(auths, auth => auth),
    ...others,
  };
  return dump(document, { seqNoIndent: true, lineWidth: -1, quoteStyle: 'double', noRefs: true });
}

/** The passwords in it: they must not be shown. */
export function secretsOf({ configs, auths }: RegistriesFile): string[] {
  const all = [...Object.values(configs).map(config => config?.auth), ...Object.values(auths)];
  return all
    .flatMap(auth => (isRecord(auth) ? [auth.password, auth.auth, auth.identity_token] : []))
    .filter((secret): secret is string => typeof secret === 'string' && secret !== '');
}

function sorted<From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> {
  const names = sortedByName(Object.keys(record), name => name);
  return Object.fromEntries(names.map(name => [name, change(record[name]!)]));
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

function invalid(what: string, why: string, cause?: unknown): K3duiError {
  return new K3duiError({
    code: 'REGISTRIES_INVALID',
    message: `${what} is no registries.yaml: ${why}`,
    hint: 'it looks like this:  mirrors: {docker.io: {endpoint: ["http://mirror:5000"]}}',
    cause,
  });
}
