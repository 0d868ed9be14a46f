import type { Call } from '../call.ts';
import { archiveRoutes } from './archive.ts';
import { createRoutes } from './container-create.ts';
import { inspectRoutes } from './container-inspect.ts';
import { lifeRoutes } from './container-life.ts';
import { listRoutes } from './container-list.ts';
import { logRoutes } from './container-logs.ts';
import { statsRoutes } from './container-stats.ts';
import { eventRoutes } from './events.ts';
import { execRoutes } from './exec.ts';
import { imageFileRoutes } from './image-files.ts';
import { pullRoutes } from './image-pull.ts';
import { pushRoutes } from './image-push.ts';
import { imageRoutes } from './images.ts';
import { networkRoutes } from './networks.ts';
import { systemRoutes } from './system.ts';
import { volumeRoutes } from './volumes.ts';

export type Handler = (call: Call) => void | Promise<void>;

/** Method, path pattern (`*` is one segment, `**` is one or more), handler. */
export type Route = [method: string, pattern: string, handler: Handler];

const ROUTES: [string, RegExp, Handler][] = [
  ...systemRoutes,
  ...eventRoutes,
  ...listRoutes,
  ...createRoutes,
  ...inspectRoutes,
  ...lifeRoutes,
  ...logRoutes,
  ...statsRoutes,
  ...archiveRoutes,
  ...execRoutes,
  ...networkRoutes,
  ...volumeRoutes,
  ...pullRoutes,
  ...pushRoutes,
  ...imageFileRoutes,
  ...imageRoutes,
].map(([method, pattern, handler]) => {
  const source = pattern.replaceAll('**', '(.+)').replaceAll('*', '([^/]+)');
  return [method, new RegExp(`^${source}$`), handler];
});

/** The handler for the call, with `call.params` filled in; undefined when there is none. */
export function findRoute(call: Call): Handler | undefined {
  for (const [method, pattern, handler] of ROUTES) {
    if (method !== call.method) continue;
    const match = pattern.exec(call.path);
    if (!match) continue;
    call.params = match.slice(1).map(decodeURIComponent);
    return handler;
  }
  return undefined;
}
