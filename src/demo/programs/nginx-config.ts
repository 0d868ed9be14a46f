import { load } from 'js-yaml';
import type { Container } from '../types.ts';

export interface Upstream {
  name: string;
  port: number;
}

export interface NginxListener {
  port: number;
  udp: boolean;
  upstreams: Upstream[];
}

/** What the load balancer's process has loaded, kept in its container's memory under this key. */
const ACTIVE = 'nginx';

export const setActive = (container: Container, config: NginxListener[]): void =>
  void container.memory.set(ACTIVE, config);

/** Where connections to a port go; empty when nothing listens there. */
export function upstreams(container: Container, port: number): Upstream[] {
  const active = (container.memory.get(ACTIVE) as NginxListener[] | undefined) ?? [];
  return active.find(listener => listener.port === port && !listener.udp)?.upstreams ?? [];
}

/** Reads as much of an nginx.conf as load balancers use; throws an Error with nginx' own words. */
export function parseNginx(text: string): NginxListener[] {
  const plain = text.replace(/#.*$/gm, '');
  if ((plain.match(/{/g) ?? []).length !== (plain.match(/}/g) ?? []).length) {
    throw new Error(`unexpected end of file, expecting "}" in /etc/nginx/nginx.conf:${text.split('\n').length}`);
  }
  const groups = new Map<string, Upstream[]>();
  for (const [, name = '', body = ''] of plain.matchAll(/upstream\s+(\S+)\s*{([^}]*)}/g)) {
    const servers = [...body.matchAll(/server\s+([^\s:;]+)(?::(\d+))?[^;]*;/g)];
    if (servers.length === 0)
      throw new Error(`no servers are inside upstream in /etc/nginx/nginx.conf:${lineOf(text, `upstream ${name}`)}`);
    groups.set(
      name,
      servers.map(([, host = '', port]) => ({ name: host, port: Number(port ?? 80) })),
    );
  }
  const listeners: NginxListener[] = [];
  for (const [, body = ''] of plain.matchAll(/server\s*{([^{}]*)}/g)) {
    const pass = /proxy_pass\s+([^;\s]+)\s*;/.exec(body)?.[1];
    for (const [, listen = '', rest = ''] of body.matchAll(/listen\s+([^;\s]+)([^;]*);/g)) {
      const port = Number(listen.split(':').at(-1));
      const direct = /^([^:]+):(\d+)$/.exec(pass ?? '');
      const behind = groups.get(pass ?? '') ?? (direct ? [{ name: direct[1]!, port: Number(direct[2]) }] : undefined);
      if (!behind)
        throw new Error(`host not found in upstream "${pass}" in /etc/nginx/nginx.conf:${lineOf(text, 'proxy_pass')}`);
      listeners.push({ port, udp: /\budp\b/.test(rest), upstreams: behind });
    }
  }
  return listeners;
}

const lineOf = (text: string, part: string): number =>
  Math.max(1, text.split('\n').findIndex(line => line.includes(part)) + 1);

/** The nginx.conf that k3d's proxy image makes of its values file: `ports: {80.tcp: [node, …]}`, `settings`. Throws for bad YAML. */
export function renderValues(yaml: string): string {
  const values = (load(yaml) ?? {}) as { ports?: Record<string, string[] | null>; settings?: Record<string, unknown> };
  const timeout = values.settings?.defaultProxyTimeout ?? 600;
  const blocks = Object.entries(values.ports ?? {}).map(([key, nodes]) => {
    const [port, protocol = 'tcp'] = key.split('.');
    const group = `${port}_${protocol}`;
    const servers = (nodes ?? []).map(node => `    server ${node}:${port} max_fails=1 fail_timeout=10s;\n`).join('');
    const udp = protocol === 'udp' ? ' udp' : '';
    return `  upstream ${group} {\n${servers}  }\n\n  server {\n    listen        ${port}${udp};\n    proxy_pass    ${group};\n    proxy_timeout ${timeout};\n    proxy_connect_timeout 2s;\n  }\n`;
  });
  return `error_log stderr notice;\n\nworker_processes auto;\nevents {\n  multi_accept on;\n  use epoll;\n  worker_connections ${values.settings?.workerConnections ?? 1024};\n}\n\nstream {\n\n${blocks.join('\n')}\n}\n`;
}
