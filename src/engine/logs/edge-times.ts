import type { LineRing } from './line-ring.ts';

/** When each source's oldest or newest line in the window was written, in milliseconds; undefined: it has none there. */
export function edgeTimes(ring: LineRing, sources: number, edge: 'oldest' | 'newest'): (number | undefined)[] {
  const { first, end } = ring;
  const times = Array.from({ length: sources }, (): number | undefined => undefined);
  const by = edge === 'oldest' ? 1 : -1;
  let missing = sources;
  for (let line = by > 0 ? first : end - 1; line >= first && line < end && missing > 0; line += by) {
    const source = ring.source(line);
    if (ring.isNote(line) || times[source] !== undefined) continue;
    times[source] = ring.time(line);
    missing--;
  }
  return times;
}
