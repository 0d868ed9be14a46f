import { type LoadBalancerModel, VALUES_PATH } from './values.ts';

export const NGINX_CONF_PATH = '/etc/nginx/nginx.conf';
export const NGINX_CONF_MODE = 0o644;

/** Begins the line of an upstream whose name does not resolve; see script.ts. */
export const UNRESOLVED_MARK = '#unresolved';

/**
 * Renders nginx.conf as k3d-proxy's confd template does (recordings: files/NODE/etc/nginx/nginx.conf), but for the
 * head: theirs holds a time stamp, so that every rendering differs and confd always reloads; ours says who wrote it.
 * @param resolvable nodes that run when nginx starts; lines of others are marked. undefined: all
 */
export function renderNginxConf(model: LoadBalancerModel, resolvable?: ReadonlySet<string>): string {
  const timeout = model.settings.defaultProxyTimeout ?? 600;
  const blocks = listenersInTemplateOrder(model).map(listener => {
    const [port, protocol] = listener.split('.') as [string, string];
    const upstream = listener.replaceAll('.', '_');
    // confd lists the values of a key sorted by name, not in the order of the file.
    const servers = [...(model.ports[listener] ?? [])].sort().map(server => {
      const mark = resolvable && !resolvable.has(server) ? `${UNRESOLVED_MARK} ` : '';
      return `    ${mark}server ${server}:${port} max_fails=1 fail_timeout=10s;`;
    });
    if (servers.every(server => server.includes(UNRESOLVED_MARK))) servers.push('    server 127.0.0.1:1;');
    return `
  upstream ${upstream} {
${servers.join('\n')}
  }

  server {
    listen        ${port}${protocol === 'udp' ? ' udp' : ''};
    proxy_pass    ${upstream};
    proxy_timeout ${timeout};
    proxy_connect_timeout 2s;
  }
`;
  });
  return `###################################
# Rendered by k3dui from ${VALUES_PATH}
###################################

error_log stderr notice;

worker_processes auto;
events {
  multi_accept on;
  use epoll;
  worker_connections ${model.settings.workerConnections};
}

stream {
${blocks.join('')}
}
`;
}

/** confd's lsdir sorts keys as text: 443.tcp, 6443.tcp, 80.tcp. */
function listenersInTemplateOrder(model: LoadBalancerModel): string[] {
  return Object.keys(model.ports).sort();
}
