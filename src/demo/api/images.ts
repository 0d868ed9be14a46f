import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { stampMs } from '../clock.ts';
import { labelsMatch, oneOf, parseFilters } from '../filters.ts';
import { splitReference } from '../images.ts';
import type { Image } from '../types.ts';
import type { Route } from './routes.ts';

const list = (call: Call): void => {
  const filters = parseFilters(call.query.get('filters'));
  const dangling = filters.get('dangling')?.[0];
  const found = [...call.world.images.values()]
    .filter(
      image =>
        labelsMatch(filters, image.config.Labels) &&
        (dangling === undefined || /^(1|true)$/.test(dangling) === (image.tags.length === 0)) &&
        oneOf(filters, 'reference', [...image.tags, ...image.tags.map(tag => splitReference(tag).repository)]),
    )
    .sort((a, b) => b.created - a.created);
  call.json(
    200,
    found.map(image => ({
      Id: image.id,
      ParentId: '',
      RepoTags: image.tags,
      RepoDigests: image.digests,
      Created: Math.floor(image.created / 1000),
      Size: image.size,
      SharedSize: -1,
      Labels: image.config.Labels ?? null,
      Containers: -1,
    })),
  );
};

function imageShape(image: Image): object {
  return {
    Id: image.id,
    RepoTags: image.tags,
    RepoDigests: image.digests,
    Parent: '',
    Comment: '',
    Created: stampMs(image.created),
    DockerVersion: '',
    Author: '',
    Config: { Hostname: '', User: '', Labels: null, ...image.config },
    Architecture: 'amd64',
    Os: 'linux',
    Size: image.size,
    GraphDriver: { Data: null, Name: 'overlay2' },
    RootFS: { Type: 'layers', Layers: image.layers },
    Metadata: { LastTagTime: stampMs(image.created) },
  };
}

const inspect = (call: Call): void => call.json(200, imageShape(call.world.image(call.params[0]!)));

const history = (call: Call): void => {
  const image = call.world.image(call.params[0]!);
  call.json(200, [
    {
      Id: image.id,
      Created: Math.floor(image.created / 1000),
      CreatedBy: 'demo',
      Tags: image.tags,
      Size: image.size,
      Comment: '',
    },
  ]);
};

const tag = (call: Call): void => {
  const image = call.world.image(call.params[0]!);
  const repo = call.query.get('repo');
  if (!repo) throw new ApiError(400, 'repository name must have at least one component');
  const { familiar } = splitReference(call.query.get('tag') ? `${repo}:${call.query.get('tag')}` : repo);
  for (const other of call.world.images.values()) other.tags = other.tags.filter(known => known !== familiar);
  image.tags.push(familiar);
  call.world.events.emit('image', 'tag', image.id, { name: familiar });
  call.empty(201);
};

const remove = (call: Call): void => {
  const reference = call.params[0]!;
  const image = call.world.image(reference);
  const { familiar } = splitReference(reference);
  const answer: object[] = [];
  if (image.tags.includes(familiar) && image.tags.length > 1) {
    image.tags = image.tags.filter(known => known !== familiar);
    call.json(200, [{ Untagged: familiar }]);
    return;
  }
  const user = [...call.world.containers.values()].find(container => container.image === image);
  if (user && (user.program || !call.flag('force'))) {
    const doing = user.program ? 'image is being used by running' : 'image is being used by stopped';
    const head = user.program ? 'cannot be forced' : 'must be forced';
    throw new ApiError(
      409,
      `conflict: unable to remove repository reference "${reference}" (${head}) - ${doing} container ${user.id.slice(0, 12)}`,
    );
  }
  call.world.images.delete(image.id);
  for (const name of image.tags) answer.push({ Untagged: name });
  answer.push({ Deleted: image.id });
  call.world.events.emit('image', 'delete', image.id, { name: image.id });
  call.json(200, answer);
};

export const imageRoutes: Route[] = [
  ['GET', '/images/json', list],
  ['GET', '/images/**/json', inspect],
  ['GET', '/images/**/history', history],
  ['POST', '/images/**/tag', tag],
  ['DELETE', '/images/**', remove],
];
