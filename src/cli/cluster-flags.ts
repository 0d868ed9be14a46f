import { parseApiPort } from '../config/api-port.ts';
import { type ClusterSpec, defaultClusterSpec } from '../config/cluster-spec.ts';
import { parseDuration } from '../config/duration.ts';
import { splitFlag } from '../config/flag-filters.ts';
import { parseHostAlias } from '../config/host-aliases.ts';
import { parseRuntimeLabel } from '../config/labels.ts';
import { parsePortFlags } from '../config/ports.ts';
import { parseUlimit } from '../config/ulimits.ts';
import { K3duiError } from '../errors.ts';
import { registriesFromFlags } from './registry-flags.ts';

/** Flags of `cluster create`, as commander names them. What was not given is undefined. */
export interface CreateFlags {
  servers?: number;
  agents?: number;
  image?: string;
  network?: string;
  subnet?: string;
  token?: string;
  apiPort?: string;
  port?: string[];
  volume?: string[];
  env?: string[];
  hostAlias?: string[];
  wait?: boolean;
  timeout?: string;
  /** False: `--no-lb`, and so on. */
  lb?: boolean;
  imageVolume?: boolean;
  rollback?: boolean;
  lbConfigOverride?: string[];
  k3sArg?: string[];
  k3sNodeLabel?: string[];
  kubeconfigUpdateDefault?: boolean;
  kubeconfigSwitchContext?: boolean;
  runtimeLabel?: string[];
  runtimeUlimit?: string[];
  hostPidMode?: boolean;
  serversMemory?: string;
  agentsMemory?: string;
  gpus?: string;
  config?: string;
  registryCreate?: string;
  registryUse?: string[];
  registryConfig?: string;
  registryImage?: string;
  registryVolume?: string[];
  registryProxyRemoteUrl?: string;
  registryProxyUsername?: string;
  registryDeleteEnabled?: boolean;
  enforceRegistryPortMatch?: boolean;
}

/** How a variable's text is read: as it is, as a flag that is on or off or its opposite, as several of it. */
type Kind = 'text' | 'number' | 'yes' | 'not' | 'words' | 'commas';

/**
 * k3d also reads its flags from the environment (viper's AutomaticEnv with the prefix K3D_, all tried with k3d 5.9); a
 * flag beats its variable. k3d cmd/cluster/clusterCreate.go.
 */
export const VARIABLES: [variable: string, flag: keyof CreateFlags, kind: Kind][] = [
  ['K3D_SERVERS', 'servers', 'number'],
  ['K3D_AGENTS', 'agents', 'number'],
  ['K3D_IMAGE', 'image', 'text'],
  ['K3D_NETWORK', 'network', 'text'],
  ['K3D_SUBNET', 'subnet', 'text'],
  ['K3D_TOKEN', 'token', 'text'],
  ['K3D_OPTIONS_K3D_WAIT', 'wait', 'yes'],
  ['K3D_OPTIONS_K3D_TIMEOUT', 'timeout', 'text'],
  ['K3D_OPTIONS_K3D_DISABLELOADBALANCER', 'lb', 'not'],
  ['K3D_OPTIONS_K3D_DISABLEIMAGEVOLUME', 'imageVolume', 'not'],
  ['K3D_OPTIONS_K3D_DISABLEROLLBACK', 'rollback', 'not'],
  ['K3D_OPTIONS_KUBECONFIG_UPDATEDEFAULTKUBECONFIG', 'kubeconfigUpdateDefault', 'yes'],
  ['K3D_OPTIONS_KUBECONFIG_SWITCHCURRENTCONTEXT', 'kubeconfigSwitchContext', 'yes'],
  ['K3D_OPTIONS_RUNTIME_GPUREQUEST', 'gpus', 'text'],
  ['K3D_OPTIONS_RUNTIME_SERVERSMEMORY', 'serversMemory', 'text'],
  ['K3D_OPTIONS_RUNTIME_AGENTSMEMORY', 'agentsMemory', 'text'],
  ['K3D_OPTIONS_RUNTIME_HOSTPIDMODE', 'hostPidMode', 'yes'],
  ['K3D_OPTIONS_K3D_LOADBALANCER_CONFIGOVERRIDES', 'lbConfigOverride', 'commas'],
  ['K3D_REGISTRIES_CONFIG', 'registryConfig', 'text'],
  ['K3D_REGISTRIES_USE', 'registryUse', 'commas'],
  // By the names under which k3d keeps flags that have a grammar of their own.
  ['K3D_CLI_API-PORT', 'apiPort', 'text'],
  ['K3D_CLI_ENV', 'env', 'words'],
  ['K3D_CLI_VOLUMES', 'volume', 'words'],
  ['K3D_CLI_PORTS', 'port', 'words'],
  ['K3D_CLI_K3SARGS', 'k3sArg', 'words'],
  ['K3D_CLI_K3S-NODE-LABELS', 'k3sNodeLabel', 'words'],
  ['K3D_CLI_RUNTIME-LABELS', 'runtimeLabel', 'words'],
  ['K3D_CLI_RUNTIME-ULIMITS', 'runtimeUlimit', 'words'],
  ['K3D_CLI_REGISTRIES_CREATE', 'registryCreate', 'text'],
  ['K3D_CLI_REGISTRIES_CREATE_ENFORCEPORTMATCH', 'enforceRegistryPortMatch', 'yes'],
  ['K3D_HOSTALIASES', 'hostAlias', 'words'],
];

/**
 * The flags of `cluster create` as a cluster specification. A flag beats its variable in the environment, that the
 * config file, that the default; lists of flags come after those of the file, as in k3d (a name on the command line
 * beats all). Pure: what needs Docker or the network (images, host names, taken ports) is checked when the plan is made.
 * Throws USAGE, or what the grammars in config/ throw.
 */
