import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { isAbort, K3duiError } from '../errors.ts';
import type { Call } from './docker.ts';
import type { ResolvedEndpoint } from './endpoint.ts';
import { cancelled, EngineRefusal, mapError } from './errors.ts';
import type { Modem } from './modem.ts';
import { unlessAborted } from './signals.ts';

export type Signal = AbortSignal | undefined;

/** What every call to the engine goes through: ends it when its signal aborts, and maps what it throws. */
export class Caller {
  readonly endpoint: ResolvedEndpoint;
  readonly modem: Modem;
  readonly dockerode: Dockerode;
  readonly #lastWords: () => string;
  #closed = false;

  /** `lastWords`: what the transport said last, for errors. */
  constructor(endpoint: ResolvedEndpoint, modem: Modem, dockerode: Dockerode, lastWords: () => string) {
    this.endpoint = endpoint;
    this.modem = modem;
    this.dockerode = dockerode;
    this.#lastWords = lastWords;
  }

  /** One call. `doing` completes "cannot …". */
  async run<T>(doing: string, call: Call | undefined, work: (signal: Signal) => Promise<T>): Promise<T> {
    const signal = call?.signal;
    if (signal?.aborted) throw cancelled(doing, signal.reason);
    try {
      return await unlessAborted(work(signal), signal);
    } catch (error) {
      throw this.map(error, doing, signal);
    }
  }

  /** A stream of values: the connection ends with the loop that reads them. */
  async *stream<T>(
    doing: string,
    path: string,
    call: Call | undefined,
    parts: (stream: Readable) => AsyncGenerator<T>,
  ): AsyncGenerator<T> {
    const stream = await this.run(doing, call, async signal => {
      return (await this.modem.open({ method: 'GET', path, signal })).stream;
    });
    try {
      yield* parts(stream);
    } catch (error) {
      throw this.map(error, doing, call?.signal);
    } finally {
      stream.destroy();
    }
  }

  /** What the path gives, parsed; undefined when the engine has no such thing. */
  async get(path: string, signal: Signal): Promise<unknown> {
    try {
      return await this.modem.json({ method: 'GET', path, signal });
    } catch (error) {
      if (error instanceof EngineRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  map(error: unknown, doing: string, signal: Signal): K3duiError {
    if (signal?.aborted || (this.#closed && !(error instanceof K3duiError))) return cancelled(doing, error);
    if (isAbort(error)) return cancelled(doing, error);
    return mapError(error, { doing, endpoint: this.endpoint, lastWords: this.#lastWords() });
  }

  close(): void {
    this.#closed = true;
    this.modem.close();
  }
}

/** Drops the answer; a status that means "nothing to do" counts as done. */
export async function done(work: Promise<unknown>, nothingToDo?: number): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== nothingToDo) throw error;
  }
}
