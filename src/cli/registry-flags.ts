import type { RegistriesSpec, RegistryCreateSpec } from '../config/cluster-spec.ts';
import { parseRegistryCreate, parseRegistryReference } from '../config/registries.ts';
import { K3duiError } from '../errors.ts';
import type { CreateFlags } from './cluster-flags.ts';

/** The variable that holds a mirrored registry's password, as the registry itself calls it. */
export const PASSWORD_VARIABLE = 'REGISTRY_PROXY_PASSWORD';

/**
 * The registries that flags of `cluster create` ask for, over those of a config file: `--registry-use` and
 * `--registry-config` replace what stands there, `--registry-create` its name and port (k3d cmd/cluster/clusterCreate.go).
 * Throws USAGE, REGISTRY_INVALID, REGISTRY_REFERENCE_INVALID, API_PORT_INVALID.
 */
export function registriesFromFlags(flags: CreateFlags, file: RegistriesSpec, env: NodeJS.ProcessEnv): RegistriesSpec {
  const { registryUse, registryConfig } = flags;
  for (const reference of registryUse ?? []) parseRegistryReference(reference);
  const create = createFromFlags(flags, file.create, env);
  return {
    ...file,
    ...(create && { create }),
    ...(registryUse && { use: registryUse }),
    ...(registryConfig && { config: registryConfig }),
  };
}

function createFromFlags(
  flags: CreateFlags,
  file: RegistryCreateSpec | undefined,
  env: NodeJS.ProcessEnv,
): RegistryCreateSpec | undefined {
  const asked = flags.registryCreate === undefined ? undefined : parseRegistryCreate(flags.registryCreate);
  if (!asked && !file) {
    const alone = [
      [flags.registryImage, '--registry-image'],
      [flags.registryVolume, '--registry-volume'],
      [flags.registryProxyRemoteUrl, '--registry-proxy-remote-url'],
      [flags.registryDeleteEnabled, '--registry-delete-enabled'],
    ].find(([value]) => value);
    if (!alone) return undefined;
    throw new K3duiError({
      code: 'USAGE',
      message: `${alone[1]} is about a registry that is made with the cluster`,
      hint: 'add --registry-create NAME',
    });
  }
  const { registryProxyRemoteUrl: remoteURL = file?.proxy?.remoteURL } = flags;
  const username = flags.registryProxyUsername ?? file?.proxy?.username;
  const password = env[PASSWORD_VARIABLE] || file?.proxy?.password;
  return {
    ...file,
    ...asked,
    ...(flags.registryImage && { image: flags.registryImage }),
    ...(flags.registryVolume && { volumes: flags.registryVolume }),
    ...(remoteURL && { proxy: { remoteURL, ...(username && { username }), ...(password && { password }) } }),
    ...(flags.enforceRegistryPortMatch !== undefined && { enforcePortMatch: flags.enforceRegistryPortMatch }),
    ...(flags.registryDeleteEnabled && { deleteEnabled: true }),
  };
}
