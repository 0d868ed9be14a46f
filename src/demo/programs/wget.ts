import type { Builtin } from './commands.ts';
import { registryPort } from './registry.ts';
import { storeOf } from './registry-store.ts';

/** `wget … http://NAME:PORT/v2/…`: asks a registry by its name on the container's networks. */
export const wget: Builtin = ({ world, container, args, io }) => {
  const address = args.at(-1) ?? '';
  const fail = (why: string): number => {
    io.err(`wget: ${why}\n`);
    return 1;
  };
  if (!URL.canParse(address)) return fail(`not an http or ftp url: ${address}`);
  const { hostname, port, pathname } = new URL(address);
  const target = world.resolve(container, hostname)?.container;
  if (!target) return fail(`bad address '${hostname}:${port}'`);
  const isRegistry = registryPort(target.config.Env) === Number(port || 80);
  if (!target.program || !isRegistry) return fail("can't connect to remote host: Connection refused");
  const [, repository, reference] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(pathname) ?? [];
  if (repository && reference && !storeOf(target).manifest(repository, reference)) {
    return fail('server returned error: HTTP/1.1 404 Not Found');
  }
  return 0;
};
