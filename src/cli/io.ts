import type { Engine } from '../engine/engine.ts';
import type { Streams } from '../engine/shell/terminal-peer.ts';

/** One of the two streams a command writes to. */
export interface Output {
  write(text: string): void;
  isTTY: boolean;
  /** Width in cells; 80 where it is no terminal. */
  columns: number;
  /** Height in cells; 24 where it is no terminal. */
  rows: number;
  /** Nobody reads any more: what is written is dropped. */
  readonly closed?: boolean;
}

/** Where the command line meets the world; main.ts gives the real one, tests their own. */
export interface Io {
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
  /** `0.1.0` */
  version: string;
  interrupts: Interrupts;
  /** The process' own, for a shell; looked at only when one runs. */
  readonly streams?: Streams;
  /** Connects: to the demo engine, to `host`, or to what the environment says. */
  openEngine(where: { demo: boolean; host?: string; readOnly: boolean }): Promise<Engine>;
}

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const NUMBERS: Record<SignalName, number> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * What signals mean while a command runs: the first cancels (and undoes), the second gives undoing up, the third ends
 * the process at once.
 */
export class Interrupts {
  /** The first signal, if there was one. */
  received: SignalName | undefined;
  readonly #abort = new AbortController();
  readonly #again = new Set<() => void>();
  readonly #giveUp: (code: number) => void;
  #count = 0;

  /** `giveUp` ends the process with an exit code. */
  constructor(giveUp: (code: number) => void = () => {}) {
    this.#giveUp = giveUp;
  }

  /** Aborts with the first signal. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** 130 for SIGINT, 143 for SIGTERM. */
  get exitCode(): number {
    return 128 + NUMBERS[this.received ?? 'SIGINT'];
  }

  send(signal: SignalName): void {
    this.#count++;
    if (this.#count === 1) {
      this.received = signal;
      this.#abort.abort();
    } else if (this.#count === 2 && this.#again.size > 0) {
      for (const listener of this.#again) listener();
    } else {
      this.#giveUp(this.exitCode);
    }
  }

  /** Calls the listener on a second signal. Returns how to stop that. */
  onAgain(listener: () => void): () => void {
    this.#again.add(listener);
    return () => this.#again.delete(listener);
  }

  /** True while something runs that ends by itself when cancelled. */
  get busy(): boolean {
    return this.#again.size > 0;
  }
}
