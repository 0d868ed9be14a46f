import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import type { Call, Docker } from '../../docker/docker.ts';
import { isAbort } from '../../errors.ts';
import { limited } from '../wait.ts';
import type { HttpRequest, Vantage } from './model.ts';
import { isHostName, isPlainPath } from './urls.ts';

/** What a request came to. */
export interface HttpResult {
  /** 0: no answer. */
  status: number;
  ms: number;
  /** Why there is none. */
  why?: string;
  /** Nobody can tell: there is nothing to ask with. */
  untestable?: boolean;
}

/** Milliseconds for an answer's first line. */
const LIMIT = 4000;
/** Limit of a command in a container, whose start may take Docker a while. */
const EXEC_LIMIT = 7000;

/** One GET from this machine; its certificate is not checked, and of its answer only the status is read. Throws only when cancelled. */
export async function requestFromHere(
  { address, port, secure, host, path }: HttpRequest,
  { signal }: Call,
): Promise<HttpResult> {
  const began = performance.now();
  const took = () => Math.round(performance.now() - began);
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const module = secure ? https : http;
    const servername = isHostName(host) && /[a-z]/i.test(host) ? host : undefined;
    const options = {
      host: address,
      port,
      path,
      headers: { host: hostHeader(host, port, secure), 'user-agent': 'k3dui' },
    };
    const tls = { rejectUnauthorized: false, ...(servername && { servername }) };
    const request = module.get({ ...options, ...(secure && tls), agent: false, signal }, response => {
      response.destroy();
      resolve({ status: response.statusCode ?? 0, ms: took() });
    });
    const timer = setTimeout(() => {
      request.destroy();
      resolve({ status: 0, ms: took(), why: `no answer within ${LIMIT / 1000} s` });
    }, LIMIT);
    request.on('close', () => clearTimeout(timer));
    request.on('error', error => {
      if (signal?.aborted) reject(signal.reason);
      else resolve({ status: 0, ms: took(), why: whyNot(error) });
    });
  });
}

const hostHeader = (host: string, port: number, secure: boolean) =>
  `${host.includes(':') ? `[${host}]` : host}${port === (secure ? 443 : 80) ? '' : `:${port}`}`;

function whyNot(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'refused';
  if (error.code === 'ECONNRESET' || /socket hang up/.test(error.message)) return 'closed without an answer';
  return error.message;
}

/** So long a connection must stay open until it counts as held, in milliseconds. */
const HELD = 250;

/** One connection from this machine that says nothing: whether somebody behind the port keeps it. Throws only when cancelled. */
export async function holdFromHere(
  host: string,
  port: number,
  { signal }: Call,
): Promise<{ held: boolean; ms: number; why?: string }> {
  const began = performance.now();
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let connected = 0;
    const end = (held: boolean, why?: string) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      socket.destroy();
      resolve({ held, ms: Math.round((connected || performance.now()) - began), ...(why !== undefined && { why }) });
    };
    const cancel = () => {
      clearTimeout(timer);
      socket.destroy();
      reject(signal?.reason);
    };
    let timer = setTimeout(() => end(false, 'no answer within 2 s'), 2000);
    signal?.addEventListener('abort', cancel, { once: true });
    socket.on('connect', () => {
      connected = performance.now();
      clearTimeout(timer);
      timer = setTimeout(() => end(true), HELD);
    });
    // Who speaks first, as databases do, is there.
    socket.on('data', () => end(true));
    socket.on('error', error => end(false, whyNot(error)));
    socket.on('close', () => end(false, 'closed at once'));
  });
}

/**
 * Ways to make a request that node images have: k3s' own busybox has wget, without nc; Debian's has an nc, and a wget that
 * fails with a time limit. Host name and path hold nothing that a shell would take for its own.
 */
const WAYS: ((request: HttpRequest) => string[])[] = [
  ({ address, port, host, path }) => [
    'sh',
    '-c',
    `printf 'GET ${path.replaceAll("'", '%27').replaceAll('%', '%%')} HTTP/1.0\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n' | nc -w 3 ${address} ${port}`,
  ],
  ({ address, port, host, path }) => [
    'wget',
    '-T',
    '3',
    '-q',
    '-O',
    '/dev/null',
    '--header',
    `Host: ${host}`,
    `http://${address}:${port}${path}`,
  ],
  ({ address, port, host, path }) => [
    'curl',
    '-s',
    '-m',
    '3',
    '-o',
    '/dev/null',
    '-w',
    'HTTP/1.1 %{http_code}',
    '-H',
    `Host: ${host}`,
    `http://${address}:${port}${path}`,
  ],
];

/** One GET from within a container, with whatever its image has for it. Throws only when cancelled. */
export async function requestFrom(
  docker: Docker,
  from: Vantage,
  request: HttpRequest,
  call: Call,
): Promise<HttpResult> {
  if (!/^[\w.-]+$/.test(request.address) || !isHostName(request.host) || !isPlainPath(request.path)) {
    return { status: 0, ms: 0, untestable: true, why: 'it cannot be asked for' };
  }
  const { signal } = limited(call, EXEC_LIMIT);
  const began = performance.now();
  const took = () => Math.round(performance.now() - began);
  try {
    for (const way of WAYS) {
      const tried = performance.now();
      const { exitCode, stdout, stderr } = await docker.exec(from.id, way(request), {}, { signal });
      if (exitCode === 126 || exitCode === 127 || /\bnot found$/m.test(stderr)) continue;
      const ms = Math.round(performance.now() - tried);
      const status = Number(/HTTP\/1\.\d (\d{3})/.exec(`${stdout}\n${stderr}`)?.[1] ?? 0);
      if (status > 0) return { status, ms };
      // wget says nothing of an answer that it likes.
      if (exitCode === 0 && stdout === '' && way === WAYS[1]) return { status: 200, ms };
      return { status: 0, ms, why: /refused/i.test(stdout + stderr) ? 'refused' : 'no answer' };
    }
    return { status: 0, ms: took(), untestable: true, why: `${from.name} has neither nc nor wget nor curl` };
  } catch (error) {
    if (call.signal?.aborted) throw error;
    if (signal.aborted) return { status: 0, ms: took(), why: `no answer within ${EXEC_LIMIT / 1000} s` };
    if (isAbort(error)) throw error;
    return { status: 0, ms: took(), untestable: true, why: error instanceof Error ? error.message : String(error) };
  }
}
