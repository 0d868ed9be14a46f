import http from 'node:http';
import https from 'node:https';
import type { ResolvedEndpoint } from './endpoint.ts';
import { SshAgent } from './ssh.ts';

/** How requests reach the engine: Node's request options with an agent that keeps connections. */
export interface Wire {
  secure: boolean;
  options: https.RequestOptions;
  /** Put before every path; tcp addresses may have one. */
  basePath: string;
  agent: http.Agent;
  /** What the transport itself said last (ssh); empty when nothing. */
  lastWords(): string;
}

/**
 * Makes the connection pool for an endpoint. Opens nothing yet. Any number of connections, so that short calls never
 * queue behind streams; idle ones are kept for the next call but do not keep the process alive.
 */
export function openWire(endpoint: ResolvedEndpoint, env: NodeJS.ProcessEnv): Wire {
  const { address, tls } = endpoint;
  const silent = () => '';
  if (address.startsWith('ssh://')) {
    const agent = new SshAgent(address, env);
    return { secure: false, options: { host: 'docker' }, basePath: '', agent, lastWords: () => agent.lastWords };
  }
  const pool = { keepAlive: true, maxFreeSockets: 8 };
  const pipe = /^(?:unix|npipe):\/\/(.*)$/.exec(address)?.[1];
  if (pipe !== undefined) {
    const agent = new http.Agent(pool);
    return { secure: false, options: { socketPath: pipe, host: 'docker' }, basePath: '', agent, lastWords: silent };
  }
  const url = new URL(address.replace(/^tcp:/, 'http:'));
  const options = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
  const basePath = url.pathname.replace(/\/$/, '');
  if (tls === undefined) return { secure: false, options, basePath, agent: new http.Agent(pool), lastWords: silent };
  const agent = new https.Agent({
    ...pool,
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key,
    rejectUnauthorized: tls.verify,
  });
  return { secure: true, options, basePath, agent, lastWords: silent };
}
