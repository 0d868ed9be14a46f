import { shellWord } from '../../config/command-line.ts';
import type { Route, ServicePort } from '../../kubernetes/traffic.ts';
import type { PortRow } from '../ports/table.ts';
import type { Ground } from './context.ts';
import type { Exposure, Hop, Part } from './model.ts';

/** Ports that speak HTTP by custom, and TLS. */
const WEB: ReadonlySet<number> = new Set([80, 443, 3000, 5000, 8000, 8080, 8081, 8443, 8888, 9000, 9090]);
const SECURE: ReadonlySet<number> = new Set([443, 6443, 8443, 9443]);

/** As far as the name and number of a port tell. */
export const speaksHttp = ({ name, port, protocol }: ServicePort): boolean =>
  protocol === 'tcp' && (/^(https?|web|websecure|www|ui|dashboard)(-|$)/i.test(name) || WEB.has(port));

export const isSecurePort = ({ name, port }: Pick<ServicePort, 'name' | 'port'>): boolean =>
  /^(https|websecure)(-|$)/i.test(name) || (SECURE.has(port) && !/^http(-|$)/i.test(name));

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);

/** Of what a browser opens; without the port where that is the scheme's own. */
export function webUrl(secure: boolean, host: string, port: number, path: string): string {
  const shown = port === (secure ? 443 : 80) ? '' : `:${port}`;
  return `${secure ? 'https' : 'http'}://${bracketed(host)}${shown}${path}`;
}

/** Where a Service's port is found from this machine: a URL for what a browser opens, else `udp://127.0.0.1:53`. */
export function wayUrl({ hostOf }: Ground, { hostIP, hostPort, kind }: PortRow, port: ServicePort): string {
  const host = hostOf(hostIP, hostPort);
  if (kind === 'api') return webUrl(true, host, hostPort, '/');
  if (speaksHttp(port)) return webUrl(isSecurePort(port), host, hostPort, '/');
  return `${port.protocol}://${bracketed(host)}:${hostPort}`;
}

/** Where an Ingress' route is found; a host that stands for many keeps its star. */
export function ingressUrl({ hostOf }: Ground, { hostIP, hostPort }: PortRow, { host, path, secure }: Route): string {
  return webUrl(secure, host === '' ? hostOf(hostIP, hostPort) : host, hostPort, path);
}

/** A name that can be asked for: letters, digits, dots, hyphens. What a hostile object may hold is none. */
export const isHostName = (host: string): boolean =>
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(host);

/** A path that can be asked for as it is. */
export const isPlainPath = (path: string): boolean => /^\/[\w.~!$&'()*+,;=:@%/-]*$/.test(path);

/**
 * The outermost hop: the name resolves, and something answers there.
 * @param web the Host header and path of a request; absent: a connection that is held open is all that can be told
 */
export function urlHop(
  text: string,
  address: string,
  port: number,
  web: { host: string; path: string; secure: boolean } | undefined,
): Hop {
  const parts: Part[] = [];
  const named = web !== undefined && web.host !== '' && web.host !== address;
  if (named && isHostName(web.host)) {
    parts.push({ label: 'name', target: { how: 'resolve', host: web.host, address } });
  }
  const asked = web !== undefined && (web.host === '' || isHostName(web.host)) && isPlainPath(web.path);
  if (asked) {
    const { secure, path } = web;
    const host = web.host === '' ? address : web.host;
    parts.push({ label: 'request', target: { how: 'request', request: { address, port, secure, host, path } } });
  } else if (web === undefined) {
    parts.push({ label: 'connection', target: { how: 'hold', host: address, port } });
  }
  return { kind: 'url', title: 'URL', text, short: text.replace(/^https?:\/\//, '').replace(/\/$/, ''), parts };
}

/**
 * A curl line that works also where the name does not resolve; undefined for what curl cannot ask for.
 * @param resolves what this machine's resolver said of the name; undefined: not asked yet
 */
export function curlLine(
  { urls, host }: Pick<Exposure, 'urls' | 'host'>,
  address: string,
  resolves?: boolean,
): string | undefined {
  const [first] = urls;
  if (first === undefined || !/^https?:/.test(first) || !URL.canParse(first)) return undefined;
  const { protocol, port } = new URL(first);
  const secure = protocol === 'https:';
  const number = port === '' ? (secure ? '443' : '80') : port;
  const insecure = secure ? ' -k' : '';
  if (host === '' || !isHostName(host) || resolves === true) return `curl${insecure} ${shellWord(first)}`;
  return `curl${insecure} --resolve ${host}:${number}:${address} ${shellWord(first)}`;
}
