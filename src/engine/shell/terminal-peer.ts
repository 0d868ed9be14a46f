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
  const keys = new Keys(stdin);
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
    input: keys,
    write: ({ stream, data }) => void (stream === 'stderr' ? stderr : stdout).write(data),
    release() {
      if (released) return;
      released = true;
      keys.stop();
      if (tty) (stdin as ReadStream).setRawMode(wasRaw);
      stdin.pause();
    },
  };
}

/** What comes in, until it is stopped. The iterator of the stream itself would destroy it, and the app needs it again. */
class Keys implements AsyncIterable<Buffer> {
  readonly #stdin: NodeJS.ReadStream;
  readonly #queue: Buffer[] = [];
  #ended = false;
  #wake = () => {};

  constructor(stdin: NodeJS.ReadStream) {
    this.#stdin = stdin;
  }

  stop(): void {
    this.#stdin.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd);
    this.#onEnd();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const stdin = this.#stdin;
    stdin.on('data', this.#onData).once('end', this.#onEnd).once('close', this.#onEnd);
    stdin.ref?.();
    stdin.resume();
    for (;;) {
      while (this.#queue.length > 0) yield this.#queue.shift()!;
      if (this.#ended) return;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  readonly #onData = (data: Buffer | string): void => {
    this.#queue.push(Buffer.from(data as string));
    this.#wake();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake();
  };
}
