import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way over TCP to an engine's socket, as to an engine on another machine. */
export interface Link {
  /** For DOCKER_HOST. */
  host: string;
  /** Once that many more bytes have come from the engine all connections break, and no new ones are taken. */
  cutAfter(bytes: number): void;
  close(): Promise<void>;
}

/** `engine`: path of its socket. */
export async function openLink(engine: string): Promise<Link> {
  const sockets = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer({ allowHalfOpen: true }, here => {
    const there = connect({ path: engine, allowHalfOpen: true });
    for (const [socket, other] of [
      [here, there],
      [there, here],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => sockets.delete(socket));
    }
    there.on('data', data => {
      left -= data.length;
      if (left < 0) cut();
    });
    here.pipe(there).pipe(here);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter: bytes => {
      left = bytes;
    },
    async close() {
      cut();
    },
  };
}
