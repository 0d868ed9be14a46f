import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Process, Program } from '../types.ts';
import type { World } from '../world.ts';
import { timeline } from './timeline.ts';

/** Repository → tags, kept in the container's memory. */
export const repositories = (container: Process['container']): Map<string, Set<string>> => {
  const known = container.memory.get('repositories') as Map<string, Set<string>> | undefined;
  const map = known ?? new Map<string, Set<string>>();
  container.memory.set('repositories', map);
  return map;
};

/** An image registry: answers the questions of its HTTP API, holds names and tags only. */
export function registry(world: World, process: Process): Program {
  const { container } = process;
  const setting = (container.config.Env ?? []).find(entry => entry.startsWith('REGISTRY_HTTP_ADDR='));
  const port = Number(setting?.split(':').at(-1) ?? 5000);
  const line = (level: string, message: string) =>
    process.err(
      `time="${new Date().toISOString()}" level=${level} msg=${JSON.stringify(message)} go.version=go1.20.8 service=registry version=2.8.3`,
    );
  timeline(process, [
    [20, () => line('warning', 'No HTTP secret provided - generated random secret.')],
    [40, () => line('info', 'redis not configured')],
    [60, () => line('info', `listening on [::]:${port}`)],
  ]);
  return {
    signal: name =>
      ['SIGTERM', 'SIGINT', 'SIGQUIT'].includes(name) &&
      process.after(100, () => process.exit(name === 'SIGQUIT' ? 131 : 2)),
    connect: (to, socket) => {
      if (to !== port) return void socket.destroy();
      world.kubernetes.servePage(socket, (req, res) => {
        answer(container, req, res);
        process.out(`${req.socket.remoteAddress} - - "${req.method} ${req.url} HTTP/1.1" ${res.statusCode} ""`);
      });
    },
    exec: () => undefined,
    processes: () => ['registry serve /etc/docker/registry/config.yml'],
  };
}

function answer(container: Process['container'], req: IncomingMessage, res: ServerResponse): void {
  const json = (status: number, body: object) => {
    res.writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Docker-Distribution-Api-Version': 'registry/2.0',
    });
    res.end(req.method === 'HEAD' ? undefined : JSON.stringify(body));
  };
  const { pathname } = new URL(req.url ?? '/', 'http://registry');
  if (/^\/v2\/?$/.test(pathname)) {
    json(200, {});
    return;
  }
  if (pathname === '/v2/_catalog') {
    json(200, { repositories: [...repositories(container).keys()].sort() });
    return;
  }
  const name = /^\/v2\/(.+)\/tags\/list$/.exec(pathname)?.[1];
  const tags = name ? repositories(container).get(name) : undefined;
  if (tags) {
    json(200, { name, tags: [...tags].sort() });
    return;
  }
  const [code, message] = name ? ['NAME_UNKNOWN', 'repository name not known to registry'] : ['NOT_FOUND', 'not found'];
  json(404, { errors: [{ code, message, detail: { name } }] });
}
