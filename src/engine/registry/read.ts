import { readFile } from 'node:fs/promises';
import type { RegistriesSpec } from '../../config/cluster-spec.ts';
import { parseRegistryReference } from '../../config/registries.ts';
import type { Call, Docker } from '../../docker/docker.ts';
import type { ContainerSummary } from '../../docker/types.ts';
import { isK3duiError } from '../../errors.ts';
import { containerName, findContainer } from '../container-name.ts';
import { type RegistrySettings, settingsOf } from './model.ts';

/** What must be read of the world before a cluster's registries can be laid out. */
export interface RegistryFacts {
  /** Settings of the registries asked for, by container name. */
  settings: Map<string, RegistrySettings>;
  /** Text of the file that `--registry-config` names, or why there is none. */
  config?: { text: string } | { problem: string };
}

/** Reads what a cluster's registries depend on. @param containers all there are */
export async function readRegistryFacts(
  docker: Docker,
  { use, config }: RegistriesSpec,
  containers: readonly ContainerSummary[],
  call: Call,
): Promise<RegistryFacts> {
  const found = use.flatMap(reference => {
    try {
      return findRegistry(parseRegistryReference(reference).name, containers) ?? [];
    } catch {
      // The layout says what is wrong with it.
      return [];
    }
  });
  const settings = await Promise.all(
    found.map(async (container): Promise<[string, RegistrySettings][]> => {
      try {
        return [[containerName(container), settingsOf(await docker.inspectContainer(container.Id, call))]];
      } catch (error) {
        if (isK3duiError(error, 'NOT_FOUND')) return [];
        throw error;
      }
    }),
  );
  return { settings: new Map(settings.flat()), ...(config && { config: await readConfig(config) }) };
}

/** k3d takes a text of several lines for the file's content (pkg/config/transform.go). */
async function readConfig(config: string): Promise<NonNullable<RegistryFacts['config']>> {
  if (config.includes('\n')) return { text: config };
  try {
    return { text: await readFile(config, 'utf8') };
  } catch (error) {
    const { code = '' } = error as { code?: string };
    const why = code === 'ENOENT' ? 'no such file or directory' : code === 'EISDIR' ? 'is a directory' : code;
    return { problem: `failed to open registry config file at ${config}: ${why}` };
  }
}

/** A registry's container by its name, with or without `k3d-` in front. */
export function findRegistry(name: string, containers: readonly ContainerSummary[]): ContainerSummary | undefined {
  const registries = containers.filter(({ Labels = {} }) => Labels.app === 'k3d' && Labels['k3d.role'] === 'registry');
  return findContainer(registries, name) ?? findContainer(registries, `k3d-${name}`);
}
