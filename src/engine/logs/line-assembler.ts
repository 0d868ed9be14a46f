import type { LogChunk } from '../../docker/docker.ts';
import { type LogLine, MAX_LINE_BYTES } from './log-line.ts';
import { StampReader } from './stamp.ts';

const NEWLINE = 10;
const RETURN = 13;

/** A line whose end has not come yet. */
interface OpenLine {
  time: number;
  parts: Buffer[];
  length: number;
  dropped: number;
}

/**
 * Chunks of a log that was asked for with time stamps as lines. Docker splits what is longer than 16 KiB into several
 * frames and stamps each of them, also in the middle of a line (moby daemon/logger/copier.go); those stamps are dropped.
 */
export class LineAssembler {
  readonly #source: number;
  readonly #stamps = new StampReader();
  /** By stream: both write at the same time. */
  readonly #open: { stdout: OpenLine | undefined; stderr: OpenLine | undefined } = {
    stdout: undefined,
    stderr: undefined,
  };

  constructor(source: number) {
    this.#source = source;
  }

  /** The lines that are complete with this chunk. */
  push({ stream, data }: LogChunk): LogLine[] {
    const lines: LogLine[] = [];
    let at = 0;
    while (at < data.length) {
      let open = this.#open[stream];
      // At the beginning of a frame a stamp stands even where a line goes on.
      if (open === undefined || at === 0) at += this.#stamps.read(data, at);
      open ??= { time: this.#stamps.time, parts: [], length: 0, dropped: 0 };
      const newline = data.indexOf(NEWLINE, at);
      const end = newline < 0 ? data.length : newline;
      append(open, data, at, end);
      if (newline < 0) {
        this.#open[stream] = open;
        break;
      }
      lines.push(this.#line(open));
      this.#open[stream] = undefined;
      at = newline + 1;
    }
    return lines;
  }

  /** What was begun and will not be ended: the log is over. */
  end(): LogLine[] {
    const rest = [this.#open.stdout, this.#open.stderr].filter(open => open !== undefined);
    this.#open.stdout = undefined;
    this.#open.stderr = undefined;
    return rest.filter(open => open.length > 0).map(open => this.#line(open));
  }

  #line({ time, parts, length, dropped }: OpenLine): LogLine {
    let bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
    // A container with a terminal ends its lines with \r\n.
    if (bytes.length > 0 && bytes[bytes.length - 1] === RETURN) bytes = bytes.subarray(0, -1);
    return { time, source: this.#source, bytes, dropped, note: false };
  }
}

function append(open: OpenLine, data: Buffer, from: number, to: number): void {
  const room = MAX_LINE_BYTES - open.length;
  const taken = Math.min(to - from, room);
  if (taken > 0 || open.parts.length === 0) {
    open.parts.push(data.subarray(from, from + taken));
    open.length += taken;
  }
  open.dropped += to - from - taken;
}
