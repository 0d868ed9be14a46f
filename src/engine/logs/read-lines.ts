import type { Call, Docker, LogOptions } from '../../docker/docker.ts';
import { LineAssembler } from './line-assembler.ts';
import type { LogLine } from './log-line.ts';

/** Docker takes seconds with six digits; what rounding could lose is asked for as well, in milliseconds. */
const ROUNDING = 0.002;

export interface ReadOptions {
  follow?: boolean;
  tail?: number;
  /** Milliseconds since the epoch. */
  since?: number;
  until?: number;
}

/** A container's log as lines, in the pieces in which they arrive. Throws what `Docker.logs` throws. */
export async function* readLines(
  docker: Docker,
  id: string,
  source: number,
  { follow, tail, since, until }: ReadOptions,
  call?: Call,
): AsyncGenerator<LogLine[]> {
  const assembler = new LineAssembler(source);
  const options: LogOptions = {
    follow,
    tail,
    timestamps: true,
    since: since === undefined ? undefined : Math.max(0, since - ROUNDING) / 1000,
    until: until === undefined ? undefined : (until + ROUNDING) / 1000,
  };
  for await (const chunk of docker.logs(id, options, call)) {
    const lines = assembler.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const rest = assembler.end();
  if (rest.length > 0) yield rest;
}

/** Whole logs of several containers as one, in time order, without holding them in memory. */
export async function* mergedLines(readers: readonly AsyncIterator<LogLine[]>[]): AsyncGenerator<LogLine> {
  const heads = await Promise.all(readers.map(reader => Head.open(reader)));
  for (;;) {
    let best: Head | undefined;
    for (const head of heads) {
      if (head.line !== undefined && (best?.line === undefined || head.line.time < best.line.time)) best = head;
    }
    if (best?.line === undefined) return;
    yield best.line;
    // Most steps stay within the piece that is there, and need not wait.
    if (!best.advance()) await best.load();
  }
}

/** The next line of one log. */
class Head {
  line: LogLine | undefined;
  readonly #reader: AsyncIterator<LogLine[]>;
  #piece: LogLine[] = [];
  #at = 0;

  static async open(reader: AsyncIterator<LogLine[]>): Promise<Head> {
    const head = new Head(reader);
    await head.load();
    return head;
  }

  private constructor(reader: AsyncIterator<LogLine[]>) {
    this.#reader = reader;
  }

  /** Goes on within the piece at hand; false: the next one must be loaded. */
  advance(): boolean {
    this.line = this.#piece[++this.#at];
    return this.line !== undefined;
  }

  async load(): Promise<void> {
    const next = await this.#reader.next();
    this.#piece = next.done ? [] : next.value;
    this.#at = 0;
    this.line = this.#piece[0];
  }
}
