import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { findRoute } from './api/routes.ts';
import { ApiError } from './api-error.ts';
import { Call } from './call.ts';
import { type Fault, Faults } from './faults.ts';
import type { World } from './world.ts';

export const API_VERSION = '1.47';
const MIN_API_VERSION = '1.24';

/** One call as the engine saw it. */
export interface CallRecord {
  method: string;
  /** Without the version prefix. */
  path: string;
  query: string;
  /** 0 while it is not answered, or when the connection was cut before. */
  status: number;
  /** Milliseconds until the answer was complete. */
  ms: number;
}

const KEPT_CALLS = 10_000;

/** The HTTP face of the engine: versions, routes, faults, the record of calls, and playing dead. */
export class EngineServer {
  readonly faults = new Faults();
  calls: CallRecord[] = [];
  #world: World;
  #server: Server | undefined;
  #sockets = new Set<Socket>();
  #held: (() => void)[] | undefined;
  #frozen = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Listens at a socket path, a pipe name, or a TCP port on loopback; gives the port (0 for none). */
  async listen(at: { path: string } | { host: string; port: number }): Promise<number> {
    const server = createServer((req, res) => void this.#handle(req, res));
    this.#server = server;
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    server.on('upgrade', (req, socket, head) => this.#upgrade(req, socket, head));
    server.on('connection', socket => {
      this.#sockets.add(socket);
      if (this.#frozen) socket.cork();
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, resolve);
    });
    const address = server.address();
    return address && typeof address === 'object' ? address.port : 0;
  }

  /** New calls wait, unanswered, until `resume`. */
  stopAnswering(): void {
    this.#held ??= [];
  }

  /** Like `stopAnswering`, and open streams go silent too. */
  freeze(): void {
    this.stopAnswering();
    this.#frozen = true;
    for (const socket of this.#sockets) socket.cork();
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#frozen = false;
    for (const socket of this.#sockets) for (let n = socket.writableCorked; n > 0; n--) socket.uncork();
    for (const go of held) go();
  }

  /** Cuts every connection and stops listening. */
  async die(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise<void>(resolve => server.close(() => resolve()));
  }

  #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const res = new ServerResponse(req);
    res.assignSocket(socket as Socket);
    res.shouldKeepAlive = false;
    res.on('finish', () => socket.end());
    void this.#handle(req, res, { socket, head });
  }

  async #handle(req: IncomingMessage, res: ServerResponse, upgrade?: { socket: Duplex; head: Buffer }): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://engine');
    const versioned = /^\/v(\d+)\.(\d+)(\/.*)$/.exec(url.pathname);
    const call = new Call(this.#world, req, res, versioned?.[3] ?? url.pathname, url.searchParams);
    call.upgrade = upgrade;
    const record = this.#record(call, res);
    if (this.#held) await new Promise<void>(resolve => this.#held!.push(resolve));
    res.setHeader('Api-Version', API_VERSION);
    res.setHeader('Docker-Experimental', 'false');
    res.setHeader('Ostype', 'linux');
    res.setHeader('Server', 'Docker/27.5.1 (linux)');
    try {
      if (versioned)
        checkVersion(Number(versioned[1]) * 1000 + Number(versioned[2]), `${versioned[1]}.${versioned[2]}`);
      const fault = this.faults.strike(call);
      if (fault && !(await applyFault(fault, call))) return;
      const route = findRoute(call);
      if (!route) throw new ApiError(404, 'page not found');
      await route(call);
      if (upgrade && res.statusCode === 200 && !res.headersSent) record.status = 101;
    } catch (error) {
      this.#fail(call, error);
    }
  }

  #fail(call: Call, error: unknown): void {
    const { res } = call;
    if (res.headersSent || res.destroyed) {
      res.destroy();
      return;
    }
    const status = error instanceof ApiError ? error.status : 500;
    const message = error instanceof Error ? error.message : String(error);
    // What the caller has not sent yet is of no interest any more.
    call.req.resume();
    if (status === 304) call.empty(304);
    else call.json(status, { message });
  }

  #record(call: Call, res: ServerResponse): CallRecord {
    const record: CallRecord = { method: call.method, path: call.path, query: call.query.toString(), status: 0, ms: 0 };
    const began = performance.now();
    if (this.calls.length >= KEPT_CALLS) this.calls = this.calls.slice(KEPT_CALLS / 2);
    this.calls.push(record);
    res.on('finish', () => {
      record.status = res.statusCode;
      record.ms = performance.now() - began;
    });
    call.onGone(() => (record.ms ||= performance.now() - began));
    return record;
  }
}

function checkVersion(asked: number, text: string): void {
  const number = (version: string) => {
    const [major, minor] = version.split('.');
    return Number(major) * 1000 + Number(minor);
  };
  if (asked > number(API_VERSION)) {
    throw new ApiError(400, `client version ${text} is too new. Maximum supported API version is ${API_VERSION}`);
  }
  if (asked < number(MIN_API_VERSION)) {
    throw new ApiError(
      400,
      `client version ${text} is too old. Minimum supported API version is ${MIN_API_VERSION}, please upgrade your client to a newer version`,
    );
  }
}

/** True when the call shall go on to its route. */
async function applyFault(fault: Fault, call: Call): Promise<boolean> {
  switch (fault.action) {
    case 'error':
      throw new ApiError(fault.status ?? 500, fault.message ?? 'a fault made on purpose');
    case 'stall':
      return false;
    case 'reset':
      // Only TCP knows a reset.
      if (call.req.socket.remoteAddress) call.req.socket.resetAndDestroy();
      else call.req.socket.destroy();
      return false;
    case 'delay':
      await new Promise(resolve => setTimeout(resolve, fault.ms ?? 1000));
      return true;
    case 'truncate':
      truncate(call.res, fault.bytes ?? 16);
      return true;
  }
}

/** Lets `bytes` of the body through, then cuts the connection; an answer shorter than that is cut at its end. */
function truncate(res: ServerResponse, bytes: number): void {
  let left = bytes;
  const write = res.write.bind(res) as (data: Buffer, done: () => void) => boolean;
  const pass = (chunk: unknown, last: boolean): void => {
    const data = typeof chunk === 'string' || Buffer.isBuffer(chunk) ? Buffer.from(chunk as string) : Buffer.alloc(0);
    const part = data.subarray(0, left);
    left -= part.length;
    const cut = () => void ((last || left <= 0) && res.socket?.destroy());
    if (part.length > 0) write(part, cut);
    else cut();
  };
  res.write = ((chunk: unknown) => {
    pass(chunk, false);
    return true;
  }) as typeof res.write;
  res.end = ((chunk: unknown) => {
    pass(chunk, true);
    return res;
  }) as typeof res.end;
}
