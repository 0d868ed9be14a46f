import type { ExecIo, Process, Program } from '../types.ts';
import type { World } from '../world.ts';
import { answerRegistry } from './registry-api.ts';
import { storeOf } from './registry-store.ts';
import { timeline } from './timeline.ts';

/** Port that a registry listens on. */
export function registryPort(env: readonly string[] | null | undefined): number {
  const setting = env?.find(entry => entry.startsWith('REGISTRY_HTTP_ADDR='));
  return Number(setting?.split(':').at(-1) ?? 5000);
}

/** An image registry: its HTTP API, and the program that collects its garbage. */
export function registry(world: World, process: Process): Program {
  const { container } = process;
  const port = registryPort(container.config.Env);
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
        const asked = `"${req.method} ${req.url} HTTP/1.1"`;
        const from = req.socket.remoteAddress;
        answerRegistry(container, req, res).then(
          () => process.out(`${from} - - ${asked} ${res.statusCode} ""`),
          () => res.destroy(),
        );
      });
    },
    listens: asked => asked === port,
    exec: (argv, io) =>
      argv[0] === 'registry' && argv[1] === 'garbage-collect' ? collect(container, argv, io) : undefined,
    processes: () => ['registry serve /etc/docker/registry/config.yml'],
  };
}

async function collect(container: Process['container'], argv: string[], io: ExecIo): Promise<number> {
  const untagged = argv.some(word => word === '-m' || word === '--delete-untagged');
  const { marked, blobs, manifests } = storeOf(container).collect(untagged);
  io.out(`\n${marked} blobs marked, ${blobs} blobs and ${manifests} manifests eligible for deletion\n`);
  return 0;
}