export function clusterSpecFromFlags(
  name: string | undefined,
  given: CreateFlags,
  options: { env: NodeJS.ProcessEnv; defaultImage: string; config?: ClusterSpec },
): ClusterSpec {
  const flags: CreateFlags = { ...fromEnvironment(options.env), ...withoutUndefined(given) };
  const spec = options.config ?? defaultClusterSpec(options.defaultImage);
  const filtered = (texts: string[] | undefined) => mergeSame((texts ?? []).map(splitFlag));
  const updateDefaultKubeconfig = flags.kubeconfigUpdateDefault ?? spec.updateDefaultKubeconfig;
  return {
    ...spec,
    name: name ?? spec.name,
    servers: flags.servers ?? spec.servers,
    agents: flags.agents ?? spec.agents,
    image: flags.image || spec.image,
    ...(flags.network && { network: flags.network }),
    ...(flags.subnet && { subnet: flags.subnet }),
    ...(flags.token && { token: flags.token }),
    kubeAPI: flags.apiPort ? kubeAPI(flags.apiPort) : spec.kubeAPI,
    ports: [...spec.ports, ...parsePortFlags(flags.port ?? [])],
    volumes: [
      ...spec.volumes,
      ...filtered(flags.volume).map(({ value, nodeFilters }) => ({ volume: value, nodeFilters })),
    ],
    env: [...spec.env, ...filtered(flags.env).map(({ value, nodeFilters }) => ({ envVar: value, nodeFilters }))],
    hostAliases: [...spec.hostAliases, ...(flags.hostAlias ?? []).map(parseHostAlias)],
    registries: registriesFromFlags(flags, spec.registries, options.env),
    wait: flags.wait ?? spec.wait,
    ...timeLimit(flags.timeout),
    loadBalancer: flags.lb ?? spec.loadBalancer,
    imageVolume: flags.imageVolume ?? spec.imageVolume,
    rollback: flags.rollback ?? spec.rollback,
    // pflag's StringSlice: commas separate too. Bound to the file's key, so it replaces what stands there.
    lbConfigOverrides: flags.lbConfigOverride?.flatMap(text => text.split(',')) ?? spec.lbConfigOverrides,
    k3sArgs: [
      ...spec.k3sArgs,
      ...filtered(flags.k3sArg).map(({ value, nodeFilters }) => ({ arg: value, nodeFilters })),
    ],
    k3sNodeLabels: [
      ...spec.k3sNodeLabels,
      ...filtered(flags.k3sNodeLabel).map(({ value, nodeFilters }) => ({ label: value, nodeFilters })),
    ],
    updateDefaultKubeconfig,
    switchContext: updateDefaultKubeconfig && (flags.kubeconfigSwitchContext ?? spec.switchContext),
    runtimeLabels: [
      ...spec.runtimeLabels,
      ...filtered(flags.runtimeLabel).map(({ value, nodeFilters }) => {
        parseRuntimeLabel(value);
        return { label: value, nodeFilters };
      }),
    ],
    runtimeUlimits: [...spec.runtimeUlimits, ...(flags.runtimeUlimit ?? []).map(parseUlimit)],
    hostPidMode: flags.hostPidMode ?? spec.hostPidMode,
    ...(flags.gpus && { gpus: flags.gpus }),
    ...(flags.serversMemory && { serversMemory: flags.serversMemory }),
    ...(flags.agentsMemory && { agentsMemory: flags.agentsMemory }),
  };
}

function fromEnvironment(env: NodeJS.ProcessEnv): CreateFlags {
  const flags: Record<string, unknown> = {};
  for (const [variable, flag, kind] of VARIABLES) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    if (kind === 'text') flags[flag] = text;
    else if (kind === 'words' || kind === 'commas')
      flags[flag] = text.split(kind === 'words' ? /\s+/ : ',').filter(Boolean);
    else if (kind === 'number') {
      if (!/^[+-]?\d{1,9}$/.test(text)) throw usage(`invalid value '${text}' of ${variable}: not a whole number`);
      flags[flag] = Number(text);
    } else {
      const yes = /^(1|t|true)$/i.test(text);
      if (!yes && !/^(0|f|false)$/i.test(text))
        throw usage(`invalid value '${text}' of ${variable}: neither true nor false`);
      flags[flag] = yes === (kind === 'yes');
    }
  }
  return flags;
}

/** What `--api-port` says, with nothing put in for what was left out. */
function kubeAPI(text: string): ClusterSpec['kubeAPI'] {
  const { host, hostIP, hostPort } = parseApiPort(text);
  const named = text.includes(':');
  return { ...(named && (hostIP === undefined ? { host } : { hostIP })), hostPort: String(hostPort) };
}

/** The same value given twice counts once, for the nodes of both; order stays as given (k3d loses it in a map). */
function mergeSame(flags: { value: string; nodeFilters: string[] }[]): { value: string; nodeFilters: string[] }[] {
  const merged = new Map<string, string[]>();
  for (const { value, nodeFilters } of flags) merged.set(value, [...(merged.get(value) ?? []), ...nodeFilters]);
  return [...merged].map(([value, nodeFilters]) => ({ value, nodeFilters }));
}

/** `--timeout` in seconds; absent, zero or less: the default limits. */
export function timeLimit(text: string | undefined): { timeoutSeconds?: number } {
  const milliseconds = text ? parseDuration(text, '--timeout') : 0;
  return milliseconds > 0 ? { timeoutSeconds: milliseconds / 1000 } : {};
}

function usage(message: string): K3duiError {
  return new K3duiError({ code: 'USAGE', message });
}

function withoutUndefined(flags: CreateFlags): CreateFlags {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}
