import type { ClusterSpec, RegistryCreateSpec } from '../../config/cluster-spec.ts';
import { shellWord } from '../../config/command-line.ts';
import { DEFAULT_K3S_IMAGE, DEFAULT_REGISTRY_IMAGE } from '../../config/default-image.ts';
import { joinFlag } from '../../config/flag-filters.ts';
import { formatHostAlias } from '../../config/host-aliases.ts';
import { formatRegistryCreate } from '../../config/registries.ts';
import { registryName } from '../names.ts';

/** The command line that asks for the same: only what differs from the defaults, quoted for a shell. */
export function createCommand(spec: ClusterSpec): string {
  const words = ['k3dui', 'cluster', 'create', shellWord(spec.name)];
  const flag = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '') words.push(`--${name}`, shellWord(String(value)));
  };
  const filtered = (name: string, list: { value: string; nodeFilters: string[] }[]) => {
    for (const { value, nodeFilters } of list) flag(name, joinFlag(value, nodeFilters));
  };
  if (spec.servers !== 1) flag('servers', spec.servers);
  if (spec.agents !== 0) flag('agents', spec.agents);
  if (!isDefaultImage(spec.image)) flag('image', spec.image);
  const { host, hostIP, hostPort } = spec.kubeAPI;
  const apiHost = host ?? hostIP;
  if (apiHost || hostPort) flag('api-port', `${apiHost ? `${apiHost}:` : ''}${hostPort ?? 'random'}`);
  filtered(
    'port',
    spec.ports.map(({ port: value, nodeFilters }) => ({ value, nodeFilters })),
  );
  filtered(
    'volume',
    spec.volumes.map(({ volume: value, nodeFilters }) => ({ value, nodeFilters })),
  );
  filtered(
    'env',
    spec.env.map(({ envVar: value, nodeFilters }) => ({ value, nodeFilters })),
  );
  filtered(
    'k3s-arg',
    spec.k3sArgs.map(({ arg: value, nodeFilters }) => ({ value, nodeFilters })),
  );
  filtered(
    'k3s-node-label',
    spec.k3sNodeLabels.map(({ label: value, nodeFilters }) => ({ value, nodeFilters })),
  );
  filtered(
    'runtime-label',
    spec.runtimeLabels.map(({ label: value, nodeFilters }) => ({ value, nodeFilters })),
  );
  for (const { name, soft, hard } of spec.runtimeUlimits) flag('runtime-ulimit', `${name}=${soft}:${hard}`);
  for (const alias of spec.hostAliases) flag('host-alias', formatHostAlias(alias));
  for (const override of spec.lbConfigOverrides) flag('lb-config-override', override);
  flag('network', spec.network);
  flag('subnet', spec.subnet);
  // The token is a secret: the command can be copied and shared.
  if (spec.token) words.push('--token', '"$K3S_TOKEN"');
  flag('servers-memory', spec.serversMemory);
  flag('agents-memory', spec.agentsMemory);
  flag('gpus', spec.gpus);
  const { create, use, config } = spec.registries;
  if (create) registryFlags(spec.name, create, flag, words);
  for (const registry of use) flag('registry-use', registry);
  // A text of several lines came from a config file and has no path.
  if (config) flag('registry-config', config.includes('\n') ? 'registries.yaml' : config);
  if (!spec.loadBalancer) words.push('--no-lb');
  if (!spec.imageVolume) words.push('--no-image-volume');
  if (!spec.rollback) words.push('--no-rollback');
  if (spec.hostPidMode) words.push('--host-pid-mode');
  if (!spec.wait) words.push('--wait=false');
  if (spec.timeoutSeconds) flag('timeout', `${spec.timeoutSeconds}s`);
  if (!spec.updateDefaultKubeconfig) words.push('--kubeconfig-update-default=false');
  if (!spec.switchContext) words.push('--kubeconfig-switch-context=false');
  if (create?.proxy?.password) words.unshift('REGISTRY_PROXY_PASSWORD="$PASSWORD"');
  const { length } = spec.files;
  if (length > 0)
    words.push(`# and ${length === 1 ? 'a file' : `${length} files`}, which only a config file can ask for`);
  return words.join(' ');
}

function registryFlags(
  name: string,
  create: RegistryCreateSpec,
  flag: (name: string, value: string | undefined) => void,
  words: string[],
): void {
  const { image, volumes = [], proxy } = create;
  flag('registry-create', formatRegistryCreate(create) || registryName(name));
  if (image !== DEFAULT_REGISTRY_IMAGE) flag('registry-image', image);
  for (const volume of volumes) flag('registry-volume', volume);
  flag('registry-proxy-remote-url', proxy?.remoteURL);
  flag('registry-proxy-username', proxy?.username);
  if (create.deleteEnabled) words.push('--registry-delete-enabled');
  if (create.enforcePortMatch) words.push('--enforce-registry-port-match');
}

/** Also when it is written shorter: `rancher/k3s:…`. */
function isDefaultImage(image: string): boolean {
  return image === DEFAULT_K3S_IMAGE || `docker.io/${image}` === DEFAULT_K3S_IMAGE;
}
