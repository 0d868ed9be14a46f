import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { stampMs } from '../clock.ts';
import { anyMatch, labelsMatch, oneOf, parseFilters } from '../filters.ts';
import { newId } from '../ids.ts';
import type { Volume } from '../types.ts';
import type { World } from '../world.ts';
import type { Route } from './routes.ts';

const shape = (volume: Volume): object => ({
  CreatedAt: stampMs(volume.created).replace(/\.\d+Z$/, 'Z'),
  Driver: 'local',
  Labels: volume.anonymous ? { 'com.docker.volume.anonymous': '' } : volume.labels,
  Mountpoint: `/var/lib/docker/volumes/${volume.name}/_data`,
  Name: volume.name,
  Options: volume.options,
  Scope: 'local',
});

const users = (world: World, volume: Volume) =>
  [...world.containers.values()].filter(container => container.mounts.some(mount => mount.name === volume.name));

const list = (call: Call): void => {
  const filters = parseFilters(call.query.get('filters'));
  const dangling = filters.get('dangling')?.[0];
  const found = [...call.world.volumes.values()].filter(
    volume =>
      labelsMatch(filters, volume.labels) &&
      anyMatch(filters, 'name', [volume.name]) &&
      oneOf(filters, 'driver', ['local']) &&
      (dangling === undefined || /^(1|true)$/.test(dangling) === (users(call.world, volume).length === 0)),
  );
  call.json(200, { Volumes: found.map(shape), Warnings: null });
};

function find(call: Call): Volume {
  const volume = call.world.volumes.get(call.params[0]!);
  if (!volume) throw new ApiError(404, `get ${call.params[0]}: no such volume`);
  return volume;
}

const inspect = (call: Call): void => call.json(200, shape(find(call)));

const create = async (call: Call): Promise<void> => {
  const body = await call.body<{
    Name: string;
    Labels: Record<string, string>;
    DriverOpts: Record<string, string>;
    Driver: string;
  }>();
  if (body.Driver && body.Driver !== 'local')
    throw new ApiError(404, `error looking up volume plugin ${body.Driver}: plugin "${body.Driver}" not found`);
  if (body.Name && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(body.Name)) {
    throw new ApiError(
      400,
      `create ${body.Name}: "${body.Name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
  call.json(201, shape(call.world.volume(body.Name || newId(), body.Labels ?? {}, !body.Name)));
};

const remove = (call: Call): void => {
  const volume = find(call);
  const using = users(call.world, volume);
  if (using.length > 0) {
    throw new ApiError(
      409,
      `remove ${volume.name}: volume is in use - [${using.map(container => container.id).join(', ')}]`,
    );
  }
  call.world.volumes.delete(volume.name);
  call.world.events.emit('volume', 'destroy', volume.name, { driver: 'local' });
  call.empty(204);
};

const prune = (call: Call): void => {
  const filters = parseFilters(call.query.get('filters'));
  const all = /^(1|true)$/.test(filters.get('all')?.[0] ?? '');
  const gone = [...call.world.volumes.values()].filter(
    volume =>
      (all || volume.anonymous) && labelsMatch(filters, volume.labels) && users(call.world, volume).length === 0,
  );
  for (const volume of gone) call.world.volumes.delete(volume.name);
  call.json(200, { VolumesDeleted: gone.map(volume => volume.name), SpaceReclaimed: 0 });
};

export const volumeRoutes: Route[] = [
  ['GET', '/volumes', list],
  ['POST', '/volumes/create', create],
  ['POST', '/volumes/prune', prune],
  ['GET', '/volumes/*', inspect],
  ['DELETE', '/volumes/*', remove],
];
