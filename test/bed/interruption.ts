import { connect, type Socket } from 'node:net';
import type Docker from 'dockerode';

const POLL_MS = 10;
const LIMIT_MS = 1000;

/** The stand-in for k3s brings its own Node. */
const NODE_IN_NODE = '/usr/lib/k3s/node';

/** Runs servers in a node of the stand-in that give back what they are sent. */
export async function startEcho(docker: Docker, node: string, ports: { tcp: number[]; udp?: number[] }): Promise<void> {
  const script = `
    for (const port of ${JSON.stringify(ports.tcp)})
      require('net').createServer(s => { s.on('error', () => {}); s.pipe(s); }).listen(port, '0.0.0.0');
    for (const port of ${JSON.stringify(ports.udp ?? [])}) {
      const s = require('dgram').createSocket('udp4');
      s.on('message', (m, r) => s.send(m, r.port, r.address)).bind(port);
    }`;
  const exec = await docker.getContainer(node).exec({ Cmd: [NODE_IN_NODE, '-e', script] });
  const stream = await exec.start({ Detach: true });
  // The answer is never read to its end, and would keep this process alive.
  stream.destroy();
}

/** One exchange over a new connection: whether what was sent came back. */
export function exchange(port: number, limitMs = LIMIT_MS): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (came: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(came);
    };
    const timer = setTimeout(() => end(false), limitMs);
    socket.on('connect', () => socket.write('ping'));
    socket.on('data', () => end(true));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
}

export interface Interruption {
  /** Longest time in which no new connection got an answer, in milliseconds; 0 when every one did. */
  deadMs: number;
  /** New connections tried, and those that failed. */
  polls: number;
  failed: number;
  /** Of the connections held open: how many were cut. */
  cut: number;
}

/**
 * Holds connections open and asks over a new one every 10 ms while `work` runs and a moment longer. An outage lasts from
 * the beginning of the first exchange that failed to the end of the next that succeeded.
 */
export async function watchInterruption(port: number, held: number, work: () => Promise<void>): Promise<Interruption> {
  const result: Interruption = { deadMs: 0, polls: 0, failed: 0, cut: 0 };
  const sockets = await Promise.all(Array.from({ length: held }, () => hold(port)));
  for (const socket of sockets) socket.on('close', () => result.cut++);
  let stop = false;
  let deadSince: number | undefined;
  const pending = new Set<Promise<void>>();
  const poll = async (): Promise<void> => {
    const begin = performance.now();
    result.polls++;
    const came = await exchange(port);
    if (!came) {
      result.failed++;
      deadSince = Math.min(deadSince ?? begin, begin);
    } else if (deadSince !== undefined && begin > deadSince) {
      result.deadMs = Math.max(result.deadMs, Math.round(performance.now() - deadSince));
      deadSince = undefined;
    }
  };
  const loop = (async () => {
    while (!stop) {
      const one = poll();
      pending.add(one);
      void one.finally(() => pending.delete(one));
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
    await Promise.all(pending);
  })();
  try {
    await work();
    for (let calm = 0; calm < 30; ) {
      calm = (await exchange(port)) ? calm + 1 : 0;
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
  } finally {
    stop = true;
    await loop;
  }
  // What is still open must still carry data.
  for (const socket of sockets.filter(other => !other.destroyed)) {
    if (!(await echoes(socket))) result.cut++;
    socket.removeAllListeners('close');
    socket.destroy();
  }
  return result;
}

function hold(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', reject);
    socket.once('connect', async () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      if (await echoes(socket)) resolve(socket);
      else reject(new Error(`nothing came back from port ${port}`));
    });
  });
}

function echoes(socket: Socket): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(false), LIMIT_MS);
    socket.once('data', () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.write('still there?');
  });
}
