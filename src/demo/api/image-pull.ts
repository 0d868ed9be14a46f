import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { makeImage } from '../image-catalog.ts';
import { splitReference } from '../images.ts';
import type { Route } from './routes.ts';

const STEPS = 12;
/** Simulated milliseconds a pull takes. */
const PULL_MS = 3000;

const pull = async (call: Call): Promise<void> => {
  const from = call.query.get('fromImage');
  if (!from) throw new ApiError(400, 'only pulls are simulated: fromImage is missing');
  const tag = call.query.get('tag') ?? '';
  const text = tag ? (tag.includes(':') ? `${from}@${tag}` : `${from}:${tag}`) : from;
  const { repository, familiar, tag: shownTag, digest } = splitReference(text);
  if (!/^[a-z0-9]+([._/:-]+[a-z0-9]+)*$/.test(repository)) throw new ApiError(400, 'invalid reference format');
  if (!call.world.pullable(familiar)) {
    throw new ApiError(
      404,
      `pull access denied for ${repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    );
  }
  call.stream('application/json');
  let gone = false;
  call.onGone(() => {
    gone = true;
  });
  const say = (message: object) => void (gone || call.res.write(`${JSON.stringify(message)}\r\n`));
  const image = makeImage(familiar, Date.now());
  say({
    status: `Pulling from ${repository.includes('/') ? repository : `library/${repository}`}`,
    id: shownTag || digest,
  });
  const known = call.world.images.has(image.id);
  const layers = image.layers.map((layer, i) => ({
    id: layer.slice(7, 19),
    total: Math.round((image.size / 2.6) * (i === 0 ? 0.7 : 0.3 / (image.layers.length - 1 || 1))),
  }));
  if (!known) {
    for (const { id } of layers) say({ status: 'Pulling fs layer', progressDetail: {}, id });
    for (let step = 1; step <= STEPS; step++) {
      await call.world.clock.sleep(PULL_MS / STEPS);
      // A caller who goes away ends the pull, as with Docker.
      if (gone) return;
      for (const layer of layers) say(progress(step, layer));
    }
  }
  say({ status: `Digest: ${image.digests[0]!.split('@')[1]}` });
  say({ status: `Status: ${known ? 'Image is up to date' : 'Downloaded newer image'} for ${familiar}` });
  if (!known) call.world.images.set(image.id, image);
  call.world.events.emit('image', 'pull', familiar, { name: repository });
  call.res.end();
};

/** Two thirds of the steps download, the rest extract. */
function progress(step: number, { id, total }: { id: string; total: number }): object {
  const downloading = Math.round(STEPS * 0.66);
  if (step < downloading) {
    const current = Math.round((total * step) / downloading);
    return { status: 'Downloading', progressDetail: { current, total }, progress: bar(current, total), id };
  }
  if (step === downloading) return { status: 'Download complete', progressDetail: {}, id };
  if (step === STEPS) return { status: 'Pull complete', progressDetail: {}, id };
  const current = Math.round((total * (step - downloading)) / (STEPS - downloading));
  return { status: 'Extracting', progressDetail: { current, total }, progress: bar(current, total), id };
}

function bar(current: number, total: number): string {
  const done = Math.round((current / total) * 50);
  const mb = (n: number) => `${(n / 1e6).toFixed(2)}MB`;
  return `[${`${'='.repeat(Math.max(0, done - 1))}>`.padEnd(50)}]  ${mb(current)}/${mb(total)}`;
}

export const pullRoutes: Route[] = [['POST', '/images/create', pull]];
