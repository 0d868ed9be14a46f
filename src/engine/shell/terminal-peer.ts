import type { ReadStream, WriteStream } from 'node:tty';
import type { ShellPeer } from './shell.ts';

/** The streams of a process, as far as a shell needs them. */
export interface Streams {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WritableStream;
  env: NodeJS.ProcessEnv;
}

/**
 * A process' own terminal, or what it is piped to, as the other end of a shell. While it is in use the terminal is raw:
 * every key goes through. `release` gives it back as it was, whatever happened; call it always.
 */
export function terminalPeer(streams: Streams): ShellPeer & { release(): void } {
  const { stdin, stdout, stderr, env } = streams;
  const tty = stdin.isTTY === true && stdout.isTTY === true;
  const wasRaw = tty && (stdin as ReadStream).isRaw;
  if (tty) (stdin as ReadStream).setRawMode(true);
  let released = false;
  return {
    tty,
    term: env.TERM || 'xterm',
    size() {
      const { columns, rows } = stdout as WriteStream;
      return tty && columns && rows ? { columns, rows } : undefined;
    },
    onResize(listener) {
      stdout.on('resize', listener);
      return () => stdout.off('resize', listener);
    },
    input: bytes(stdin),
    write: ({ stream, data }) => void (stream === 'stderr' ? stderr : stdout).write(data),
    release() {
      if (released) return;
      released = true;
      if (tty) (stdin as ReadStream).setRawMode(wasRaw);
      stdin.pause();
    },
  };
}

/** The iterator of a stream would destroy it at the end; the app needs its terminal again. */
async function* bytes(stdin: NodeJS.ReadStream): AsyncGenerator<Buffer> {
  const queue: Buffer[] = [];
  let wake = () => {};
  let ended = false;
  const onData = (data: Buffer | string) => {
    queue.push(Buffer.from(data as string));
    wake();
  };
  const onEnd = () => {
    ended = true;
    wake();
  };
  stdin.on('data', onData).once('end', onEnd).once('close', onEnd);
  stdin.ref?.();
  stdin.resume();
  try {
    for (;;) {
      while (queue.length > 0) yield queue.shift()!;
      if (ended) return;
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  } finally {
    stdin.off('data', onData).off('end', onEnd).off('close', onEnd);
  }
}
