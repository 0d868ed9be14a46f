import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogChunk } from '../../src/docker/docker.ts';
import { Demultiplexer, joinLines, jsonLines } from '../../src/docker/streams.ts';

function frame(stream: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

/** Cuts a buffer at the given places. */
function cut(data: Buffer, places: number[]): Buffer[] {
  const at = [...new Set(places.map(place => place % (data.length + 1)))].sort((a, b) => a - b);
  return [...at, data.length].map((end, index) => data.subarray(index === 0 ? 0 : at[index - 1], end));
}

function demultiplex(pieces: Buffer[]): LogChunk[] {
  const demultiplexer = new Demultiplexer();
  return [...pieces.flatMap(piece => demultiplexer.push(piece)), ...demultiplexer.end()];
}

const places = fc.array(fc.nat(), { maxLength: 12 });

describe('container output', () => {
  it('comes out whole and in order, wherever the network cuts it', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ minLength: 1, maxLength: 40 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(frames, places, (sent, where) => {
        const all = Buffer.concat(sent.map(([stream, data]) => frame(stream, data)));
        expect(demultiplex(cut(all, where))).toEqual(
          sent.map(([stream, data]) => ({ stream: stream === 2 ? 'stderr' : 'stdout', data: Buffer.from(data) })),
        );
      }),
    );
  });

  it('of a terminal comes out as it is, wherever the network cuts it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), places, (text, where) => {
        const data = Buffer.from(text);
        fc.pre(data[0]! > 3);
        const chunks = demultiplex(cut(data, where));
        expect(Buffer.concat(chunks.map(chunk => chunk.data))).toEqual(data);
        expect(chunks.every(chunk => chunk.stream === 'stdout')).toBe(true);
      }),
    );
  });

  it('that begins with control characters of a terminal is not taken for frames', () => {
    expect(demultiplex([Buffer.from('\u0001\u0002')])).toEqual([
      { stream: 'stdout', data: Buffer.from('\u0001\u0002') },
    ]);
  });

  it('that was cut within a frame gives what arrived', () => {
    const whole = frame(2, Buffer.from('whole sentence'));
    expect(demultiplex([whole.subarray(0, 13)])).toEqual([{ stream: 'stderr', data: Buffer.from('whole') }]);
    expect(demultiplex([whole.subarray(0, 6)])).toEqual([]);
  });

  it('with an error of the engine in it throws that error', () => {
    const bad = Buffer.concat([
      frame(1, Buffer.from('fine\n')),
      frame(3, Buffer.from('error from daemon in stream\n')),
    ]);
    expect(() => demultiplex([bad])).toThrow('error from daemon in stream');
  });
});

it('JSON lines come out whole, wherever the network cuts them; what is no JSON is left out', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), places, async (values, where) => {
      const text = values.map(value => `${JSON.stringify(value)}\r\n`).join('not json\n');
      async function* pieces() {
        yield* cut(Buffer.from(text), where);
      }
      const found: unknown[] = [];
      for await (const value of jsonLines(pieces())) found.push(value);
      expect(found).toEqual(JSON.parse(JSON.stringify(values)));
    }),
  );
});

describe('chunks that hold whole lines', () => {
  const chunk = (text: string, stream: 'stdout' | 'stderr' = 'stdout') => ({ stream, data: Buffer.from(text) });
  const joined = (...chunks: ReturnType<typeof chunk>[]) =>
    joinLines(chunks).map(({ stream, data }) => `${stream} ${JSON.stringify(data.toString())}`);

  it('become one as long as they are of the same stream', () => {
    expect(joined(chunk('a\n'), chunk('b\n'), chunk('c\n', 'stderr'), chunk('d\n'))).toEqual([
      'stdout "a\\nb\\n"',
      'stderr "c\\n"',
      'stdout "d\\n"',
    ]);
    expect(joinLines([])).toEqual([]);
  });

  it('stay apart where a line is cut: with time stamps the next frame begins with one', () => {
    expect(joined(chunk('a\nb'), chunk('b\n'), chunk('c\n'))).toEqual(['stdout "a\\nb"', 'stdout "b\\nc\\n"']);
  });
});
