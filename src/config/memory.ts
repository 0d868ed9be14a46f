import { K3duiError } from '../errors.ts';

const UNITS = ['k', 'm', 'g', 't', 'p'];

/**
 * Memory as Docker's RAMInBytes reads it: `512m`, `1.5g`, `2GiB`, `1024`; units of 1024, letter case of no matter.
 * Gives whole bytes. Throws MEMORY_INVALID.
 */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?([A-Za-z]*)$/.exec(text);
  if (!match) throw invalid(text, `invalid size: '${text}'`);
  const unit = /^(?:b?|([kmgtp])(?:i?b)?)$/.exec((match[2] ?? '').toLowerCase());
  if (!unit) throw invalid(text, `invalid suffix: '${(match[2] ?? '').toLowerCase()}'`);
  const bytes = Math.floor(Number(match[1]) * 1024 ** (unit[1] ? UNITS.indexOf(unit[1]) + 1 : 0));
  if (!Number.isSafeInteger(bytes)) throw invalid(text, `invalid size: '${text}' is too large`);
  return bytes;
}

/** The shortest text that reads as exactly so many bytes: `1g`, `1536m`, `1000`. */
export function formatMemory(bytes: number): string {
  const unit = UNITS.findLastIndex((_, i) => bytes > 0 && bytes % 1024 ** (i + 1) === 0);
  return unit < 0 ? String(bytes) : `${bytes / 1024 ** (unit + 1)}${UNITS[unit]}`;
}

function invalid(text: string, why: string): K3duiError {
  return new K3duiError({
    code: 'MEMORY_INVALID',
    message: `provided memory limit value '${text}' is invalid: ${why}`,
    hint: 'write a number and a unit, for example 512m or 1.5g',
  });
}
