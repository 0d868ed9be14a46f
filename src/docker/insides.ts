import type { Readable } from 'node:stream';
import type { Caller } from './caller.ts';
import type {
  Call,
  ContainerFile,
  DatedFile,
  Docker,
  ExecResult,
  InteractiveExec,
  InteractiveOptions,
  LogChunk,
  LogOptions,
} from './docker.ts';
import { EngineRefusal } from './errors.ts';
import { runExec } from './exec.ts';
import { openExec } from './exec-interactive.ts';
import { toQuery } from './modem.ts';
import { Demultiplexer, joinLines, jsonLines } from './streams.ts';
import type { ContainerStats } from './types.ts';

/** Symbolic links followed when a file is read. */
const MAXIMUM_LINKS = 10;

type InsideCalls = Pick<
  Docker,
  'logs' | 'writeFiles' | 'readFile' | 'readDatedFile' | 'exec' | 'execInteractive' | 'stats'
>;

/** Containers from the inside: their logs, files, commands and load. */
export function insideCalls(caller: Caller): InsideCalls {
  const container = (id: string) => caller.dockerode.getContainer(encodeURIComponent(id));

  function readDatedFile(id: string, path: string, call?: Call): Promise<DatedFile | undefined> {
    return caller.run(`read ${path} from ${id}`, call, async abortSignal => {
      // Before the stream is there: nobody would listen to its errors meanwhile.
      const { linkTarget, unpackFirst } = await archives();
      let at = path;
      for (let links = 0; links <= MAXIMUM_LINKS; links++) {
        const stream = await container(id)
          .getArchive({ path: at, abortSignal })
          .catch(error => {
            if (!isMissingPath(error)) throw error;
          });
        if (!stream) return undefined;
        const found = await unpackFirst(stream as Readable);
        if (found === undefined) return undefined;
        if (found.type === 'file') return found;
        if (found.type === 'other') throw new EngineRefusal(400, `it is no file but a ${found.kind}`);
        at = linkTarget(at, found.target);
      }
      throw new EngineRefusal(400, 'too many symbolic links');
    });
  }

  return {
    async *logs(id: string, options: LogOptions = {}, call?: Call): AsyncGenerator<LogChunk> {
      const { follow, since, until, tail, timestamps } = options;
      const query = toQuery({
        stdout: true,
        stderr: true,
        follow,
        since: since?.toFixed(6),
        until: until?.toFixed(6),
        tail,
        timestamps,
      });
      const path = `/containers/${encodeURIComponent(id)}/logs?${query}`;
      yield* caller.stream(`read the log of ${id}`, path, call, async function* (stream) {
        const demultiplexer = new Demultiplexer();
        for await (const piece of stream) yield* joinLines(demultiplexer.push(piece as Buffer));
        yield* demultiplexer.end();
      });
    },

    writeFiles(id: string, files: ContainerFile[], call?: Call): Promise<void> {
      if (files.length === 0) return Promise.resolve();
      return caller.run(`write ${files.map(file => file.path).join(', ')} into ${id}`, call, async abortSignal => {
        const { packFiles } = await archives();
        await container(id).putArchive(await packFiles(files), { path: '/', abortSignal });
      });
    },

    async readFile(id: string, path: string, call?: Call): Promise<Buffer | undefined> {
      return (await readDatedFile(id, path, call))?.content;
    },

    readDatedFile,

    exec(
      id: string,
      command: string[],
      options: { stdin?: string | Buffer; env?: string[] } = {},
      call?: Call,
    ): Promise<ExecResult> {
      return caller.run(`run ${command[0]} in ${id}`, call, signal => {
        return runExec(caller.modem, id, command, { ...options, signal });
      });
    },

    execInteractive(id: string, command: string[], options: InteractiveOptions, call?: Call): Promise<InteractiveExec> {
      return caller.run(`run ${command[0]} in ${id}`, call, signal => {
        return openExec(caller, id, command, { ...options, signal });
      });
    },

    async *stats(id: string, call?: Call): AsyncGenerator<ContainerStats> {
      const path = `/containers/${encodeURIComponent(id)}/stats?stream=true`;
      yield* caller.stream(`read the statistics of ${id}`, path, call, async function* (stream) {
        for await (const line of jsonLines(stream)) yield line as ContainerStats;
      });
    },
  };
}

/** What reads and writes tar, for the calls that do: most commands start and end without. */
const archives = () => import('./archive.ts');

/** The container is there, the path in it is not. */
function isMissingPath(error: unknown): boolean {
  return error instanceof EngineRefusal && error.status === 404 && !/no such container/i.test(error.message);
}
