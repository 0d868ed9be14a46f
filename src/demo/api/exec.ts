import type { Readable } from 'node:stream';
import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { frame, MULTIPLEXED, RAW } from '../framing.ts';
import { newId } from '../ids.ts';
import { runCommand } from '../programs/commands.ts';
import type { ExecIo } from '../types.ts';
import type { Exec } from '../world.ts';
import type { Route } from './routes.ts';

interface CreateExec {
  Cmd: string[];
  Env: string[];
  Tty: boolean;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
}

const create = async (call: Call): Promise<void> => {
  const container = call.world.container(call.params[0]!);
  const body = await call.body<CreateExec>();
  if (!body.Cmd?.length) throw new ApiError(400, 'No exec command specified');
  if (container.status === 'paused')
    throw new ApiError(409, `Container ${container.id} is paused, unpause the container before exec`);
  if (container.status === 'restarting')
    throw new ApiError(409, `Container ${container.id} is restarting, wait until the container is running`);
  if (!container.program) throw new ApiError(409, `container ${container.id} is not running`);
  const exec: Exec = {
    id: newId(),
    container,
    argv: body.Cmd,
    env: body.Env ?? [],
    tty: body.Tty ?? false,
    stdin: body.AttachStdin ?? false,
    stdout: body.AttachStdout ?? false,
    stderr: body.AttachStderr ?? false,
    running: false,
    exitCode: null,
    pid: 0,
  };
  call.world.execs.set(exec.id, exec);
  container.execs.add(exec.id);
  call.world.events.container(`exec_create: ${exec.argv.join(' ')}`, container, { execID: exec.id });
  call.json(201, { Id: exec.id });
};

function find(call: Call): Exec {
  const exec = call.world.execs.get(call.params[0]!);
  if (!exec) throw new ApiError(404, `No such exec instance: ${call.params[0]}`);
  return exec;
}

const start = async (call: Call): Promise<void> => {
  const exec = find(call);
  const body = await call.body<{ Detach: boolean; Tty: boolean }>();
  const { container, tty } = exec;
  if (exec.running || exec.exitCode !== null) throw new ApiError(409, `exec ${exec.id} has already run`);
  if (!container.program) throw new ApiError(409, `container ${container.id} is not running`);
  exec.running = true;
  exec.pid = call.world.nextPid();
  call.world.events.container(`exec_start: ${exec.argv.join(' ')}`, container, { execID: exec.id });
  const detach = body.Detach === true;
  const stream = detach ? undefined : await call.hijack(tty ? RAW : MULTIPLEXED);
  if (detach) call.empty(200);
  let gone = false;
  call.onGone(() => {
    gone = true;
  });
  const put = (number: 1 | 2, wanted: boolean) => (data: string | Buffer) => {
    if (!stream || gone || (!wanted && !tty)) return;
    const text = tty && typeof data === 'string' ? data.replace(/(?<!\r)\n/g, '\r\n') : data;
    stream.write(tty ? Buffer.from(text) : frame(number, text));
  };
  const io: ExecIo = {
    stdin: exec.stdin && stream?.input ? chunks(stream.input) : none(),
    out: put(1, exec.stdout),
    err: put(2, exec.stderr),
    env: environment([...(container.config.Env ?? []), ...exec.env]),
    get gone() {
      return !container.program || (gone && !detach);
    },
  };
  if (!exec.stdin) stream?.input?.resume();
  let code = await runCommand(call.world, container, exec.argv, io);
  if (!container.program) code = 137;
  exec.running = false;
  exec.exitCode = code;
  call.world.events.container('exec_die', container, { execID: exec.id, exitCode: String(code) });
  stream?.end();
};

const inspect = (call: Call): void => {
  const exec = find(call);
  const [entrypoint, ...args] = exec.argv;
  call.json(200, {
    ID: exec.id,
    Running: exec.running,
    ExitCode: exec.exitCode,
    ProcessConfig: { tty: exec.tty, entrypoint, arguments: args, privileged: false },
    OpenStdin: exec.stdin,
    OpenStderr: exec.stderr,
    OpenStdout: exec.stdout,
    CanRemove: !exec.running && exec.exitCode !== null,
    ContainerID: exec.container.id,
    DetachKeys: '',
    Pid: exec.pid,
  });
};

const resize = (call: Call): void => {
  const exec = find(call);
  if (!exec.running) throw new ApiError(409, `exec ${exec.id} is not running`);
  call.empty(200);
};

const resizeContainer = (call: Call): void => {
  call.world.container(call.params[0]!);
  call.empty(200);
};

async function* chunks(input: Readable): AsyncGenerator<Buffer> {
  try {
    // `destroyOnReturn: false`: a half-closed connection still has to carry the output.
    for await (const chunk of input.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch {
    // The caller went away: that ends the input.
  }
}

async function* none(): AsyncGenerator<Buffer> {}

function environment(entries: string[]): Record<string, string> {
  return Object.fromEntries(entries.map(entry => [entry.split('=')[0]!, entry.slice(entry.indexOf('=') + 1)]));
}

export const execRoutes: Route[] = [
  ['POST', '/containers/*/exec', create],
  ['POST', '/containers/*/resize', resizeContainer],
  ['POST', '/exec/*/start', start],
  ['POST', '/exec/*/resize', resize],
  ['GET', '/exec/*/json', inspect],
];
