import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What happens to a call: `refuse` cuts it off before the engine hears of it; `lose` lets the engine do it and then cuts
 * the answer off; `half` cuts in the middle of the answer; `error` answers 500 in the engine's place.
 */
export const FAULTS = ['refuse', 'lose', 'half', 'error'] as const;
export type Fault = (typeof FAULTS)[number];

/** A proxy in front of an engine's socket that makes the n-th call go wrong. */
export interface FaultProxy {
  /** For DOCKER_HOST. */
  host: string;
  /** Calls since `strike`, those for events and pings left out: they come when they like. */
  readonly calls: readonly string[];
  /** The call that met the fault, once one has. */
  readonly met: string | undefined;
  /**
   * From now on calls are counted anew, and the n-th (from 1; only those like `among` count), or the first like this, meets
   * the fault; 0: none does. A function is called then, and the call goes through.
   */
  strike(fault: Fault | (() => void), which: number | RegExp, among?: RegExp): void;
  close(): Promise<void>;
}

/** `engine`: path of its socket. */
export async function faultProxy(engine: string): Promise<FaultProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'k3dui-proxy-'));
  const path = join(folder, 'docker.sock');
  const sockets = new Set<Socket>();
  let fault: Fault | (() => void) = 'error';
  let which: number | RegExp = 0;
  let among = /^/;
  let counted = 0;
  let calls: string[] = [];
  let metBy: string | undefined;
  /** The fault that this call meets, if it does. */
  const struck = (req: IncomingMessage): Fault | undefined => {
    const url = (req.url ?? '').replace(/^\/v[\d.]+/, '');
    if (/^\/(events|_ping|version)\b/.test(url)) return undefined;
    const call = `${req.method} ${url.split('?')[0]}`;
    calls.push(call);
    if (!among.test(call)) return undefined;
    counted++;
    const met = which instanceof RegExp ? which.test(call) : counted === which;
    if (!met) return undefined;
    which = 0;
    metBy = call;
    if (typeof fault !== 'function') return fault;
    fault();
    return undefined;
  };

  const server = createServer((req, res) => forward(req, res, struck(req)));
  // An engine leaves connections open that nothing is asked over; closed, the next call on one would be lost.
  server.keepAliveTimeout = 0;
  const forward = (req: IncomingMessage, res: ServerResponse, met: Fault | undefined): void => {
    if (met === 'refuse') return void req.socket.destroy();
    if (met === 'error') {
      req.resume();
      res.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"struck by a test"}');
      return;
    }
    const { method, url, headers } = req;
    const onward = httpRequest({ socketPath: engine, method, path: url, headers, agent: false }, answer => {
      // What streams may never end; of other answers the whole is waited for, so that the work is done.
      if (met === 'lose' && /[?&](follow|stream)=(1|true)/.test(url ?? '')) return void req.socket.destroy();
      if (met === 'lose') {
        answer.resume().on('end', () => req.socket.destroy());
        return;
      }
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      if (met === 'half') {
        answer.once('data', (data: Buffer) => {
          res.write(data.subarray(0, Math.floor(data.length / 2)), () => req.socket.destroy());
          answer.destroy();
        });
        answer.once('end', () => req.socket.destroy());
      } else answer.pipe(res);
    });
    onward.on('error', () => req.socket.destroy());
    res.on('close', () => onward.destroy());
    req.pipe(onward);
  };
  // Attached streams: bytes both ways after the answer's head.
  server.on('upgrade', (req, socket: Socket, head: Buffer) => {
    const met = struck(req);
    if (met === 'refuse') return void socket.destroy();
    if (met === 'error')
      return void socket.end('HTTP/1.1 500 Struck\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    const onward = connect(engine);
    sockets.add(onward);
    const lines = [`${req.method} ${req.url} HTTP/1.1`];
    for (let i = 0; i < req.rawHeaders.length; i += 2) lines.push(`${req.rawHeaders[i]}: ${req.rawHeaders[i + 1]}`);
    onward.write(`${lines.join('\r\n')}\r\n\r\n`);
    onward.write(head);
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
    }
    socket.pipe(onward);
    if (met) onward.once('data', () => socket.destroy());
    else onward.pipe(socket);
  });
  server.on('connection', socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    get calls() {
      return calls;
    },
    get met() {
      return metBy;
    },
    strike(next, at, like = /^/) {
      fault = next;
      which = at;
      among = like;
      calls = [];
      counted = 0;
      metBy = undefined;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
