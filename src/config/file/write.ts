import { dump, SCALAR_STYLE, visit } from 'js-yaml';
import type { ClusterSpec, FileSpec, RegistriesSpec } from '../cluster-spec.ts';
import { formatGoDuration } from '../duration.ts';
import { API_VERSION, KIND } from './versions.ts';

/** Values as they stand in a config file. */
export type ConfigObject = { [key: string]: unknown };

/**
 * The request as a config file of version v1alpha5, which k3d reads too: only what differs from the defaults, but name,
 * numbers of nodes and image always. What reads back from it asks for the same. Pure.
 */
export function writeClusterConfig(spec: ClusterSpec): string {
  return writeConfig(clusterConfig(spec));
}

/**
 * A config as YAML. Readers replace `$NAME` in the text before they take it as YAML, and there is no way to write a
 * `$` that they leave alone but one: as `\x24` in double quotes.
 * @param options.keepDollars what was read without replacing is written so that it will be replaced
 */
export function writeConfig(config: object, options: { keepDollars?: boolean } = {}): string {
  const text = dump(config, {
    lineWidth: -1,
    noRefs: true,
    transform: documents =>
      visit(documents, node => {
        if (!options.keepDollars && node.kind === 'scalar' && node.value.includes('$'))
          node.style = SCALAR_STYLE.DOUBLE_QUOTED;
      }),
  });
  return options.keepDollars ? text : text.replaceAll('$', '\\x24');
}

/** The same as plain values, in the order in which a person would write them. */
export function clusterConfig(spec: ClusterSpec): ConfigObject {
  const filtered = <T extends { nodeFilters: string[] }>(list: T[]) =>
    list.map(({ nodeFilters, ...rest }) => ({ ...rest, ...(nodeFilters.length > 0 ? { nodeFilters } : {}) }));
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name: spec.name },
    servers: spec.servers,
    agents: spec.agents,
    ...filled({
      kubeAPI: filled({ ...spec.kubeAPI }),
      image: spec.image,
      network: spec.network,
      subnet: spec.subnet,
      token: spec.token,
      volumes: filtered(spec.volumes),
      ports: filtered(spec.ports),
      env: filtered(spec.env),
      files: spec.files.map(file),
      registries: registries(spec.registries),
      hostAliases: spec.hostAliases.map(({ ip, hostnames }) => ({ ip, hostnames })),
      options: filled({
        k3d: filled({
          wait: spec.wait ? undefined : false,
          timeout: spec.timeoutSeconds ? formatGoDuration(spec.timeoutSeconds * 1000) : undefined,
          disableLoadbalancer: !spec.loadBalancer || undefined,
          disableImageVolume: !spec.imageVolume || undefined,
          disableRollback: !spec.rollback || undefined,
          loadbalancer: filled({ configOverrides: spec.lbConfigOverrides }),
        }),
        k3s: filled({ extraArgs: filtered(spec.k3sArgs), nodeLabels: filtered(spec.k3sNodeLabels) }),
        kubeconfig: filled({
          updateDefaultKubeconfig: spec.updateDefaultKubeconfig ? undefined : false,
          switchCurrentContext: spec.switchContext ? undefined : false,
        }),
        runtime: filled({
          gpuRequest: spec.gpus,
          serversMemory: spec.serversMemory,
          agentsMemory: spec.agentsMemory,
          hostPidMode: spec.hostPidMode || undefined,
          labels: filtered(spec.runtimeLabels),
          ulimits: spec.runtimeUlimits.map(({ name, soft, hard }) => ({ name, soft, hard })),
        }),
      }),
    }),
  };
}

/** A text of several lines is the file itself; one of a single line would be taken for a path. */
function file({ content, path, destination, description, nodeFilters }: FileSpec): ConfigObject {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
  return {
    ...(description ? { description } : {}),
    source: path ?? (text.includes('\n') ? text : `${text}\n`),
    destination,
    ...(nodeFilters.length > 0 ? { nodeFilters } : {}),
  };
}

function registries({ create, use, config }: RegistriesSpec): ConfigObject {
  const { name, host, hostPort, image, proxy, volumes, enforcePortMatch } = create ?? {};
  return filled({
    create: filled({
      name,
      host,
      hostPort,
      image,
      proxy: filled({ ...proxy }),
      volumes,
      enforcePortMatch: enforcePortMatch || undefined,
    }),
    use,
    config,
  });
}

/** Without what says nothing: empty lists, objects and texts. */
function filled(object: ConfigObject): ConfigObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => {
      if (value === undefined || value === '') return false;
      return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
    }),
  );
}
