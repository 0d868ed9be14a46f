import { K3duiError } from '../errors.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** Go's longest duration, 2^63-1 ns, in milliseconds. */
const MAX = 9_223_372_036_854.775;

/**
 * A Go duration (`1m30s`, `90s`, `1h2m`, `500ms`, `0`) in milliseconds; may be negative. Throws DURATION_INVALID; with
 * the name of a flag (`--timeout`) the message is the one cobra prints.
 */
export function parseDuration(text: string, flag?: string): number {
  const fail = (why: string): never => {
    throw new K3duiError({
      code: 'DURATION_INVALID',
      message: flag === undefined ? why : `invalid argument "${text}" for "${flag}" flag: ${why}`,
      hint: 'write a number with a unit, for example 90s, 1m30s, 500ms, 2h',
    });
  };
  const quoted = `"${text}"`;
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0;
  if (rest === '') fail(`time: invalid duration ${quoted}`);
  let total = 0;
  while (rest !== '') {
    const number = /^(?:\d+\.?\d*|\.\d+)/.exec(rest)?.[0] ?? fail(`time: invalid duration ${quoted}`);
    rest = rest.slice(number.length);
    const unit = /^[^\d.]*/.exec(rest)?.[0] ?? '';
    if (unit === '') fail(`time: missing unit in duration ${quoted}`);
    const scale = UNITS.get(unit) ?? fail(`time: unknown unit "${unit}" in duration ${quoted}`);
    rest = rest.slice(unit.length);
    total += Number(number) * scale;
    if (total > MAX) fail(`time: invalid duration ${quoted}`);
  }
  return negative && total !== 0 ? -total : total;
}

/** Milliseconds as Go prints a duration: `1m30s`, `2h0m0s`, `1.5s`, `500ms`, `0s`. */
export function formatGoDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : '';
  const ms = Math.abs(milliseconds);
  if (ms === 0) return '0s';
  if (ms < 1) return ms < 1e-3 ? `${sign}${Math.round(ms * 1e6)}ns` : `${sign}${+(ms * 1e3).toFixed(3)}µs`;
  if (ms < 1000) return `${sign}${+ms.toFixed(6)}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = `${+((ms % 60_000) / 1000).toFixed(9)}s`;
  return `${sign}${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}`;
}
