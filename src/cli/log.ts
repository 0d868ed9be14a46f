import type { Output } from './io.ts';

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const ORDER: Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const LABEL: Record<Level, string> = {
  trace: 'TRAC',
  debug: 'DEBU',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERRO',
  fatal: 'FATA',
};
const COLOUR: Record<Level, number> = { trace: 37, debug: 37, info: 36, warn: 33, error: 31, fatal: 31 };

export interface LogOptions {
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
  verbose?: boolean;
  trace?: boolean;
  timestamps?: boolean;
  /** One JSON object a line on standard output, whatever the level. */
  json?: boolean;
  /** Injected for tests. Milliseconds. */
  now?: () => number;
}

/**
 * Lines in k3d's style, `INFO[0012] text`: what is wrong on standard error, the rest on standard output. The number
 * counts seconds since the start; `--timestamps` shows the time instead.
 */
export class Log {
  readonly level: Level;
  readonly json: boolean;
  /** Called around every line, so that a live view can step aside. */
  around: (write: () => void) => void = write => write();
  readonly #options: LogOptions;
  readonly #now: () => number;
  readonly #start: number;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#start = this.#now();
    this.json = options.json === true;
    const wanted = options.env.LOG_LEVEL?.toLowerCase() as Level | undefined;
    this.level = options.trace
      ? 'trace'
      : options.verbose
        ? 'debug'
        : wanted && ORDER.includes(wanted)
          ? wanted
          : 'info';
  }

  trace(text: string): void {
    this.write('trace', text);
  }
  debug(text: string): void {
    this.write('debug', text);
  }
  info(text: string): void {
    this.write('info', text);
  }
  warn(text: string): void {
    this.write('warn', text);
  }
  error(text: string): void {
    this.write('error', text);
  }

  shows(level: Level): boolean {
    return ORDER.indexOf(level) >= ORDER.indexOf(this.level);
  }

  /** `details` go into the JSON object only. */
  write(level: Level, text: string, details: object = {}): void {
    if (!this.shows(level)) return;
    if (this.json) {
      this.#options.stdout.write(
        `${JSON.stringify({ type: 'log', at: this.#now(), level, message: text, ...details })}\n`,
      );
      return;
    }
    const output =
      level === 'warn' || level === 'error' || level === 'fatal' ? this.#options.stderr : this.#options.stdout;
    const label = usesColour(output, this.#options.env) ? `\x1b[${COLOUR[level]}m${LABEL[level]}\x1b[0m` : LABEL[level];
    this.around(() => output.write(`${label}[${this.#stamp()}] ${text}\n`));
  }

  #stamp(): string {
    const { timestamps, env } = this.#options;
    if (timestamps || env.LOG_TIMESTAMPS) return new Date(this.#now()).toISOString().replace(/\.\d+Z$/, 'Z');
    return String(Math.floor((this.#now() - this.#start) / 1000)).padStart(4, '0');
  }
}

/** Colours only on a terminal, and not where NO_COLOR is set; LOG_COLORS, as k3d has it, decides otherwise. */
export function usesColour(output: Output, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.LOG_COLORS) return /^(1|t|true)$/i.test(env.LOG_COLORS);
  return output.isTTY && env.TERM !== 'dumb';
}
