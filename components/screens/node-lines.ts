import type { PortBindings } from '../../src/docker/types.ts';
import type { NodeFacts } from '../../src/engine/node/details.ts';
import { formatAge, formatBytes, HIDDEN, hideSecrets, sanitise } from '../../src/text.ts';
import { secretsOf } from '../inspect.ts';
import type { Theme } from '../theme.ts';
import { fitCell } from '../widgets/columns.ts';
import { cpuText, isK3s, kubernetesText, memoryText, type NodeRow, nodeFault } from './node-row.ts';
import { nodeStatusStyle, nodeStatusText } from './nodes-list.ts';
import { fact } from './text-screen.tsx';

/** Cells of a graph where there is room. */
const WIDE_GRAPH = 30;
/** Variables whose value is nobody's business, whatever it looks like. */
const SECRET_VARIABLE = /token|password|secret|passwd|credential|key$/i;

/** All that is known of a node as ANSI lines. `facts` come a moment later than the node itself. */
export function nodeLines(theme: Theme, node: NodeRow, facts: NodeFacts | undefined, now: number): string[] {
  const heading = (text: string): string[] => ['', theme.paint('title', text)];
  const fault = nodeFault(node);
  const state = theme.paint(nodeStatusStyle(node), nodeStatusText(node));
  const load = node.load?.length
    ? [fact(theme, 'CPU', cpuText(node, WIDE_GRAPH)), fact(theme, 'Memory', memoryLine(node))]
    : [];
  const lines = [
    fact(theme, 'Status', `${state}  ${theme.paint('dim', sanitise(node.status))}`),
    ...(fault ? [fact(theme, 'Fault', theme.paint('bad', `✗ ${sanitise(fault)}`))] : []),
    ...(isK3s(node) ? [fact(theme, 'Kubernetes', sanitise(kubernetesText(node)))] : []),
    ...load,
    fact(theme, 'Role', node.init ? `${node.role}, the first` : node.role),
    fact(theme, 'Cluster', sanitise(node.cluster || 'none')),
    fact(theme, 'Image', sanitise(node.image)),
    ...node.networks.map((network, i) =>
      fact(theme, i === 0 ? 'Networks' : '', sanitise(`${network.name}  ${network.ip || 'no address'}`)),
    ),
    fact(theme, 'Age', formatAge(now / 1000 - node.created)),
    fact(theme, 'Container', node.id.slice(0, 12)),
  ];
  if (!facts) return [...lines, '', theme.paint('dim', 'reading the rest …')];
  return [
    ...lines,
    ...containerLines(theme, facts),
    ...heading('Ports'),
    ...orNone(theme, portLines(facts)),
    ...heading('Mounts'),
    ...orNone(theme, mountLines(facts)),
    ...heading('k3s arguments'),
    ...orNone(theme, wordLines(facts)),
    ...heading('Environment'),
    ...orNone(theme, environmentLines(facts)),
    ...(isK3s(node) ? kubernetesLines(theme, facts, now, heading) : []),
    ...heading('Labels'),
    ...orNone(theme, labelLines(facts)),
  ];
}

function memoryLine(node: NodeRow): string {
  const limit = node.load?.at(-1)?.memoryLimit ?? 0;
  return `${memoryText(node, WIDE_GRAPH)}${limit > 0 ? ` of ${formatBytes(limit)}` : ''}`;
}

function containerLines(theme: Theme, { inspect }: NodeFacts): string[] {
  const { State, RestartCount, HostConfig } = inspect;
  const ended = !State.Running && !State.StartedAt.startsWith('0001-');
  const why = State.OOMKilled ? ', out of memory' : State.Error === '' ? '' : `: ${sanitise(State.Error)}`;
  const cpus = HostConfig.NanoCpus ? `${HostConfig.NanoCpus / 1e9} processors` : '';
  const memory = HostConfig.Memory ? formatBytes(HostConfig.Memory) : '';
  const limits = [memory, cpus].filter(text => text !== '').join(', ');
  return [
    fact(theme, 'Restarts', String(RestartCount ?? 0)),
    ...(ended ? [fact(theme, 'Ended', `exit code ${State.ExitCode}${why}, ${sanitise(State.FinishedAt)}`)] : []),
    fact(theme, 'Started', State.StartedAt.startsWith('0001-') ? 'never' : sanitise(State.StartedAt)),
    fact(theme, 'Limits', limits || 'none'),
    fact(theme, 'Entry point', sanitise((inspect.Config.Entrypoint ?? []).join(' ') || "the image's own")),
  ];
}

