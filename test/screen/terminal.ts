import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pty from '@lydell/node-pty';
import unicode11 from '@xterm/addon-unicode11';
import xterm from '@xterm/headless';
import { type CellStyle, styleOf } from './cell-style.ts';
import { terminalEnvironment } from './environment.ts';
import { bytesOf, mouseBytes, pasteBytes } from './keys.ts';
import { type TerminalState, terminalState } from './terminal-state.ts';

export interface StartOptions {
  cols?: number;
  rows?: number;
  /** Added to the test's own environment; undefined removes a variable. */
  env?: Record<string, string | undefined>;
  cwd?: string;
}

export interface Exit {
  exitCode: number;
  signal: number;
}

/**
 * The program runs under a shell of its own, which notes its process id and, once it has gone, how it left the tty: with
 * the last process of a session the kernel takes the tty's settings away. The exit code is the shell's: 128 + signal.
 */
const WRAPPER = [
  'notes=$1; shift',
  `sh -c 'echo $$ >"$0/pid"; exec "$@"' "$notes" "$@"`,
  'code=$?; stty -a >"$notes/stty"; exit $code',
].join('\n');

type Condition = RegExp | string | ((screen: string[]) => boolean);

/**
 * A program in a real pseudo-terminal with a real terminal emulator behind it: keys go in as bytes, the screen is read as
 * a person would read it. Nothing waits a fixed time: everything waits for a condition, with a deadline.
 */
export class Terminal {
  readonly #pty: pty.IPty;
  readonly #term: xterm.Terminal;
  /** Folder of the wrapper's notes. */
  readonly #notes = mkdtempSync(join(tmpdir(), 'k3dui-terminal-'));
  readonly #changes = new Set<() => void>();
  /** Chunks handed to the emulator and not yet drawn. */
  #drawing = 0;
  #raw = '';
  /** Sees each piece of output the moment it arrives; for measurements. */
  onOutput: ((data: string) => void) | undefined;
  #ended: Exit | undefined;
  #scrolls = 0;
  /** Settles when the program has ended. */
  readonly exit: Promise<Exit>;
  /** The same, just the code. */
  readonly exitCode: Promise<number>;

