import type { Duplex, Readable } from 'node:stream';
import type { ExecResult } from './docker.ts';
import { EngineRefusal } from './errors.ts';
import type { Modem } from './modem.ts';
import { pause } from './signals.ts';
import { Demultiplexer } from './streams.ts';

/**
 * Runs a command in a running container to its end. The exit code is read after the stream has ended. Aborting ends
 * the connection; the command goes on in the container, as Docker has no way to end it.
 */
export async function runExec(
  modem: Modem,
  id: string,
  command: string[],
  options: { stdin?: string | Buffer; env?: string[]; signal?: AbortSignal },
): Promise<ExecResult> {
  const { stdin, env, signal } = options;
  const created = (await modem.json({
    method: 'POST',
    path: `/containers/${encodeURIComponent(id)}/exec`,
    body: JSON.stringify({
      Cmd: command,
      AttachStdout: true,
      AttachStderr: true,
      AttachStdin: stdin !== undefined,
      Env: env,
    }),
    signal,
  })) as { Id: string };
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  try {
    const { stream } = await modem.open({
      method: 'POST',
      path: `/exec/${created.Id}/start`,
      body: JSON.stringify({ Detach: false, Tty: false }),
      // Only a raw connection can end its input while output still comes.
      hijack: stdin !== undefined,
      signal,
    });
    if (stdin !== undefined) (stream as Duplex).end(stdin);
    await collect(stream, output);
  } catch (error) {
    // Newer engines refuse to start what cannot be run; older ones print it and exit with 126 or 127.
    if (!(error instanceof EngineRefusal) || !/OCI runtime exec failed/i.test(error.message)) throw error;
    const exitCode = /not found|no such file/i.test(error.message) ? 127 : 126;
    return { exitCode, stdout: '', stderr: error.message };
  }
  return {
    exitCode: await exitCodeOf(modem, created.Id, signal),
    stdout: Buffer.concat(output.stdout).toString(),
    stderr: Buffer.concat(output.stderr).toString(),
  };
}

async function collect(stream: Readable, output: { stdout: Buffer[]; stderr: Buffer[] }): Promise<void> {
  const demultiplexer = new Demultiplexer();
  for await (const piece of stream) {
    for (const chunk of demultiplexer.push(piece as Buffer)) output[chunk.stream].push(chunk.data);
  }
  for (const chunk of demultiplexer.end()) output[chunk.stream].push(chunk.data);
}

/** The stream may end a moment before the engine has noted the end of the command. */
export async function exitCodeOf(modem: Modem, exec: string, signal: AbortSignal | undefined): Promise<number> {
  for (let wait = 2; ; wait = Math.min(wait * 2, 200)) {
    const state = (await modem.json({ method: 'GET', path: `/exec/${exec}/json`, signal })) as {
      Running: boolean;
      ExitCode: number | null;
    };
    if (!state.Running && typeof state.ExitCode === 'number') return state.ExitCode;
    await pause(wait, signal);
  }
}
