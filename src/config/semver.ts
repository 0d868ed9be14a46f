interface Version {
  numbers: [number, number, number];
  pre: string[];
}

const FORM = /^v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-([\w.-]+))?(?:\+[\w.-]+)?$/;

/**
 * Orders two versions (with or without `v`) as semver.org §11 says; negative when the first is older. What is no version is older than
 * all that are, and such are ordered as text. k3d sorts tags so (golang.org/x/mod/semver).
 */
export function compareSemver(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  if (!left || !right) return left ? 1 : right ? -1 : a < b ? -1 : a > b ? 1 : 0;
  for (let i = 0; i < 3; i++) {
    const difference = left.numbers[i]! - right.numbers[i]!;
    if (difference !== 0) return difference;
  }
  return comparePre(left.pre, right.pre);
}

function parse(text: string): Version | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const [, major, minor = '0', patch = '0', pre] = match;
  return { numbers: [Number(major), Number(minor), Number(patch)], pre: pre ? pre.split('.') : [] };
}

/** A release comes after its candidates; numbers come before words. */
function comparePre(a: string[], b: string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x === y) continue;
    const numbers = [x, y].map(part => /^\d+$/.test(part));
    if (numbers[0] && numbers[1]) return Number(x) - Number(y);
    if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
}
