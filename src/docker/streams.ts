import { StringDecoder } from 'node:string_decoder';
import type { LogChunk } from './docker.ts';

const HEADER = 8;
/** Stream numbers of Docker's frames; 3 carries an error of the engine's own. */
const STDERR = 2;
const ENGINE_ERROR = 3;

/**
 * Splits Docker's multiplexed output into chunks. Fed piece by piece, cut anywhere. A container with a terminal is not
 * multiplexed; that shows in the first bytes, which no text begins with.
 */
export class Demultiplexer {
  #mode: 'unknown' | 'frames' | 'raw' = 'unknown';
  #rest: Buffer = Buffer.alloc(0);

  /** The chunks that are complete with this piece. Throws when the engine reports an error within the stream. */
  push(piece: Buffer): LogChunk[] {
    const data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    if (this.#mode === 'unknown') this.#mode = modeOf(data);
    if (this.#mode === 'unknown') {
      this.#rest = data;
      return [];
    }
    if (this.#mode === 'raw') {
      this.#rest = Buffer.alloc(0);
      return data.length > 0 ? [{ stream: 'stdout', data }] : [];
    }
    const chunks: LogChunk[] = [];
    let at = 0;
    while (data.length - at >= HEADER) {
      const end = at + HEADER + data.readUInt32BE(at + 4);
      if (end > data.length) break;
      const payload = data.subarray(at + HEADER, end);
      if (data[at] === ENGINE_ERROR) throw new Error(payload.toString().trim());
      if (payload.length > 0) chunks.push({ stream: data[at] === STDERR ? 'stderr' : 'stdout', data: payload });
      at = end;
    }
    this.#rest = data.subarray(at);
    return chunks;
  }

  /** What is left when the stream has ended: text too short to be told from a frame, or a frame that was cut. */
  end(): LogChunk[] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    if (rest.length === 0) return [];
    if (this.#mode !== 'frames') return [{ stream: 'stdout', data: rest }];
    const payload = rest.subarray(HEADER);
    return payload.length > 0 ? [{ stream: rest[0] === STDERR ? 'stderr' : 'stdout', data: payload }] : [];
  }
}

const NEWLINE = 10;

/**
 * Chunks that follow one another on the same stream as one, where the first ends with a line: Docker sends a frame for
 * each line, and of 20,000 a second each would go through every reader by itself. A line that is cut stays apart, as
 * with time stamps the next frame begins with one.
 */
export function joinLines(chunks: LogChunk[]): LogChunk[] {
  const out: LogChunk[] = [];
  let run: LogChunk[] = [];
  const flush = (): void => {
    const [first] = run;
    if (first === undefined) return;
    out.push(run.length === 1 ? first : { stream: first.stream, data: Buffer.concat(run.map(({ data }) => data)) });
    run = [];
  };
  for (const chunk of chunks) {
    const last = run.at(-1);
    if (last !== undefined && (last.stream !== chunk.stream || last.data.at(-1) !== NEWLINE)) flush();
    run.push(chunk);
  }
  flush();
  return out;
}

/** A frame begins with its stream number and three zero bytes. */
function modeOf(data: Buffer): 'unknown' | 'frames' | 'raw' {
  for (let index = 0; index < Math.min(4, data.length); index++) {
    const fits = index === 0 ? data[0]! <= ENGINE_ERROR : data[index] === 0;
    if (!fits) return 'raw';
  }
  return data.length >= 4 ? 'frames' : 'unknown';
}

/** The JSON values of a stream that has one per line, cut anywhere. Lines that are no JSON are left out. */
export async function* jsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const piece of stream) {
    rest += decoder.write(piece);
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield* parsed(line);
  }
  yield* parsed(rest + decoder.end());
}

function* parsed(line: string): Generator<unknown> {
  if (line.trim() === '') return;
  try {
    yield JSON.parse(line);
  } catch {
    // Half a line of a stream that was cut: its end is reported by other means.
  }
}
