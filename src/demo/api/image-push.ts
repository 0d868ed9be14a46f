import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { splitReference } from '../images.ts';
import { registryPort } from '../programs/registry.ts';
import { storeOf } from '../programs/registry-store.ts';
import type { Container } from '../types.ts';
import type { World } from '../world.ts';
import type { Route } from './routes.ts';

const STEPS = 10;
/** Simulated milliseconds a push takes. */
const PUSH_MS = 1500;

/** The registry that a name like `localhost:5000` leads to from the engine's machine; throws what Docker answers. */
function registryAt(world: World, host: string): Container {
  const [name = '', port = ''] = host.split(':');
  const at = (ip: string) => `Get "http://${host}/v2/": dial tcp ${ip}`;
  if (!/^(localhost|[\d.]+)$/.test(name)) {
    throw new ApiError(500, `Get "https://${host}/v2/": dial tcp: lookup ${name} on 127.0.0.53:53: no such host`);
  }
  const found = [...world.containers.values()].find(container =>
    Object.values(container.ports).some(bindings => bindings?.some(binding => binding.HostPort === port)),
  );
  const listens = found?.program && registryPort(found.config.Env) in portsOf(found);
  if (!found || !listens) throw new ApiError(500, `${at('127.0.0.1')}:${port}: connect: connection refused`);
  return found;
}

const portsOf = ({ ports }: Container): Record<number, true> =>
  Object.fromEntries(Object.keys(ports).map(key => [Number.parseInt(key, 10), true]));

/** `localhost:5000/team/app` and `v1` → registry and what it calls the image. */
function split(reference: string): { host: string; repository: string; tag: string } {
  const { repository: name, tag } = splitReference(reference);
  const slash = name.indexOf('/');
  return { host: name.slice(0, slash), repository: name.slice(slash + 1), tag };
}

const push = async (call: Call): Promise<void> => {
  const reference = `${call.params[0]}:${call.query.get('tag') || 'latest'}`;
  const { host, repository, tag } = split(reference);
  const image = [...call.world.images.values()].find(other => other.tags.includes(splitReference(reference).familiar));
  if (!image) throw new ApiError(404, `An image does not exist locally with the tag: ${call.params[0]}`);
  call.stream('application/json');
  let gone = false;
  call.onGone(() => {
    gone = true;
  });
  const say = (message: object) => void (gone || call.res.write(`${JSON.stringify(message)}\r\n`));
  say({ status: `The push refers to repository [${call.params[0]}]` });
  const fail = (message: string) => {
    say({ errorDetail: { message }, error: message });
    call.res.end();
  };
  let registry: Container;
  try {
    registry = registryAt(call.world, host);
  } catch (error) {
    return fail((error as Error).message);
  }
  if (registry.config.Env?.some(line => line.startsWith('REGISTRY_PROXY_REMOTEURL='))) return fail('unsupported');
  const size = Math.round(image.size / 2.6);
  const layers = image.layers.map((layer, i) => ({
    id: layer.slice(7, 19),
    total: Math.round(size * (i === 0 ? 0.7 : 0.3 / (image.layers.length - 1 || 1))),
  }));
  for (let step = 1; step <= STEPS; step++) {
    await call.world.clock.sleep(PUSH_MS / STEPS);
    if (gone) return;
    for (const { id, total } of layers) {
      const current = Math.round((total * step) / STEPS);
      say({ status: 'Pushing', progressDetail: { current, total }, id });
    }
  }
  for (const { id } of layers) say({ status: 'Pushed', progressDetail: {}, id });
  const pushed = { platforms: ['linux/amd64'], size, created: image.created, salt: image.id };
  const digest = storeOf(registry).push(repository, tag, pushed);
  say({ status: `${tag}: digest: ${digest} size: 1570` });
  say({ progressDetail: {}, aux: { Tag: tag, Digest: digest, Size: 1570 } });
  call.res.end();
};

const distribution = (call: Call): void => {
  const { host, repository, tag } = split(call.params[0]!);
  const found = storeOf(registryAt(call.world, host)).manifest(repository, tag);
  if (!found) throw new ApiError(404, 'manifest unknown: manifest unknown');
  const { digest, type, text } = found;
  call.json(200, {
    Descriptor: { mediaType: type, digest, size: Buffer.byteLength(text) },
    Platforms: [{ architecture: 'amd64', os: 'linux' }],
  });
};

export const pushRoutes: Route[] = [
  ['POST', '/images/**/push', push],
  ['GET', '/distribution/**/json', distribution],
];
