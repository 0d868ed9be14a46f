import { dump, load } from 'js-yaml';
import type { RegistriesSpec, RegistryCreateSpec } from '../../config/cluster-spec.ts';
import { DEFAULT_REGISTRY_IMAGE } from '../../config/default-image.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { isEmpty } from '../../record.ts';
import type { Node } from '../model.ts';
import { REGISTRIES_PATH } from '../node/facts.ts';
import type { ClusterReading } from './reading.ts';

type Mirrors = Record<string, { endpoint?: string[] } | null>;

/**
 * The registries that a cluster was asked to make and to use, and what its registries.yaml says beyond them (k3d
 * pkg/client/registry.go). Passwords only with `secrets`. Pure.
 */
export function registriesOf(reading: ClusterReading, secrets: boolean, notes: string[]): RegistriesSpec {
  const { cluster, registries, inspects } = reading;
  const own = registries.find(node => node.cluster === cluster.name);
  const inspect = own && inspects.get(own.name);
  const config = configOf(reading, secrets, notes);
  return {
    ...(own && inspect ? { create: createOf(own, inspect, secrets, notes) } : {}),
    use: registries.filter(node => node !== own).map(reference),
    ...(config ? { config } : {}),
  };
}

function createOf(node: Node, inspect: ContainerInspect, secrets: boolean, notes: string[]): RegistryCreateSpec {
  const { labels } = node;
  const variables = new Map((inspect.Config.Env ?? []).map(text => text.split(/=(.*)/s) as [string, string]));
  const [remoteURL, username, password] = ['REMOTEURL', 'USERNAME', 'PASSWORD'].map(
    name => variables.get(`REGISTRY_PROXY_${name}`) || undefined,
  );
  if (password && !secrets) notes.push(`the password of ${node.name} for ${remoteURL} is left out`);
  const host = labels['k3d.registry.host'];
  const hostPort = labels['k3s.registry.port.external'];
  const volumes = (inspect.HostConfig.Binds ?? []).filter(bind => !bind.endsWith(':/k3d/images'));
  return {
    name: node.name,
    ...(host && host !== '0.0.0.0' ? { host } : {}),
    ...(hostPort ? { hostPort } : {}),
    ...(inspect.Config.Image === DEFAULT_REGISTRY_IMAGE ? {} : { image: inspect.Config.Image }),
    ...(remoteURL
      ? { proxy: { remoteURL, ...(username ? { username } : {}), ...(password && secrets ? { password } : {}) } }
      : {}),
    ...(volumes.length > 0 ? { volumes } : {}),
    ...(variables.has('REGISTRY_HTTP_ADDR') && hostPort === labels['k3s.registry.port.internal']
      ? { enforcePortMatch: true }
      : {}),
  };
}

/** As `--registry-use` takes it. */
function reference({ name, labels }: Node): string {
  const port = labels['k3s.registry.port.external'];
  return port ? `${name}:${port}` : name;
}

/** registries.yaml without the mirrors that stand for the registries themselves; undefined when nothing is left. */
function configOf(reading: ClusterReading, secrets: boolean, notes: string[]): string | undefined {
  const { cluster, inspects, registries, registriesYaml } = reading;
  const mounts = cluster.servers[0] && inspects.get(cluster.servers[0].name)?.HostConfig.Binds;
  if (!registriesYaml?.trim() || mounts?.some(bind => bind.split(':')[1] === REGISTRIES_PATH)) return undefined;
  let document: unknown;
  try {
    document = load(registriesYaml);
  } catch {
    notes.push(`${REGISTRIES_PATH} is no YAML, so it is left out`);
    return undefined;
  }
  if (document === null || typeof document !== 'object') return undefined;
  const { mirrors, configs, auths, ...rest } = document as { mirrors?: Mirrors; configs?: unknown; auths?: unknown };
  const names = new Set(registries.map(node => node.name));
  const stands = (endpoint: string) => URL.canParse(endpoint) && names.has(new URL(endpoint).hostname);
  const asked = Object.entries(mirrors ?? {}).filter(([, mirror]) => {
    const endpoints = mirror?.endpoint ?? [];
    return endpoints.length === 0 || !endpoints.every(stands);
  });
  const config = {
    mirrors: Object.fromEntries(asked),
    configs: secrets || !isFilled(configs) ? configs : withoutAuth(configs, notes),
    ...(secrets ? { auths } : {}),
    ...rest,
  };
  const left = withoutEmpty(config) as object;
  return Object.keys(left).length > 0 ? dump(left, { lineWidth: -1 }) : undefined;
}

/** A registries.yaml without its logins, which `notes` then names; what is no YAML stays out whole. Pure. */
export function withoutLogins(registriesYaml: string, notes: string[]): string | undefined {
  let document: unknown;
  try {
    document = load(registriesYaml);
  } catch {
    document = undefined;
  }
  if (document === null || typeof document !== 'object') {
    notes.push('the text of registries.yaml, which is no YAML');
    return undefined;
  }
  const { configs, auths, ...rest } = document as { configs?: unknown; auths?: unknown };
  if (isFilled(auths)) notes.push('the logins of registries.yaml');
  const found: string[] = [];
  const left = { ...rest, ...(isFilled(configs) ? { configs: withoutAuth(configs, found) } : {}) };
  notes.push(...found.map(note => note.replace(/ is left out$/, '')));
  return dump(withoutEmpty(left), { lineWidth: -1 });
}

/** A registries.yaml by what it says, for comparison; what is no YAML says itself. */
export function meaningOf(registriesYaml: string): string {
  try {
    return JSON.stringify(sortedKeys(withoutEmpty(load(registriesYaml))));
  } catch {
    return registriesYaml;
  }
}

function sortedKeys(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sortedKeys(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** k3d writes out every field that Go's types have, most of them empty. */
function withoutEmpty(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const left = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const);
  return Object.fromEntries(
    left.filter(([, inner]) => inner !== '' && inner !== null && inner !== undefined && !isEmpty(inner)),
  );
}

function withoutAuth(configs: object, notes: string[]): object {
  const left = Object.entries(configs).map(([registry, config]) => {
    if (config === null || typeof config !== 'object' || !('auth' in config)) return [registry, config];
    notes.push(`the login for ${registry} is left out`);
    const { auth: _, ...others } = config;
    return [registry, others];
  });
  return Object.fromEntries(left);
}

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isEmpty(value);
}
