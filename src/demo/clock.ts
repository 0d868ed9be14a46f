/** Runs `run` later; calling the result cancels it. */
type Cancel = () => void;

/**
 * Simulated time. `tempo` multiplies every simulated delay: 1 is brisk but lifelike, 0 means at once (in order of the calls).
 * Timers never keep the process alive by themselves.
 */
export class Clock {
  tempo: number;
  #cancels = new Set<Cancel>();
  #lastNano = 0n;

  constructor(tempo: number) {
    this.tempo = tempo;
  }

  /** Calls `run` after `ms` simulated milliseconds, but never before `atLeast` real ones (for loops that must not spin). */
  after(ms: number, run: () => void, atLeast = 0): Cancel {
    const real = Math.max(ms * this.tempo, atLeast);
    let stopTimer: () => void;
    const cancel = () => {
      this.#cancels.delete(cancel);
      stopTimer();
    };
    const fire = () => {
      this.#cancels.delete(cancel);
      run();
    };
    if (real <= 0) {
      const immediate = setImmediate(fire);
      stopTimer = () => clearImmediate(immediate);
    } else {
      const timer = setTimeout(fire, real);
      timer.unref();
      stopTimer = () => clearTimeout(timer);
    }
    this.#cancels.add(cancel);
    return cancel;
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => this.after(ms, resolve));
  }

  /** Unix time in nanoseconds; every call gives one at least a microsecond later, as log lines and events need an order. */
  nano(): bigint {
    const now = BigInt(Date.now()) * 1_000_000n;
    this.#lastNano = now > this.#lastNano + 1000n ? now : this.#lastNano + 1000n;
    return this.#lastNano;
  }

  /** Cancels everything that is still to come. */
  stop(): void {
    for (const cancel of [...this.#cancels]) cancel();
  }
}

/** Docker's own time stamp: RFC 3339 with nine digits. */
export function stamp(nano: bigint): string {
  if (nano <= 0n) return '0001-01-01T00:00:00Z';
  const seconds = new Date(Number(nano / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(nano % 1_000_000_000n).padStart(9, '0')}Z`;
}

/** The same for unix milliseconds. */
export function stampMs(ms: number): string {
  return ms <= 0 ? '0001-01-01T00:00:00Z' : stamp(BigInt(Math.round(ms)) * 1_000_000n);
}

/** Unix seconds with a fraction (`1795411783.000000001`), RFC 3339, or undefined, as Docker takes in `since` and `until`. */
export function parseTime(text: string | null): bigint | undefined {
  if (!text || text === '0') return undefined;
  const unix = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (unix) return BigInt(unix[1]!) * 1_000_000_000n + BigInt((unix[2] ?? '').padEnd(9, '0') || '0');
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n;
}
