import { canListen } from '../../src/engine/cluster/host-ports.ts';

/** Below what systems give out by themselves, so that nothing takes one meanwhile, and below the ports of replay.ts. */
const FIRST = 20_000;
const LAST = 25_000;

/** Where to look next: every process, and so every worker of the tests, looks at a place of its own. */
let next = FIRST + ((process.pid * 48) % (LAST - FIRST));

/** The first of so many neighbouring TCP ports that are free on this machine now; other ones at every call. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const start = next + count > LAST ? FIRST : next;
    next = start + count;
    const free = await Promise.all(Array.from({ length: count }, (_, i) => canListen(start + i)));
    if (free.every(Boolean)) return start;
  }
}
