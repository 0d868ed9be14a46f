import { K3duiError } from '../errors.ts';

export interface Ulimit {
  name: string;
  /** -1: unlimited. */
  soft: number;
  hard: number;
}

/** k3d cmd/util/runtimeUlimits.go. */
export const ULIMIT_NAMES: readonly string[] = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

/** `NAME=SOFT:HARD`, or `NAME=BOTH` as docker takes it. Throws ULIMIT_INVALID with k3d's words. */
export function parseUlimit(text: string): Ulimit {
  const [name = '', limits, ...rest] = text.split('=');
  const [softText = '', hardText = softText, ...more] = (limits ?? '').split(':');
  if (limits === undefined || rest.length > 0 || more.length > 0) {
    throw invalid(`unknown runtime-ulimit format: ${text}, use format "ulimit=soft:hard"`);
  }
  const soft = parseLimit(softText);
  const hard = parseLimit(hardText);
  if (soft === undefined) throw invalid(`unknown runtime-ulimit format: soft ${softText} of ${name} has to be int`);
  if (hard === undefined) throw invalid(`unknown runtime-ulimit format: hard ${hardText} of ${name} has to be int`);
  return checkUlimit({ name, soft, hard });
}

/** The same when it is a known limit whose soft value is not above the hard one; else throws ULIMIT_INVALID. */
export function checkUlimit(ulimit: Ulimit): Ulimit {
  const { name, soft, hard } = ulimit;
  if (!ULIMIT_NAMES.includes(name)) {
    throw invalid(`runtime ulimit "${name}" is not valid, allowed keys are: ${ULIMIT_NAMES.join(', ')}`);
  }
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${name}: ${soft} > ${hard}`);
  }
  return ulimit;
}

export function formatUlimit(ulimit: Ulimit): string {
  return `${ulimit.name}=${ulimit.soft}:${ulimit.hard}`;
}

function parseLimit(text: string): number | undefined {
  const value = Number(text);
  return /^(-1|\d+)$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

function invalid(message: string): K3duiError {
  return new K3duiError({
    code: 'ULIMIT_INVALID',
    message,
    hint: 'write NAME=SOFT:HARD, for example nofile=65536:65536; -1 is unlimited',
  });
}