function portLines({ inspect }: NodeFacts): string[] {
  const bound: PortBindings = { ...inspect.HostConfig.PortBindings, ...inspect.NetworkSettings.Ports };
  return Object.entries(bound).flatMap(([port, bindings]) =>
    (bindings ?? []).map(({ HostIp, HostPort }) => sanitise(`${HostIp || '0.0.0.0'}:${HostPort || '?'} → ${port}`)),
  );
}

function mountLines({ inspect }: NodeFacts): string[] {
  return (inspect.Mounts ?? []).map(({ Type, Name, Source, Destination, RW }) => {
    const anonymous = Type === 'volume' && /^[0-9a-f]{64}$/.test(Name ?? '');
    const from = anonymous ? 'a volume of its own' : Type === 'volume' ? `volume ${Name}` : Source;
    return sanitise(`${Destination}  ←  ${from}${RW === false ? '  read only' : ''}`);
  });
}

/** One argument a line; a flag and the word after it together. */
function wordLines({ inspect }: NodeFacts): string[] {
  const secrets = secretsOf(inspect);
  const lines: string[] = [];
  for (const word of inspect.Config.Cmd ?? []) {
    const last = lines.at(-1);
    if (last?.startsWith('-') && !last.includes('=') && !last.includes(' ') && !word.startsWith('-')) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map(line => sanitise(hideSecrets(line, secrets)));
}

function environmentLines({ inspect }: NodeFacts): string[] {
  const secrets = secretsOf(inspect);
  return (inspect.Config.Env ?? []).map(variable => {
    const [name = ''] = variable.split('=', 1);
    const value = variable.slice(name.length + 1);
    const shown = SECRET_VARIABLE.test(name) && value !== '' ? HIDDEN : hideSecrets(value, secrets);
    return sanitise(`${name}=${shown}`);
  });
}

function labelLines({ inspect }: NodeFacts): string[] {
  const secrets = secretsOf(inspect);
  return Object.entries(inspect.Config.Labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) =>
      sanitise(`${key}=${SECRET_VARIABLE.test(key) && value !== '' ? HIDDEN : hideSecrets(value, secrets)}`),
    );
}

function kubernetesLines(
  theme: Theme,
  { kubelet, kubernetes, kubernetesError }: NodeFacts,
  now: number,
  heading: (text: string) => string[],
): string[] {
  const age = (at: number) => (at > 0 ? formatAge((now - at) / 1000) : '');
  const conditions = (kubernetes?.conditions ?? []).map(({ type, status, message, since, bad }) => {
    const text = `${bad ? '✗' : '●'} ${fitCell(type, 20)} ${fitCell(status, 8)} ${fitCell(age(since), 6)} ${sanitise(message)}`;
    return bad ? theme.paint('bad', text) : text;
  });
  const events = (kubernetes?.events ?? []).map(({ type, reason, message, count, at }) => {
    const text = `${fitCell(age(at), 6)} ${fitCell(sanitise(reason), 24)} ${sanitise(message)}${count > 1 ? ` (${count}×)` : ''}`;
    return type === 'Warning' ? theme.paint('warn', `! ${text}`) : `  ${text}`;
  });
  const resources = ['cpu', 'memory', 'ephemeral-storage', 'pods'].flatMap(name => {
    const [all, free] = [kubernetes?.capacity[name], kubernetes?.allocatable[name]];
    return all === undefined ? [] : [sanitise(`${fitCell(name, 20)} ${free ?? '?'} of ${all} for pods`)];
  });
  const known = kubernetes
    ? [
        ...heading('Kubernetes node'),
        fact(theme, 'Runtime', sanitise(kubernetes.containerRuntime)),
        fact(theme, 'System', sanitise(`${kubernetes.osImage}, kernel ${kubernetes.kernel}`)),
        fact(
          theme,
          'Scheduling',
          kubernetes.unschedulable ? theme.paint('warn', '◐ cordoned: takes no new pods') : 'takes pods',
        ),
        fact(theme, 'Taints', sanitise(kubernetes.taints.join('  ') || 'none')),
        ...resources,
        ...heading('Conditions'),
        ...orNone(theme, conditions),
        ...heading('Events'),
        ...orNone(theme, events),
      ]
    : [...heading('Kubernetes node'), theme.paint('warn', sanitise(kubernetesError ?? 'not known'))];
  const kubeletLines = kubelet?.map(({ name, value }) => sanitise(value === '' ? name : `${name}=${value}`));
  const missing = [theme.paint('dim', "k3s' log does not hold them")];
  return [...known, ...heading('kubelet arguments'), ...(kubeletLines ? orNone(theme, kubeletLines) : missing)];
}

const orNone = (theme: Theme, lines: string[]): string[] => (lines.length > 0 ? lines : [theme.paint('dim', 'none')]);
