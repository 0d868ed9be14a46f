import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { anyMatch, type Filters, labelsMatch, oneOf, parseFilters } from '../filters.ts';
import { isUp } from '../life.ts';
import type { Container } from '../types.ts';
import { endpointShape, mountShape } from './container-inspect.ts';
import type { Route } from './routes.ts';

const STATUSES = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'];

const list = (call: Call): void => {
  const filters = parseFilters(call.query.get('filters'));
  for (const status of filters.get('status') ?? []) {
    if (!STATUSES.includes(status)) throw new ApiError(400, `invalid filter 'status=${status}'`);
  }
  const limit = Number(call.query.get('limit') ?? 0);
  const all = call.flag('all') || limit > 0 || filters.has('status');
  let found = [...call.world.containers.values()]
    .filter(container => (all || isUp(container)) && fits(container, filters))
    .sort((a, b) => b.created - a.created);
  if (limit > 0) found = found.slice(0, limit);
  call.json(
    200,
    found.map(container => summary(container, call.flag('size'))),
  );
};

function fits(container: Container, filters: Filters): boolean {
  const networks = [...container.endpoints.values()].flatMap(({ network }) => [network.name, network.id]);
  const mounts = container.mounts.flatMap(mount => [mount.name ?? mount.source, mount.destination]);
  const image = [container.image.id, container.config.Image ?? '', ...container.image.tags];
  return (
    labelsMatch(filters, container.config.Labels) &&
    anyMatch(filters, 'name', [`/${container.name}`, container.name]) &&
    (filters.get('id') ?? ['']).some(id => container.id.startsWith(id)) &&
    oneOf(filters, 'status', [container.status]) &&
    oneOf(filters, 'network', networks) &&
    oneOf(filters, 'volume', mounts) &&
    oneOf(filters, 'ancestor', image) &&
    (!filters.get('exited')?.length ||
      (container.status === 'exited' && oneOf(filters, 'exited', [String(container.exitCode)])))
  );
}

function summary(container: Container, withSize: boolean): object {
  const networks = Object.fromEntries(
    [...container.endpoints].map(([name, endpoint]) => [name, endpointShape(container, endpoint)]),
  );
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.config.Image,
    ImageID: container.image.id,
    Command: [container.path, ...container.args].map(word => (/\s/.test(word) ? `'${word}'` : word)).join(' '),
    Created: Math.floor(container.created / 1000),
    Ports: ports(container),
    ...(withSize ? { SizeRw: 4096, SizeRootFs: container.image.size } : {}),
    Labels: container.config.Labels ?? {},
    State: container.status,
    Status: statusText(container),
    HostConfig: { NetworkMode: container.hostConfig.NetworkMode },
    NetworkSettings: { Networks: networks },
    Mounts: container.mounts.map(mountShape),
  };
}

function ports(container: Container): object[] {
  return Object.entries(container.ports).flatMap(([key, bindings]) => {
    const [number, Type = 'tcp'] = key.split('/');
    const PrivatePort = Number(number);
    if (!bindings) return [{ PrivatePort, Type }];
    return bindings.map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort, PublicPort: Number(HostPort), Type }));
  });
}

/** Docker's words: `Up 3 minutes`, `Exited (1) 2 hours ago`. */
export function statusText(container: Container): string {
  const since = (ms: number) => humanDuration(Math.max(0, Date.now() - ms));
  switch (container.status) {
    case 'running':
      return `Up ${since(container.startedAt)}`;
    case 'paused':
      return `Up ${since(container.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${container.exitCode}) ${since(container.finishedAt)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'created':
      return 'Created';
    case 'exited':
      return container.startedAt === 0
        ? 'Created'
        : `Exited (${container.exitCode}) ${since(container.finishedAt)} ago`;
  }
}

/** Docker's rough durations (go-units). */
function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(seconds / 3600);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}

export const listRoutes: Route[] = [['GET', '/containers/json', list]];
