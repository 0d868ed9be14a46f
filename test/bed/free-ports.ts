import { createServer } from 'node:net';

/** The first of so many neighbouring TCP ports that are free on this machine now. */
export async function freePorts(count: number): Promise<number> {
  for (let start = 26_000 + Math.floor(Math.random() * 4000); ; start += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(start + i)));
    if (free.every(Boolean)) return start;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
