import type { Difference } from './differences.ts';

/** `agents: 2 → 3`, `+ ports 8081:80@loadbalancer`, with its sign apart. */
export function describeDifference({ field, live, wanted }: Difference): { sign: '+' | '-' | '~'; text: string } {
  if (live === '') return { sign: '+', text: `${field}: ${wanted}` };
  if (wanted === '') return { sign: '-', text: `${field}: ${live}` };
  return { sign: '~', text: `${field}: ${live} → ${wanted}` };
}

/** How it can be had, for a person. */
export function describeHow({ how, why }: Difference): string {
  return how === 'in place' ? 'in place' : `only anew: ${why ?? ''}`;
}
