import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { ApiError } from './api-error.ts';
import type { World } from './world.ts';

/** One request to the engine, and the means to answer it. */
export class Call {
  readonly world: World;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  /** Without the version prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** What the route's pattern caught. */
  params: string[] = [];
  /** Set for a request that asked to take the connection over. */
  upgrade: { socket: Duplex; head: Buffer } | undefined;
  #body: Promise<Buffer> | undefined;

  constructor(world: World, req: IncomingMessage, res: ServerResponse, path: string, query: URLSearchParams) {
    this.world = world;
    this.req = req;
    this.res = res;
    this.method = req.method ?? 'GET';
    this.path = path;
    this.query = query;
  }

  /** True for `1`, `true`, `True`; Docker takes anything but these and the empty text for false. */
  flag(name: string): boolean {
    return /^(1|true|t|yes|y|on)$/i.test(this.query.get(name)?.trim() ?? '');
  }

  rawBody(): Promise<Buffer> {
    this.#body ??= this.upgrade ? this.#upgradeBody(this.upgrade) : collect(this.req);
    return this.#body;
  }

  /** The JSON body; an empty object when there is none. Throws 400 for bad JSON. */
  async body<T extends object>(): Promise<Partial<T>> {
    const text = (await this.rawBody()).toString('utf8').trim();
    if (!text) return {};
    try {
      return (JSON.parse(text) ?? {}) as Partial<T>;
    } catch (error) {
      throw new ApiError(400, (error as Error).message);
    }
  }

  json(status: number, value: unknown): void {
    const text = `${JSON.stringify(value)}\n`;
    this.res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
    this.res.end(this.method === 'HEAD' ? undefined : text);
  }

  empty(status: number): void {
    this.res.writeHead(status);
    this.res.end();
  }

  /** Begins an answer that comes in pieces. */
  stream(contentType: string): void {
    this.res.writeHead(200, { 'Content-Type': contentType });
    this.res.flushHeaders();
  }

  /** Called once when the caller is gone or the answer is complete. */
  onGone(run: () => void): void {
    this.res.once('close', run);
    this.upgrade?.socket.once('close', run);
  }

  /**
   * The connection as two raw streams, as `exec` and `attach` use it: after a 101 if an upgrade was asked for, else as the
   * body of a 200, then without input.
   */
  async hijack(contentType: string): Promise<{ input: Readable | undefined; write(data: Buffer): void; end(): void }> {
    await this.rawBody();
    if (!this.upgrade) {
      this.stream(contentType);
      return { input: undefined, write: data => void this.res.write(data), end: () => void this.res.end() };
    }
    const { socket } = this.upgrade;
    this.res.detachSocket(socket as never);
    socket.write(
      `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${contentType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
    );
    return { input: socket, write: data => void (socket.writable && socket.write(data)), end: () => void socket.end() };
  }

  async #upgradeBody({ socket, head }: { socket: Duplex; head: Buffer }): Promise<Buffer> {
    const length = Number(this.req.headers['content-length'] ?? 0);
    let got = head;
    while (got.length < length) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      got = Buffer.concat([got, chunk]);
    }
    socket.pause();
    if (got.length > length) socket.unshift(got.subarray(length));
    return got.subarray(0, length);
  }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
