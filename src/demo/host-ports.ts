import { createServer, type Server, type Socket } from 'node:net';
import { ApiError } from './api-error.ts';

interface Binding {
  ip: string;
  port: number;
  protocol: string;
  owner: string;
  server?: Server;
  sockets: Set<Socket>;
}

export interface BindRequest {
  /** Container id. */
  owner: string;
  /** Name and endpoint id, which Docker's message tells. */
  endpoint: string;
  ip: string;
  /** 0: any free one. */
  port: number;
  protocol: string;
  /** False: written down only, no real socket. */
  listen: boolean;
  /** True: a port that is really taken does not matter, the container runs without it. */
  lenient: boolean;
  onConnect(socket: Socket): void;
}

/** The host's ports as the engine publishes them. Real sockets listen on loopback only, whatever address was asked for. */
export class HostPorts {
  #bindings = new Set<Binding>();
  #listen: boolean;
  #next = 32768;

  constructor(listen: boolean) {
    this.#listen = listen;
  }

  /** Binds and gives the port number. Throws 500 with Docker's own messages. */
  async bind(request: BindRequest): Promise<number> {
    const binding: Binding = { ...request, sockets: new Set() };
    if (request.port !== 0 && this.#taken(request)) {
      const text = `Bind for ${show(request.ip)}:${request.port} failed: port is already allocated`;
      throw new ApiError(
        500,
        `driver failed programming external connectivity on endpoint ${request.endpoint}: ${text}`,
      );
    }
    if (request.port === 0 && !(this.#listen && request.listen)) binding.port = this.#free(request);
    this.#bindings.add(binding);
    if (this.#listen && request.listen && request.protocol === 'tcp' && isLocal(request.ip)) {
      try {
        await this.#open(binding, request);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        // Ports below 1024 need rights that a real engine has: pretend.
        if (code === 'EADDRINUSE' && !request.lenient) {
          this.#bindings.delete(binding);
          const text = `Error starting userland proxy: listen tcp4 ${show(request.ip)}:${request.port}: bind: address already in use`;
          throw new ApiError(
            500,
            `driver failed programming external connectivity on endpoint ${request.endpoint}: ${text}`,
          );
        }
        if (binding.port === 0) binding.port = this.#free(request);
      }
    } else if (binding.port === 0) {
      binding.port = this.#free(request);
    }
    return binding.port;
  }

  /** Frees all ports of a container and cuts their connections. */
  release(owner: string): void {
    for (const binding of [...this.#bindings]) {
      if (binding.owner !== owner) continue;
      this.#bindings.delete(binding);
      binding.server?.close();
      for (const socket of binding.sockets) socket.destroy();
    }
  }

  releaseAll(): void {
    for (const binding of [...this.#bindings]) this.release(binding.owner);
  }

  /** How many real sockets listen. */
  get listening(): number {
    return [...this.#bindings].filter(binding => binding.server).length;
  }

  #open(binding: Binding, request: BindRequest): Promise<void> {
    const server = createServer(socket => {
      binding.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => binding.sockets.delete(socket));
      request.onConnect(socket);
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: request.ip.startsWith('127.') ? request.ip : '127.0.0.1', port: binding.port }, () => {
        const address = server.address();
        if (address && typeof address === 'object') binding.port = address.port;
        binding.server = server;
        if (!this.#bindings.has(binding)) server.close();
        server.on('error', () => {});
        resolve();
      });
    });
  }

  #taken(request: { ip: string; port: number; protocol: string }): boolean {
    for (const binding of this.#bindings) {
      if (binding.port !== request.port || binding.protocol !== request.protocol) continue;
      if (isAny(binding.ip) || isAny(request.ip) || binding.ip === request.ip) return true;
    }
    return false;
  }

  #free(request: { ip: string; protocol: string }): number {
    do this.#next = this.#next >= 60999 ? 32768 : this.#next + 1;
    while (this.#taken({ ...request, port: this.#next }));
    return this.#next;
  }
}

const isAny = (ip: string) => ip === '' || ip === '0.0.0.0' || ip === '::';
const isLocal = (ip: string) => isAny(ip) || ip.startsWith('127.') || ip === '::1';
const show = (ip: string) => (isAny(ip) ? '0.0.0.0' : ip);
