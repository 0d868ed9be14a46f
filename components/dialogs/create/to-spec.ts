import { parseApiPort } from '../../../src/config/api-port.ts';
import { checkClusterName } from '../../../src/config/cluster-name.ts';
import { type ClusterSpec, defaultClusterSpec } from '../../../src/config/cluster-spec.ts';
import { formatGoDuration, parseDuration } from '../../../src/config/duration.ts';
import { parseEnv } from '../../../src/config/env.ts';
import { joinFlag, splitFlag } from '../../../src/config/flag-filters.ts';
import { parseGpus } from '../../../src/config/gpus.ts';
import { formatHostAlias, parseHostAlias } from '../../../src/config/host-aliases.ts';
import { parseLabel, parseRuntimeLabel } from '../../../src/config/labels.ts';
import { parseLbOverride } from '../../../src/config/lb-overrides.ts';
import { parseMemory } from '../../../src/config/memory.ts';
import { parsePortSpec } from '../../../src/config/ports.ts';
import {
  formatRegistryCreate,
  mirroredHost,
  parseRegistryCreate,
  parseRegistryReference,
} from '../../../src/config/registries.ts';
import { parseSubnet } from '../../../src/config/subnet.ts';
import { formatUlimit, parseUlimit } from '../../../src/config/ulimits.ts';
import { parseVolume } from '../../../src/config/volumes.ts';
import { toK3duiError } from '../../../src/errors.ts';
import { type FieldState, fieldOf, selectAll } from '../../widgets/field-state.ts';
import { mirrorUrl } from '../registry-form.ts';
import { FIELDS, type FieldId } from './fields.ts';
import { type FormState, textOf } from './form-state.ts';

/** A mistake at a field, and for lists at which of its lines. */
export interface FieldProblem {
  field: FieldId;
  /** Index among the lines of a list; undefined: the field as a whole. */
  at?: number;
  message: string;
  hint?: string;
  severity: 'error' | 'warning';
}

/** The form filled in from a spec, the name selected. */
export function formFrom(spec: ClusterSpec): FormState {
  const one = (text: string | number | undefined) => [fieldOf(text === undefined ? '' : String(text))];
  const many = (texts: string[]) => [...texts.map(text => fieldOf(text)), fieldOf('')];
  const { host, hostIP, hostPort } = spec.kubeAPI;
  const apiHost = host ?? hostIP;
  const lines: Partial<Record<FieldId, FieldState[]>> = {
    name: [selectAll(fieldOf(spec.name))],
    servers: one(spec.servers),
    agents: one(spec.agents),
    image: one(spec.image),
    kubeAPI: one(apiHost ? `${apiHost}:${hostPort ?? 'random'}` : hostPort),
    ports: many(spec.ports.map(entry => joinFlag(entry.port, entry.nodeFilters))),
    volumes: many(spec.volumes.map(entry => joinFlag(entry.volume, entry.nodeFilters))),
    env: many(spec.env.map(entry => joinFlag(entry.envVar, entry.nodeFilters))),
    k3sArgs: many(spec.k3sArgs.map(entry => joinFlag(entry.arg, entry.nodeFilters))),
    k3sNodeLabels: many(spec.k3sNodeLabels.map(entry => joinFlag(entry.label, entry.nodeFilters))),
    runtimeLabels: many(spec.runtimeLabels.map(entry => joinFlag(entry.label, entry.nodeFilters))),
    hostAliases: many(spec.hostAliases.map(formatHostAlias)),
    lbConfigOverrides: many(spec.lbConfigOverrides),
    registryUse: one(spec.registries.use.join(' ')),
    registryCreate: one(spec.registries.create && formatRegistryCreate(spec.registries.create)),
    registryMirror: one(spec.registries.create?.proxy?.remoteURL),
    registryConfig: one(spec.registries.config),
    network: one(spec.network),
    subnet: one(spec.subnet),
    token: one(spec.token),
    serversMemory: one(spec.serversMemory),
    agentsMemory: one(spec.agentsMemory),
    runtimeUlimits: many(spec.runtimeUlimits.map(formatUlimit)),
    gpus: one(spec.gpus),
    timeoutSeconds: one(spec.timeoutSeconds === undefined ? '' : formatGoDuration(spec.timeoutSeconds * 1000)),
  };
  const switches = FIELDS.filter(field => field.kind === 'switch').map(({ id }) => [
    id,
    id === 'registryDelete' ? (spec.registries.create?.deleteEnabled ?? true) : spec[id as 'wait'],
  ]);
  return {
    lines: Object.fromEntries(FIELDS.map(({ id }) => [id, lines[id] ?? []])) as unknown as FormState['lines'],
    switches: Object.fromEntries(switches) as FormState['switches'],
    moreOpen: false,
    focus: 0,
    touched: new Set(),
    tried: false,
    rest: { files: spec.files, registries: spec.registries },
  };
}

/**
 * What the form asks for, with the mistakes in the words themselves, each at its line; what cannot be read is left out of
 * the spec. What needs the rest of the world (filters, conflicts, images) is for `checkClusterSpec`.
 */
