import type { Duplex } from 'node:stream';
import type { Caller, Signal } from './caller.ts';
import type { InteractiveExec, InteractiveOptions, LogChunk } from './docker.ts';
import { EngineRefusal } from './errors.ts';
import { exitCodeOf } from './exec.ts';
import { Demultiplexer } from './streams.ts';

/** Starts a command over a raw connection, on which input and output flow until it ends. */
export async function openExec(
  caller: Caller,
  id: string,
  command: string[],
  options: InteractiveOptions & { signal: Signal },
): Promise<InteractiveExec> {
  const { modem } = caller;
  const { tty, columns, rows, env, signal } = options;
  const created = (await modem.json({
    method: 'POST',
    path: `/containers/${encodeURIComponent(id)}/exec`,
    body: JSON.stringify({
      Cmd: command,
      Env: env,
      Tty: tty,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    }),
    signal,
  })) as { Id: string };
  const resize = inTurn(async ([width, height]: [number, number]): Promise<void> => {
    try {
      await modem.json({ method: 'POST', path: `/exec/${created.Id}/resize?w=${width}&h=${height}`, signal });
    } catch (error) {
      // It has ended, or has not quite begun: the size is of no more use, or is told again.
      if (!(error instanceof EngineRefusal)) throw error;
    }
  });
  const { stream } = await modem.open({
    method: 'POST',
    path: `/exec/${created.Id}/start`,
    body: JSON.stringify({ Detach: false, Tty: tty }),
    hijack: true,
    signal,
  });
  const connection = stream as Duplex;
  if (tty && columns && rows) void resize([columns, rows]).catch(() => {});
  return {
    output: output(caller, connection, command, tty, signal),
    async write(data) {
      if (connection.writable && !connection.write(data)) await writableAgain(connection);
    },
    endInput: () => void connection.end(),
    resize: (width, height) => resize([width, height]),
    exitCode: (until = signal) =>
      caller.run(`run ${command[0]} in ${id}`, { signal: until }, () => exitCodeOf(modem, created.Id, until)),
    close: () => void connection.destroy(),
  };
}

/**
 * Resolves when it takes more, or never will: Docker may end only the output of a command that has ended, and read no more.
 * Leaves no listener behind: this is asked for every piece of a long stream.
 */
function writableAgain(connection: Duplex): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      for (const event of SETTLED) connection.off(event, done);
      resolve();
    };
    for (const event of SETTLED) connection.once(event, done);
    if (connection.destroyed || connection.readableEnded) done();
  });
}

const SETTLED = ['drain', 'end', 'close', 'error'] as const;

/** One after the other, as calls over different connections may overtake each other; of those that wait only the last. */
function inTurn<T>(call: (value: T) => Promise<void>): (value: T) => Promise<void> {
  let newest: T;
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  const run = (): Promise<void> => {
    waiting = undefined;
    running = call(newest).finally(() => {
      running = undefined;
    });
    return running;
  };
  return value => {
    newest = value;
    if (!running) return run();
    waiting ??= running.then(run, run);
    return waiting;
  };
}

/** With a terminal everything comes as it is, else in Docker's frames. */
async function* output(
  caller: Caller,
  connection: Duplex,
  command: string[],
  tty: boolean,
  signal: Signal,
): AsyncGenerator<LogChunk> {
  const demultiplexer = new Demultiplexer();
  try {
    for await (const piece of connection.iterator({ destroyOnReturn: false })) {
      const data = piece as Buffer;
      if (tty) yield { stream: 'stdout', data };
      else yield* demultiplexer.push(data);
    }
    if (!tty) yield* demultiplexer.end();
  } catch (error) {
    throw caller.map(error, `talk to ${command[0]}`, signal);
  }
}
