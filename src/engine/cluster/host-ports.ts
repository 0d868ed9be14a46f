import { randomInt } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { ContainerSummary } from '../../docker/types.ts';

/** A socket of this machine that listens. */
export interface ListeningSocket {
  address: string;
  port: number;
  protocol: 'tcp' | 'udp';
  /** Command name and pid, where /proc lets us see them: `nginx (812)`. */
  owner?: string;
}

/**
 * The listening sockets of this machine, from /proc; empty where there is none (macOS, Windows).
 * Owners are only looked up for the ports asked for, as that means walking over every process.
 */
export async function listeningSockets(ownersOf: number[] = []): Promise<ListeningSocket[]> {
  const tables = [
    ['tcp', '/proc/net/tcp'],
    ['tcp', '/proc/net/tcp6'],
    ['udp', '/proc/net/udp'],
    ['udp', '/proc/net/udp6'],
  ] as const;
  const sockets = (
    await Promise.all(tables.map(async ([protocol, path]) => parseTable(await readText(path), protocol)))
  ).flat();
  const wanted = sockets.filter(socket => ownersOf.includes(socket.port));
  if (wanted.length > 0) await findOwners(wanted);
  return sockets.map(({ inode: _, ...socket }) => socket);
}

type Row = ListeningSocket & { inode: string };

/** Rows of /proc/net/tcp in state LISTEN (0A), or of udp unconnected (07). */
function parseTable(text: string, protocol: 'tcp' | 'udp'): Row[] {
  const state = protocol === 'tcp' ? '0A' : '07';
  const rows: Row[] = [];
  for (const line of text.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    const [address, port] = (columns[1] ?? '').split(':');
    if (columns[3] !== state || address === undefined || port === undefined) continue;
    rows.push({ address: formatAddress(address), port: Number.parseInt(port, 16), protocol, inode: columns[9] ?? '' });
  }
  return rows;
}

/** The kernel prints addresses as little-endian words. */
function formatAddress(hex: string): string {
  if (hex.length === 8) return [3, 2, 1, 0].map(i => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)).join('.');
  if (/^0+$/.test(hex)) return '::';
  if (/^0{16}FFFF0000/i.test(hex)) return formatAddress(hex.slice(24));
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap(word => (word.match(/../g) ?? []).reverse());
  return (bytes.join('').match(/.{4}/g) ?? []).map(group => Number.parseInt(group, 16).toString(16)).join(':');
}

async function findOwners(rows: Row[]): Promise<void> {
  const byInode = new Map(rows.map(row => [`socket:[${row.inode}]`, row]));
  for (const pid of (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const row = byInode.get(await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => ''));
      if (row) row.owner = `${(await readText(`/proc/${pid}/comm`)).trim()} (${pid})`;
    }
  }
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/**
 * Below what systems give out by themselves (Linux from 32768 on, others from 49152), and below NodePorts: nothing takes
 * such a port between its choice and its use, or while the cluster that has it is stopped. k3d takes any that the kernel
 * gives out (cmd/util/ports.go).
 */
const FIRST = 12_000;
const COUNT = 5_000;
const TRIES = 200;

/**
 * Two TCP ports for a cluster whose user named none: not `taken`, and `canBind`. When next to none is free the last ones
 * tried, so that the conflict is told like any other.
 */
export async function freePorts(
  taken: ReadonlySet<number>,
  canBind: (port: number) => Promise<boolean>,
): Promise<[number, number]> {
  const found: number[] = [];
  let port = FIRST;
  for (let tries = 0; found.length < 2 && tries < TRIES; tries++) {
    port = FIRST + randomInt(COUNT);
    if (!taken.has(port) && !found.includes(port) && (await canBind(port))) found.push(port);
  }
  return [found[0] ?? port, found[1] ?? port];
}

/** Ports that clusters and registries have by their labels, also while they are stopped. */
export function labelledPorts(containers: readonly ContainerSummary[]): Set<number> {
  const labels = ['k3d.server.api.port', 'k3s.registry.port.external'];
  return new Set(containers.flatMap(({ Labels }) => labels.map(label => Number(Labels?.[label]))).filter(Boolean));
}

/** True when a program of this machine can listen on that TCP port, on all addresses. */
export function canListen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
