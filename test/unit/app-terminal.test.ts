import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { KeyPress } from '../../components/hooks/use-keys.ts';
import { startApp } from '../../components/start.tsx';
import { frameDifference, frameStdout } from '../../components/terminal/frame-stdout.ts';
import { RowStore } from '../../components/terminal/row-store.ts';
import { splitKeys, TtyStdin } from '../../components/terminal/tty-stdin.ts';

describe('input', () => {
  test('is split into keys: each typed character, each control key, each sequence, a paste whole', () => {
    expect(splitKeys('ab\r')).toEqual(['a', 'b', '\r']);
    expect(splitKeys('n\x1b[Aé\x03')).toEqual(['n', '\x1b[A', 'é', '\x03']);
    expect(splitKeys('\x1b[A\x1b[A\x1b[B')).toEqual(['\x1b[A\x1b[A', '\x1b[B']);
    expect(splitKeys('\x1b[200~a\rb\x1b[201~x')).toEqual(['\x1b[200~a\rb\x1b[201~', 'x']);
    expect(splitKeys('x'.repeat(100))).toEqual(['x'.repeat(100)]);
    expect(splitKeys('👍日')).toEqual(['👍', '日']);
  });

  /** A terminal that says what the test says, and what arrives behind TtyStdin. */
  function terminal() {
    const real = new Readable({ read() {} }) as Readable & Partial<ReadStream>;
    const raw: boolean[] = [];
    real.setRawMode = mode => {
      raw.push(mode);
      return real as ReadStream;
    };
    const input = new TtyStdin(real as ReadStream);
    const keys: string[] = [];
    const mouse: KeyPress[] = [];
    input.on('data', data => keys.push(String(data)));
    input.onMouse(key => mouse.push(key));
    return { real, input, raw, keys, mouse };
  }
  const settled = () => new Promise(resolve => setTimeout(resolve, 20));

  test('wheel and click are taken out, also when a report arrives in two pieces', async () => {
    const { real, input, keys, mouse } = terminal();
    input.setRawMode(true);
    real.push('a\x1b[<64;5;7M\x1b[<0;1');
    await settled();
    real.push('0;3M\x1b[<0;10;3mb');
    await settled();
    expect(keys.join('')).toBe('ab');
    expect(mouse).toEqual([
      { name: 'wheel-up', text: '', x: 4, y: 6 },
      { name: 'click', text: '', x: 9, y: 2 },
    ]);
  });

  test('a paste in two pieces stays one', async () => {
    const { real, input, keys } = terminal();
    input.setRawMode(true);
    real.push('\x1b[200~hel');
    await settled();
    expect(keys).toEqual([]);
    real.push('lo\x1b[201~');
    await settled();
    expect(keys).toEqual(['\x1b[200~hello\x1b[201~']);
  });

  test('while it is not in raw mode nothing is read: a child program gets every key', async () => {
    const { real, input, keys } = terminal();
    input.setRawMode(true);
    input.setRawMode(false);
    real.push('for the child');
    await settled();
    expect(keys).toEqual([]);
    expect(real.isPaused()).toBe(true);
  });
});

describe('output', () => {
  test('writes only the rows that changed, at their places', () => {
    expect(frameDifference(['a', 'b', 'c'], ['a', 'X', 'c'])).toBe('\x1b[2;1H\x1b[2KX');
    expect(frameDifference(['a', 'b'], ['a', 'b'])).toBe('');
    expect(frameDifference(['a', 'b'], ['a'])).toBe('\x1b[2;1H\x1b[2K');
  });

  test('clears the screen when it does not know what is on it', () => {
    const out = frameDifference(undefined, ['a', '', 'c']);
    expect(out).toContain('\x1b[2J');
    expect(out).toContain('\x1b[1;1Ha');
    expect(out).not.toContain('\x1b[2;1H');
  });

  function screen(rows = 3) {
    const written: string[] = [];
    const real = Object.assign(new EventEmitter(), {
      rows,
      columns: 10,
      isTTY: true,
      write: (data: string) => written.push(data) > 0,
    });
    return { real, written, out: frameStdout(real as unknown as WriteStream) };
  }

  test('repaints everything after a resize, and drops a frame that was laid out for a larger screen', () => {
    const { real, written, out } = screen();
    out.write('a\nb\nc');
    out.write('\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K\x1b[Ga\nB\nc');
    expect(written.at(-1)).toBe('\x1b[2;1H\x1b[2KB');
    real.emit('resize');
    out.write('\x1b[1;1H\x1b[Ja\nB\nc\nd\ne');
    expect(written).toHaveLength(2);
    out.write('\x1b[1;1H\x1b[Ja\nB\nc');
    expect(written.at(-1)).toContain('\x1b[2J');
  });

  test('a row that went past Ink stands where its sign was, and a sign of nobody stays', () => {
    const store = new RowStore();
    const row = `│ ${'x'.repeat(100)} │`;
    const mark = store.mark(row);
    expect(store.mark(row)).toBe(mark);
    expect(store.resolve(mark)).toBe(row);
    expect(store.resolve('plain')).toBe('plain');
    expect(store.resolve('\u{fffff}')).toBe('\u{fffff}');
  });

  test('rows seen long ago are forgotten, those of the present frame never are', () => {
    const store = new RowStore();
    for (let frame = 0; frame < 1000; frame++) {
      const border = store.mark('the border');
      const rows = Array.from({ length: 60 }, (_, index) => store.mark(`row ${index} of frame ${frame}`));
      expect(store.resolve(border)).toBe('the border');
      expect(store.resolve(rows[0]!)).toBe(`row 0 of frame ${frame}`);
      expect(store.resolve(rows[59]!)).toBe(`row 59 of frame ${frame}`);
    }
  });
});

describe('without a terminal', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each([
    ['a pipe', false, 'xterm'],
    ['a dumb terminal', true, 'dumb'],
  ])('%s: the app says that it needs one, and what works without', async (_, isTTY, TERM) => {
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation(text => said.push(String(text)) > 0);
    const never = async (): Promise<never> => {
      throw new Error('no engine is needed for this');
    };
    const stream = { isTTY } as unknown;
    const code = await startApp({
      connect: never,
      startDemo: never,
      demo: false,
      version: '0',
      env: { TERM },
      stdin: stream as ReadStream,
      stdout: stream as WriteStream,
    });
    expect(code).toBe(1);
    expect(said.join('')).toContain('needs a terminal');
    expect(said.join('')).toContain('k3dui cluster list');
  });
});