  private constructor(file: string, args: string[], options: StartOptions) {
    const { cols = 80, rows = 24 } = options;
    this.#term = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 500 });
    this.#term.loadAddon(new unicode11.Unicode11Addon());
    this.#term.unicode.activeVersion = '11';
    this.#pty = pty.spawn('sh', ['-c', WRAPPER, 'sh', this.#notes, file, ...args], {
      cols,
      rows,
      cwd: options.cwd ?? process.cwd(),
      env: terminalEnvironment(options.env),
    });
    this.exit = new Promise(resolve => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#ended = { exitCode, signal: signal ?? 0 };
        this.#changed();
        resolve(this.#ended);
      });
    });
    this.exitCode = this.exit.then(({ exitCode }) => exitCode);
    this.#pty.onData(data => {
      this.onOutput?.(data);
      this.#raw += data;
      this.#drawing++;
      this.#term.write(data, () => {
        this.#drawing--;
        this.#changed();
      });
    });
    this.#term.onScroll(() => {
      if (this.#term.buffer.active.type === 'alternate') this.#scrolls++;
    });
    // Entering the alternate screen counts as a scroll to the emulator.
    this.#term.buffer.onBufferChange(buffer => {
      if (buffer.type === 'alternate') this.#scrolls--;
    });
    // The emulator's answers to what programs ask terminals.
    this.#term.onData(answer => this.#pty.write(answer));
  }

  /** Starts a program on a new terminal of 80×24 or the size given. */
  static start(file: string, args: string[] = [], options: StartOptions = {}): Terminal {
    return new Terminal(file, args, options);
  }

  /** Process id of the program. */
  get pid(): number {
    return Number(readFileSync(join(this.#notes, 'pid'), 'utf8'));
  }

  get cols(): number {
    return this.#term.cols;
  }

  get rows(): number {
    return this.#term.rows;
  }

  /** Everything the program wrote so far. */
  get raw(): string {
    return this.#raw;
  }

  /** How often the alternate screen scrolled: a full-screen program that does drew more rows than there are. */
  get scrolls(): number {
    return this.#scrolls;
  }

  /** The emulator itself, for pictures. */
  get emulator(): xterm.Terminal {
    return this.#term;
  }

  /** Presses keys by name, one after the other: `press('Ctrl-D')`, `press('Tab', 'Enter')`, `press('j')`. */
  press(...keys: string[]): void {
    for (const key of keys) this.#pty.write(bytesOf(key));
  }

  /** Types text as a person does: as single characters. */
  type(text: string): void {
    this.#pty.write(text);
  }

  paste(text: string): void {
    this.#pty.write(pasteBytes(text));
  }

  /** Clicks (button 0) or turns the wheel (64 up, 65 down) at a cell counted from 0. */
  mouse(button: number, x: number, y: number): void {
    this.#pty.write(mouseBytes(button, x, y));
  }

  resize(cols: number, rows: number): void {
    this.#term.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  /** Sends a signal to the program. */
  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** The rows as they stand, trailing blanks cut. */
  screen(): string[] {
    const buffer = this.#term.buffer.active;
    return Array.from({ length: this.#term.rows }, (_, y) => {
      return buffer.getLine(buffer.baseY + y)?.translateToString(true) ?? '';
    });
  }

  text(): string {
    return this.screen().join('\n');
  }

  /** Cell where a text begins on the screen, counted from 0; throws when it is not there. */
  find(text: string): { x: number; y: number } {
    const rows = this.screen();
    for (let y = 0; y < rows.length; y++) {
      const at = rows[y]!.indexOf(text);
      if (at < 0) continue;
      const line = this.#term.buffer.active.getLine(this.#term.buffer.active.baseY + y)!;
      // Cells, not characters: a wide character takes two cells.
      let seen = 0;
      for (let x = 0; x < this.#term.cols; x++) {
        const cell = line.getCell(x);
        if (!cell || cell.getWidth() === 0) continue;
        if (seen >= at) return { x, y };
        seen += Math.max(1, cell.getChars().length);
      }
    }
    throw new Error(`not on the screen: ${text}\n${this.#picture()}`);
  }

  /** Looks of one cell, counted from 0. */
  cellStyle(x: number, y: number): CellStyle {
    const buffer = this.#term.buffer.active;
    const cell = buffer.getLine(buffer.baseY + y)?.getCell(x);
    if (!cell) throw new Error(`no cell at ${x},${y}`);
    return styleOf(cell);
  }

  /** Waits until the screen shows it. The error carries the screen. Milliseconds. */
  async waitFor(condition: Condition, timeout = 30_000): Promise<void> {
    const met = () => this.#meets(condition);
    await this.#until(met, timeout, () => `waited ${timeout} ms for ${describe(condition)}`);
  }

  /** Waits until the screen no longer shows it. */
  async waitGone(condition: Condition, timeout = 30_000): Promise<void> {
    const met = () => !this.#meets(condition);
    await this.#until(met, timeout, () => `waited ${timeout} ms for ${describe(condition)} to go`);
  }

  /** Waits until everything written was drawn and nothing more came for `quiet` milliseconds. */
  async waitIdle(quiet = 150, timeout = 30_000): Promise<void> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const before = this.#raw.length;
      await new Promise(resolve => setTimeout(resolve, quiet));
      if (this.#raw.length === before && this.#drawing === 0) return;
      if (Date.now() > deadline) throw new Error(`still drawing after ${timeout} ms\n${this.#picture()}`);
    }
  }

  /** Waits for the end of the program; throws with the screen when it does not end. */
  async waitExit(timeout = 30_000): Promise<Exit> {
    await this.#until(
      () => this.#ended !== undefined && this.#drawing === 0,
      timeout,
      () => `the program did not end within ${timeout} ms`,
    );
    return this.#ended!;
  }

  /** How the terminal is set now; after the end, as the program left it. */
  state(): TerminalState {
    const stty = this.#ended ? readFileSync(join(this.#notes, 'stty'), 'utf8') : this.#stty();
    return terminalState(this.#term, this.#raw, stty);
  }

  /** Ends the program if it still runs and lets go of the terminal. */
  async close(): Promise<void> {
    if (!this.#ended) {
      const end = (name: NodeJS.Signals) => {
        try {
          this.signal(name);
        } catch {
          this.#pty.kill('SIGHUP');
        }
      };
      end('SIGTERM');
      const patience = setTimeout(() => end('SIGKILL'), 3000);
      await this.exit;
      clearTimeout(patience);
    }
    this.#term.dispose();
    rmSync(this.#notes, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #stty(): string {
    const tty = (this.#pty as unknown as { ptsName: string }).ptsName;
    const slave = openSync(tty, constants.O_RDWR | constants.O_NOCTTY);
    try {
      return spawnSync('stty', ['-a'], { stdio: [slave, 'pipe', 'pipe'], encoding: 'utf8' }).stdout;
    } finally {
      closeSync(slave);
    }
  }

  #meets(condition: Condition): boolean {
    const rows = this.screen();
    if (typeof condition === 'function') return condition(rows);
    const text = rows.join('\n');
    return typeof condition === 'string' ? text.includes(condition) : condition.test(text);
  }

  #changed(): void {
    for (const check of [...this.#changes]) check();
  }

  async #until(met: () => boolean, timeout: number, what: () => string): Promise<void> {
    if (met()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: Error) => {
        clearTimeout(timer);
        this.#changes.delete(check);
        if (error) reject(error);
        else resolve();
      };
      const check = () => {
        if (met()) return finish();
        if (this.#ended && this.#drawing === 0) {
          finish(new Error(`${what()}, but the program ended with ${this.#ended.exitCode}\n${this.#picture()}`));
        }
      };
      const timer = setTimeout(() => finish(new Error(`${what()}\n${this.#picture()}`)), timeout);
      this.#changes.add(check);
      check();
    });
  }

  #picture(): string {
    const edge = '─'.repeat(this.#term.cols);
    return `┌${edge}\n${this.screen()
      .map(row => `│${row}`)
      .join('\n')}\n└${edge}`;
  }
}

function describe(condition: Condition): string {
  if (typeof condition === 'string') return `"${condition}"`;
  return condition instanceof RegExp ? String(condition) : condition.toString().slice(0, 200);
}
