import { plainJson } from './go-output.ts';
import type { Output } from './io.ts';

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Names that LOG_LEVEL takes as well (logrus' own). */
const ALSO = new Map<string, Level>([
  ['warning', 'warn'],
  ['panic', 'fatal'],
]);
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
 * counts seconds since the start; `--timestamps` shows the time instead. With LOG_COLORS=false they are for programs, as
 * k3d's are then: `time="2026-11-23T05:00:00Z" level=info msg=text`.
 */
export class Log {
  readonly level: Level;
  readonly json: boolean;
  /** Lines are made of fields, and the details of an error are among them. */
  readonly fields: boolean;
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
    const word = options.env.LOG_LEVEL?.toLowerCase() ?? '';
    const wanted = ALSO.get(word) ?? (word as Level);
    this.fields = this.json || parseBoolean(options.env.LOG_COLORS) === false;
    this.level = options.trace ? 'trace' : options.verbose ? 'debug' : ORDER.includes(wanted) ? wanted : 'info';
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

  /** `details` go into lines made of fields only. */
  write(level: Level, text: string, details: object = {}): void {
    if (!this.shows(level)) return;
    if (this.json) {
      this.#options.stdout.write(
        `${plainJson(JSON.stringify({ type: 'log', at: this.#now(), level, message: text, ...details }))}\n`,
      );
      return;
    }
    const output =
      level === 'warn' || level === 'error' || level === 'fatal' ? this.#options.stderr : this.#options.stdout;
    if (this.fields) {
      const fields = { time: this.#time(), level: level === 'warn' ? 'warning' : level, msg: text, ...details };
      this.around(() => output.write(`${logfmt(fields)}\n`));
      return;
    }
    const label = usesColour(output, this.#options.env) ? `\x1b[${COLOUR[level]}m${LABEL[level]}\x1b[0m` : LABEL[level];
    this.around(() => output.write(`${label}[${this.#stamp()}] ${text}\n`));
  }

  #stamp(): string {
    const { timestamps, env } = this.#options;
    if (timestamps || env.LOG_TIMESTAMPS) return this.#time();
    return String(Math.floor((this.#now() - this.#start) / 1000)).padStart(4, '0');
  }

  /** `2026-11-23T05:00:00+01:00`, here. */
  #time(): string {
    const now = new Date(this.#now());
    const minutes = -now.getTimezoneOffset();
    const local = new Date(now.getTime() + minutes * 60_000).toISOString().slice(0, 19);
    if (minutes === 0) return `${local}Z`;
    const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0');
    return `${local}${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(Math.abs(minutes) % 60)}`;
  }
}

/** `name=value`, with quotes where the value is more than a word. */
function logfmt(fields: object): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `${name}=${/^[\w\-./@^+]+$/.test(text) ? text : plainJson(JSON.stringify(text))}`;
    })
    .join(' ');
}

/** As Go reads a boolean; undefined for anything else. */
function parseBoolean(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** Colours only on a terminal, and not where NO_COLOR is set; LOG_COLORS, as k3d has it, decides otherwise. */
export function usesColour(output: Output, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  return parseBoolean(env.LOG_COLORS) ?? (output.isTTY && env.TERM !== 'dumb');
}