export function readForm(form: FormState): { spec: ClusterSpec; problems: FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const attempt = <T>(field: FieldId, at: number | undefined, read: () => T): T | undefined => {
    try {
      return read();
    } catch (thrown) {
      const { message, hint } = toK3duiError(thrown);
      problems.push({ field, at, message, hint, severity: 'error' });
      return undefined;
    }
  };
  /** The text when `check` takes it; what is wrong stays out. */
  const text = (field: FieldId, check: (text: string) => unknown = () => {}) => {
    const typed = textOf(form, field);
    if (typed === '') return undefined;
    return attempt(field, undefined, () => {
      check(typed);
      return typed;
    });
  };
  const rows = <T>(field: FieldId, read: (text: string) => T): T[] =>
    form.lines[field].flatMap((line, at) => {
      const typed = line.text.trim();
      const entry = typed === '' ? undefined : attempt(field, at, () => read(typed));
      return entry === undefined ? [] : [entry];
    });
  const filtered = <T>(field: FieldId, check: (value: string) => unknown, make: (v: string, filters: string[]) => T) =>
    rows(field, typed => {
      const { value, nodeFilters } = splitFlag(typed);
      check(value);
      return make(value, nodeFilters);
    });
  const count = (field: FieldId, least: number): number => {
    const typed = textOf(form, field);
    if (/^\d{1,3}$/.test(typed) && Number(typed) >= least) return Number(typed);
    const message = typed === '' ? 'a number is missing' : `not a number from ${least} to 999: ${typed}`;
    problems.push({ field, message, severity: 'error' });
    return least;
  };
  const name = textOf(form, 'name');
  attempt('name', undefined, () => checkClusterName(name));
  const image = textOf(form, 'image');
  if (image === '') problems.push({ field: 'image', message: 'an image is missing', severity: 'error' });
  const api = text('kubeAPI', parseApiPort);
  const timeout = text('timeoutSeconds', readSeconds);
  const yes = form.switches;
  const spec: ClusterSpec = {
    ...defaultClusterSpec(image),
    ...form.rest,
    name,
    servers: count('servers', 1),
    agents: count('agents', 0),
    kubeAPI: api === undefined ? {} : readApi(api),
    ports: filtered('ports', parsePortSpec, (port, nodeFilters) => ({ port, nodeFilters })),
    volumes: filtered('volumes', parseVolume, (volume, nodeFilters) => ({ volume, nodeFilters })),
    env: filtered('env', parseEnv, (envVar, nodeFilters) => ({ envVar, nodeFilters })),
    k3sArgs: filtered(
      'k3sArgs',
      () => {},
      (arg, nodeFilters) => ({ arg, nodeFilters }),
    ),
    k3sNodeLabels: filtered('k3sNodeLabels', parseLabel, (label, nodeFilters) => ({ label, nodeFilters })),
    runtimeLabels: filtered('runtimeLabels', parseRuntimeLabel, (label, nodeFilters) => ({ label, nodeFilters })),
    hostAliases: rows('hostAliases', parseHostAlias),
    lbConfigOverrides: rows('lbConfigOverrides', typed => {
      parseLbOverride(typed);
      return typed;
    }),
    registries: readRegistries(text, attempt, yes.registryDelete),
    network: text('network'),
    subnet: text('subnet', typed => typed === 'auto' || parseSubnet(typed)),
    token: text('token'),
    serversMemory: text('serversMemory', parseMemory),
    agentsMemory: text('agentsMemory', parseMemory),
    runtimeUlimits: rows('runtimeUlimits', parseUlimit),
    gpus: text('gpus', parseGpus),
    hostPidMode: yes.hostPidMode,
    timeoutSeconds: timeout === undefined ? undefined : readSeconds(timeout),
    loadBalancer: yes.loadBalancer,
    imageVolume: yes.imageVolume,
    wait: yes.wait,
    rollback: yes.rollback,
    updateDefaultKubeconfig: yes.updateDefaultKubeconfig,
    switchContext: yes.switchContext,
  };
  return { spec, problems };
}

/** The registries asked for; settings of a new one count only when one is made. */
function readRegistries(
  text: (field: FieldId, check?: (text: string) => unknown) => string | undefined,
  attempt: <T>(field: FieldId, at: number | undefined, read: () => T) => T | undefined,
  deleteEnabled: boolean,
): ClusterSpec['registries'] {
  const use = (text('registryUse') ?? '').split(/[\s,]+/).filter(name => name !== '');
  attempt('registryUse', undefined, () => use.forEach(name => void parseRegistryReference(name)));
  const create = text('registryCreate', parseRegistryCreate);
  const mirror = text('registryMirror', typed => mirroredHost(mirrorUrl(typed)));
  const config = text('registryConfig');
  const made = create !== undefined && {
    ...parseRegistryCreate(create),
    enforcePortMatch: true,
    ...(mirror && { proxy: { remoteURL: mirrorUrl(mirror) } }),
    ...(deleteEnabled && { deleteEnabled }),
  };
  return { use, ...(made && { create: made }), ...(config && { config }) };
}

function readApi(text: string): ClusterSpec['kubeAPI'] {
  const { host, hostIP, hostPort } = parseApiPort(text);
  return text.includes(':') ? { host, hostIP, hostPort: String(hostPort) } : { hostPort: String(hostPort) };
}

/** A length of time in seconds; a number alone means seconds. */
function readSeconds(text: string): number {
  return parseDuration(/^\d+$/.test(text) ? `${text}s` : text) / 1000;
}
