import { type PortMapping, type PortProtocol, parsePortFlag, parsePortSpec } from '../../../src/config/ports.ts';
import type { PortRow } from '../../../src/engine/ports/table.ts';
import { toK3duiError } from '../../../src/errors.ts';
import { type FieldState, fieldOf } from '../../widgets/field-state.ts';

/** A mapping while it is being made. */
export interface Draft {
  /** Port of the nodes, or a range: `80`, `8000-8010`. */
  readonly target: FieldState;
  readonly hostPort: FieldState;
  /** Empty: every address of this machine. */
  readonly address: FieldState;
  readonly protocol: PortProtocol;
  /** Node filters, joined by `;`; '' while none is chosen. */
  readonly filters: string;
  /** The host port was typed, not proposed. */
  readonly typed: boolean;
}

export const EMPTY_DRAFT: Draft = {
  target: fieldOf(''),
  hostPort: fieldOf(''),
  address: fieldOf(''),
  protocol: 'tcp',
  filters: '',
  typed: false,
};

export const PROTOCOLS: readonly PortProtocol[] = ['tcp', 'udp', 'sctp'];

/** The draft that a mapping of today is. */
export function draftOf(row: PortRow): Draft {
  return {
    target: fieldOf(String(row.listenerPort)),
    hostPort: fieldOf(String(row.hostPort)),
    address: fieldOf(row.hostIP === '0.0.0.0' || row.hostIP === '::' ? '' : row.hostIP),
    protocol: row.protocol as PortProtocol,
    filters: row.filters,
    typed: true,
  };
}

/** `127.0.0.1:8080:80/udp`, as the command line takes it. */
export function specOf({ target, hostPort, address, protocol }: Draft): string {
  const ip = address.text.trim();
  const host = ip.includes(':') && !ip.startsWith('[') ? `[${ip}]` : ip;
  const port = hostPort.text.trim();
  const left = host !== '' ? `${host}:${port}:` : port !== '' ? `${port}:` : '';
  return `${left}${target.text.trim()}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

/**
 * The draft with what was typed as its target: a port or a range, with a protocol or not, or a whole mapping with node
 * filters. Gives why not when it cannot be read.
 */
export function withTarget(draft: Draft, typed: string): Draft | string {
  const text = typed.trim();
  if (text === '') return 'type a port of the nodes: 80, 8000-8010, 53/udp';
  try {
    const { port, nodeFilters } = parsePortFlag(text);
    const [first] = parsePortSpec(port);
    const parts = port.split(':');
    const container = (parts.at(-1) ?? '').replace(/\/.*$/, '');
    const direct = nodeFilters.find(filter => filter.endsWith(':direct'));
    if (direct !== undefined) {
      return `':direct' only works when the cluster is created; through the load balancer: ${port}@${direct.replace(/:direct$/, ':proxy')}`;
    }
    const hostPort = parts.length > 1 ? (parts.at(-2) ?? '') : '';
    return {
      ...draft,
      target: fieldOf(container),
      protocol: first?.protocol ?? 'tcp',
      ...(hostPort === '' ? {} : { hostPort: fieldOf(hostPort), typed: true }),
      ...(first && first.hostIP !== '' ? { address: fieldOf(first.hostIP) } : {}),
      ...(nodeFilters.length === 0 ? {} : { filters: nodeFilters.join(';') }),
    };
  } catch (error) {
    return shortReason(error);
  }
}

export interface DraftReading {
  mappings: readonly PortMapping[];
  /** Why it cannot be. */
  error?: string;
  /** What to know: how many ports, that Docker picks one. */
  notes: readonly string[];
  warnings: readonly string[];
}

/** More than this is warned of: Docker runs a process for each published port. */
const MANY = 100;

/** What the draft means. Never throws. */
export function readDraft(draft: Draft): DraftReading {
  let mappings: PortMapping[];
  try {
    mappings = parsePortSpec(specOf(draft));
  } catch (error) {
    return { mappings: [], error: shortReason(error), notes: [], warnings: [] };
  }
  const [first] = mappings;
  const notes: string[] = [];
  const warnings: string[] = [];
  if (first?.hostPort === undefined) notes.push('Docker picks a free host port, another one after each change');
  else if (first.hostPortEnd !== undefined) notes.push('Docker picks one of the host ports');
  if (mappings.length > 1) notes.push(`${mappings.length} ports`);
  if (mappings.length > MANY) {
    warnings.push(`${mappings.length} ports: Docker runs a process for each, which takes long and much memory`);
  }
  return { mappings, notes, warnings };
}

/** Why, without the parser's preamble, which repeats what stands in the field. */
function shortReason(error: unknown): string {
  return toK3duiError(error).message.replace(/^error parsing port spec '.*?': /, '');
}

/** Host ports that are usual for well-known ones. */
const USUAL: Record<number, number> = { 80: 8080, 443: 8443, 53: 5353 };

/**
 * The first host port (of `count` in a row) that is free, from the one that people would guess. undefined when there is
 * none in sight.
 */
export function proposePort(
  containerPort: number,
  count: number,
  isFree: (port: number) => boolean,
  after?: number,
): number | undefined {
  const usual = USUAL[containerPort] ?? (containerPort < 1024 ? containerPort + 8000 : containerPort);
  const begin = after === undefined ? usual : after + 1;
  for (let port = begin; port < begin + 500 && port + count - 1 <= 65535; port++) {
    if (Array.from({ length: count }, (_, i) => port + i).every(isFree)) return port;
  }
  return undefined;
}
