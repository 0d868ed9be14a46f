import { renderNginxConf, UNRESOLVED_MARK } from './nginx.ts';
import { type LoadBalancerModel, sortedListeners } from './values.ts';

/** What of an nginx.conf matters for a load balancer. */
interface Outline {
  workerConnections: string;
  listeners: Map<string, { servers: string[]; timeout: string }>;
}

/**
 * Where an nginx.conf says something else than the model, in words, a line each; empty when it says the same. Comments
 * (k3d's time stamp), blank lines and the order of servers do not count, and lines that are commented out because their
 * node does not run count as if they were live.
 */
export function nginxDifferences(model: LoadBalancerModel, text: string): string[] {
  if (text.trim() === '') return ['there is no nginx.conf yet: it is written when the load balancer starts'];
  const expected = renderNginxConf(model);
  if (sameLines(plainLines(expected), plainLines(text))) return [];
  const wanted = outline(expected);
  const found = outline(text);
  const said: string[] = [];
  if (wanted.workerConnections !== found.workerConnections) {
    said.push(`worker_connections is ${found.workerConnections || 'not set'} instead of ${wanted.workerConnections}`);
  }
  for (const listener of sortedListeners(model)) {
    const [want, have] = [wanted.listeners.get(listener)!, found.listeners.get(listener)];
    if (!have) {
      said.push(`nothing listens on ${listener.replace('.', '/')}`);
      continue;
    }
    const missing = want.servers.filter(server => !have.servers.includes(server));
    const extra = have.servers.filter(server => !want.servers.includes(server));
    if (missing.length > 0) said.push(`${listener.replace('.', '/')} does not lead to ${missing.join(', ')}`);
    if (extra.length > 0) said.push(`${listener.replace('.', '/')} also leads to ${extra.join(', ')}`);
    if (want.timeout !== have.timeout) {
      said.push(
        `proxy_timeout of ${listener.replace('.', '/')} is ${have.timeout || 'not set'} instead of ${want.timeout}`,
      );
    }
  }
  for (const listener of found.listeners.keys()) {
    if (!(listener in model.ports)) said.push(`it also listens on ${listener.replace('.', '/')}`);
  }
  // A plain nginx starts without values of k3d's; whatever else differs is told without being understood.
  return said.length > 0 || sameLines(plainLines(expected).sort(), plainLines(text).sort())
    ? said
    : ['it holds lines that k3dui would not write'];
}

function plainLines(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.trim().replace(/\s+/g, ' '))
    .map(line => (line.startsWith(UNRESOLVED_MARK) ? line.slice(UNRESOLVED_MARK.length).trim() : line))
    .filter(line => line !== '' && !line.startsWith('#') && line !== 'server 127.0.0.1:1;');
}

function sameLines(left: string[], right: string[]): boolean {
  return left.length === right.length && left.every((line, i) => line === right[i]);
}

function outline(text: string): Outline {
  const plain = plainLines(text).join('\n');
  const groups = new Map<string, string[]>();
  for (const [, name = '', body = ''] of plain.matchAll(/upstream (\S+) {([^}]*)}/g)) {
    groups.set(
      name,
      [...body.matchAll(/server ([^\s;]+)/g)].map(match => match[1]!.replace(/:\d+$/, '')),
    );
  }
  const listeners: Outline['listeners'] = new Map();
  for (const [, body = ''] of plain.matchAll(/\bserver {([^{}]*)}/g)) {
    const [, port = '', udp] = /listen (\d+)( udp)?/.exec(body) ?? [];
    const servers = groups.get(/proxy_pass (\S+);/.exec(body)?.[1] ?? '') ?? [];
    const timeout = /proxy_timeout ([^;]+);/.exec(body)?.[1] ?? '';
    listeners.set(`${port}.${udp ? 'udp' : 'tcp'}`, { servers, timeout });
  }
  return { workerConnections: /worker_connections (\d+);/.exec(plain)?.[1] ?? '', listeners };
}
