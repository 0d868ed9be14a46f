import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectOptions, connectDocker } from '../../src/docker/connect.ts';
import type { Docker } from '../../src/docker/docker.ts';

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** A server on a private socket that answers as the test says; `/_ping` and `/version` it knows by itself. */
export interface FakeEngine {
  readonly host: string;
  readonly folder: string;
  /** Method and path of every request, without `/_ping`. */
  readonly requests: string[];
  /** Connections open now. */
  readonly connections: Set<Socket>;
  /** How often it was pinged. */
  pings: number;
  answer: Answer;
  apiVersion: string;
  oldestApi: string;
  /** Takes connections, answers nothing. */
  frozen: boolean;
  connect(options?: Partial<ConnectOptions>): Promise<Docker>;
  /** Goes away: ends all connections and takes no more. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function fakeEngine(answer: Answer = (_, response) => response.end('{}')): Promise<FakeEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'k3dui-engine-'));
  const socketPath = join(folder, 'docker.sock');
  const clients: Docker[] = [];
  const respond: Answer = (request, response) => {
    if (engine.frozen) return;
    const path = request.url ?? '';
    if (path.endsWith('/_ping')) {
      engine.pings++;
      response.setHeader('Api-Version', engine.apiVersion);
      response.end('OK');
      return;
    }
    engine.requests.push(`${request.method} ${path}`);
    if (path.endsWith('/version')) {
      response.end(JSON.stringify({ ApiVersion: engine.apiVersion, MinAPIVersion: engine.oldestApi, Version: '1' }));
      return;
    }
    engine.answer(request, response);
  };
  let server: http.Server;
  const engine: FakeEngine = {
    host: `unix://${socketPath}`,
    folder,
    requests: [],
    connections: new Set(),
    pings: 0,
    answer,
    apiVersion: '1.41',
    oldestApi: '1.12',
    frozen: false,
    async connect(options) {
      const docker = await connectDocker({ env: { HOME: folder }, host: engine.host, ...options });
      clients.push(docker);
      return docker;
    },
    start() {
      server = http.createServer(respond);
      server.on('connection', (socket: Socket) => {
        engine.connections.add(socket);
        socket.on('close', () => engine.connections.delete(socket));
        socket.on('error', () => {});
      });
      return new Promise<void>(resolve => server.listen(socketPath, resolve));
    },
    stop() {
      for (const socket of engine.connections) socket.destroy();
      return new Promise<void>(resolve => server.close(() => resolve()));
    },
    async close() {
      for (const docker of clients) docker.close();
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await engine.start();
  return engine;
}

/** Answers with a status and Docker's error body. */
export function refuse(status: number, message: string): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  };
}

/** Waits until it is so; fails after the deadline in milliseconds. */
export async function until(what: () => boolean, deadline = 5000): Promise<void> {
  const end = Date.now() + deadline;
  while (!what()) {
    if (Date.now() > end) throw new Error('it did not become so in time');
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
