import { Readable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import type { KeyPress, MouseSource } from '../hooks/use-keys.ts';

/** SGR mouse report: button; column; row; M pressed, m released. */
const MOUSE = /\x1b\[<(\d+);(\d+);(\d+)([Mm])/g;
/** What may end a chunk half way: a mouse report or a bracketed paste. */
const UNFINISHED = /\x1b\[(?:<[\d;]*|200~(?:(?!\x1b\[201~)[\s\S])*)$/;
/** One paste, one control sequence (repeats of it together), a run of printable text, or one control character. */
const UNITS =
  /\x1b\[200~[\s\S]*?\x1b\[201~|(\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[^\x1b[O]))\1*|[^\x00-\x1f\x7f]+|[\s\S]/gu;
/** A longer run of text than anyone types at once is a paste from a terminal without bracketed paste. */
const TYPED_AT_ONCE = 32;
/** A paste without an end is handed over after this many characters. */
const PASTE_LIMIT = 1 << 20;

/** Splits terminal input into keys; a run of text longer than anyone types stays whole. */
export function splitKeys(text: string): string[] {
  return (text.match(UNITS) ?? []).flatMap(unit =>
    unit >= ' ' && unit[0] !== '\x7f' && unit[0] !== '\x1b' && unit.length <= TYPED_AT_ONCE ? [...unit] : [unit],
  );
}

/**
 * The terminal's input as Ink should see it: mouse reports taken out, each key in a turn of its own so that the screen
 * has answered to one before the next arrives, and really silent while Ink is suspended, so that a child program on
 * the same terminal gets every key.
 */
export class TtyStdin extends Readable implements MouseSource {
  readonly isTTY = true;
  readonly #terminal: ReadStream;
  readonly #listeners = new Set<(key: KeyPress) => void>();
  #unfinished = '';
  #queue: string[] = [];

  constructor(terminal: ReadStream) {
    super();
    this.#terminal = terminal;
    terminal.setEncoding('utf8');
    terminal.on('data', this.#onData);
    terminal.on('end', this.#onEnd);
    terminal.pause();
  }

  onMouse(listener: (key: KeyPress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setRawMode(mode: boolean): this {
    this.#terminal.setRawMode(mode);
    // What is typed while somebody else has the terminal is not for us.
    this.#terminal.off('data', this.#onData);
    if (mode) this.#terminal.on('data', this.#onData).resume();
    else this.#terminal.pause();
    return this;
  }

  ref(): this {
    this.#terminal.ref();
    return this;
  }

  unref(): this {
    this.#terminal.unref();
    return this;
  }

  /** Stops listening for good. */
  release(): void {
    this.#terminal.off('data', this.#onData);
    this.#terminal.off('end', this.#onEnd);
    this.#terminal.pause();
  }

  override _read(): void {}

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onData = (data: string | Buffer): void => {
    const text = (this.#unfinished + data.toString()).replace(MOUSE, (_, button, x, y, end) => {
      this.#mouse(Number(button), Number(x) - 1, Number(y) - 1, end === 'M');
      return '';
    });
    const tail = UNFINISHED.exec(text)?.[0] ?? '';
    this.#unfinished = tail.length > PASTE_LIMIT ? '' : tail;
    const whole = this.#unfinished === '' ? text : text.slice(0, -tail.length);
    if (whole === '') return;
    const idle = this.#queue.length === 0;
    this.#queue.push(...splitKeys(whole));
    if (idle) this.#next();
  };

  readonly #next = (): void => {
    const key = this.#queue.shift();
    if (key === undefined) return;
    this.push(key);
    if (this.#queue.length > 0) setImmediate(this.#next);
  };

  #mouse(button: number, x: number, y: number, pressed: boolean): void {
    // Bits 2 to 4 are shift, alt and control; 64 marks the wheel.
    const plain = button & ~0b11100;
    const name = plain === 64 ? 'wheel-up' : plain === 65 ? 'wheel-down' : plain === 0 && pressed ? 'click' : undefined;
    if (name !== undefined) for (const listener of this.#listeners) listener({ name, text: '', x, y });
  }
}

export const MOUSE_ON = '\x1b[?1000h\x1b[?1006h';
export const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l';
