const ZERO = 48;
const DASH = 45;
const COLON = 58;
const POINT = 46;
const BLANK = 32;
const DAY = 86_400_000;

/**
 * Reads the time stamp Docker puts in front of each line (`2026-11-23T05:27:38.181673227Z `) without making a string of
 * it: 20,000 a second come through here.
 */
export class StampReader {
  /** Milliseconds since the epoch of the last stamp read. */
  time = 0;
  #day = -1;
  #dayTime = 0;

  /** Reads a stamp at `at`; gives how many bytes it takes with its blank, 0 when there is none. */
  read(bytes: Uint8Array, at: number): number {
    // The shortest: 2026-11-23T05:27:38Z and a blank.
    if (bytes.length - at < 21 || bytes[at + 4] !== DASH || bytes[at + 7] !== DASH || bytes[at + 13] !== COLON)
      return 0;
    const year = two(bytes, at) * 100 + two(bytes, at + 2);
    const month = two(bytes, at + 5);
    const date = two(bytes, at + 8);
    const seconds = two(bytes, at + 11) * 3600 + two(bytes, at + 14) * 60 + two(bytes, at + 17);
    const day = year * 10_000 + month * 100 + date;
    if (!(day > 0) || !(seconds >= 0)) return 0;
    let next = at + 19;
    let fraction = 0;
    if (bytes[next] === POINT) {
      let scale = 1000;
      for (next++; bytes[next]! >= ZERO && bytes[next]! <= ZERO + 9; next++) {
        scale /= 10;
        fraction += (bytes[next]! - ZERO) * scale;
      }
    }
    const zone = zoneAt(bytes, next);
    if (zone === undefined || bytes[next + zone.length] !== BLANK) return 0;
    if (day !== this.#day) {
      this.#day = day;
      this.#dayTime = Date.UTC(year, month - 1, date);
    }
    this.time = this.#dayTime + seconds * 1000 + fraction - zone.offset;
    if (this.time < -DAY) return 0;
    return next + zone.length + 1 - at;
  }
}

const UTC = { length: 1, offset: 0 };

/** `Z` or `+02:00`; Docker writes UTC, engines that imitate it may not. */
function zoneAt(bytes: Uint8Array, at: number): { length: number; offset: number } | undefined {
  const sign = bytes[at];
  if (sign === 90) return UTC;
  if ((sign !== 43 && sign !== DASH) || bytes[at + 3] !== COLON) return undefined;
  const minutes = two(bytes, at + 1) * 60 + two(bytes, at + 4);
  return minutes >= 0 ? { length: 6, offset: (sign === DASH ? -1 : 1) * minutes * 60_000 } : undefined;
}

/** Two digits as a number; NaN when they are none. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Milliseconds as `2026-11-23T05:27:38.181673Z`. */
export function stampText(time: number): string {
  const whole = new Date(Math.floor(time)).toISOString();
  const micros = Math.min(999, Math.floor((time - Math.floor(time)) * 1000 + 0.5));
  return `${whole.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}
