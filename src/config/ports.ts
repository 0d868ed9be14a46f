import { isIP } from 'node:net';
import { K3duiError } from '../errors.ts';
import { splitFlag } from './flag-filters.ts';

export type PortProtocol = 'tcp' | 'udp' | 'sctp';

/** One container port and the host port that leads to it. */
export interface PortMapping {
  /** Address to listen on; empty: all of them. IPv6 without brackets. */
  hostIP: string;
  /** undefined: Docker picks a free one. */
  hostPort: number | undefined;
  /** Last port of a host range for one container port: Docker picks one of the range. */
  hostPortEnd?: number;
  containerPort: number;
  protocol: PortProtocol;
}

export interface PortFlag {
  port: string;
  nodeFilters: string[];
}

const HINT =
  'write [IP:][HOST[-HOST]:]CONTAINER[-CONTAINER][/tcp|udp|sctp], for example 8080:80 or 127.0.0.1:8443:443/tcp';

/**
 * Docker's port grammar `[IP:][HOST[-HOST]:]CONT[-CONT][/PROTO]`; one mapping per container port. IPv6 goes in brackets;
 * ranges must be equally long, or a host range may serve one container port. Throws PORT_SPEC_INVALID with k3d's words.
 */
export function parsePortSpec(text: string): PortMapping[] {
  const fail = (why: string): never => {
    throw new K3duiError({
      code: 'PORT_SPEC_INVALID',
      message: `error parsing port spec '${text}': ${why}`,
      hint: HINT,
    });
  };
  const parts = text.split(':');
  const target = parts.pop() ?? '';
  const hostText = parts.pop() ?? '';
  const hostIP = parseAddress(parts.join(':')) ?? fail(`invalid IP address: ${parts.join(':')}`);

  const slash = target.indexOf('/');
  const containerText = slash < 0 ? target : target.slice(0, slash);
  if (containerText === '') fail('no port specified');
  const protocol = (slash < 0 ? '' : target.slice(slash + 1).toLowerCase()) || 'tcp';
  if (!isProtocol(protocol)) return fail(`invalid proto: ${protocol}`);
  const container = parseRange(containerText);
  if (!container || container.start === 0) return fail(`invalid containerPort: ${containerText}`);
  const host = hostText === '' ? undefined : (parseRange(hostText) ?? fail(`invalid hostPort: ${hostText}`));

  const count = container.end - container.start + 1;
  const hostCount = host ? host.end - host.start + 1 : count;
  if (count !== hostCount && count !== 1) {
    fail(`invalid ranges specified for container and host Ports: ${containerText} and ${hostText}`);
  }
  return Array.from({ length: count }, (_, i) => {
    // Port 0 is Docker's other way to say "any free one".
    const hostPort = host && (host.end > 0 ? host.start + i : undefined);
    const containerPort = container.start + i;
    return count === 1 && host && host.end > host.start
      ? { hostIP, hostPort, hostPortEnd: host.end, containerPort, protocol }
      : { hostIP, hostPort, containerPort, protocol };
  });
}

/** The shortest spec that parses to this mapping: `8080:80`, `[::1]:53:53/udp`, `127.0.0.1::80`, `80`. */
export function formatPortSpec(mapping: PortMapping): string {
  const address = mapping.hostIP.includes(':') ? `[${mapping.hostIP}]` : mapping.hostIP;
  const range = mapping.hostPortEnd === undefined ? '' : `-${mapping.hostPortEnd}`;
  const host = mapping.hostPort === undefined ? '' : `${mapping.hostPort}${range}`;
  const protocol = mapping.protocol === 'tcp' ? '' : `/${mapping.protocol}`;
  return `${address && `${address}:`}${host || address ? `${host}:` : ''}${mapping.containerPort}${protocol}`;
}

/** Key of a container port in values.yaml of the load balancer: `80.tcp`. k3d pkg/client/loadbalancer.go. */
export function upstreamKey(mapping: { containerPort: number; protocol: string }): string {
  return `${mapping.containerPort}.${mapping.protocol}`;
}

/** `8080:80@loadbalancer` → port and node filters. Throws when either part is malformed. */
export function parsePortFlag(text: string): PortFlag {
  const { value, nodeFilters } = splitFlag(text);
  parsePortSpec(value);
  return { port: value, nodeFilters };
}

/** All `--port` flags of one command. The same port spec twice is an error, as in k3d (cmd/cluster/clusterCreate.go). */
export function parsePortFlags(texts: string[]): PortFlag[] {
  const flags = texts.map(parsePortFlag);
  const twice = flags.find((flag, i) => flags.findIndex(other => other.port === flag.port) !== i);
  if (twice) {
    throw new K3duiError({
      code: 'PORT_SPEC_INVALID',
      message: `Same Portmapping can not be used for multiple nodes: '${twice.port}'`,
      hint: `name all its nodes in one flag: --port '${twice.port}@FILTER;FILTER'`,
    });
  }
  return flags;
}

function isProtocol(text: string): text is PortProtocol {
  return text === 'tcp' || text === 'udp' || text === 'sctp';
}

/** The address without brackets, '' for none, undefined when it is not an IP address. */
function parseAddress(text: string): string | undefined {
  if (text === '') return '';
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (bare !== text && isIP(bare) !== 6) return undefined;
  // Node takes zones (fe80::1%eth0), Docker does not.
  return isIP(bare) > 0 && !bare.includes('%') ? bare : undefined;
}

function parseRange(text: string): { start: number; end: number } | undefined {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = match[2] === undefined ? start : Number(match[2]);
  return end > 65535 || end < start ? undefined : { start, end };
}
