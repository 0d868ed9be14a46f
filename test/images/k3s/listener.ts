import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { bareToken } from './agent.ts';
import { serveKubernetes } from './api.ts';
import { readBody, requestOptions, sendJson, sendText } from './http.ts';
import type { Membership } from './membership.ts';
import { isRecord, StatusError } from './objects.ts';
import { version } from './paths.ts';
import type { Authorities } from './pki.ts';
import { notes, type Store } from './store.ts';
import { issue } from './x509.ts';

/** All that answering a request takes. */
export interface Site {
  authorities: Authorities;
  store: Store;
  membership: Membership;
  token: string;
  /** Whether other servers may join: not with a database of this server's own. */
  clustered: boolean;
  ready: () => boolean;
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

function basic(req: IncomingMessage): { user: string; password: string } {
  const [, encoded = ''] = /^Basic (.+)$/.exec(req.headers.authorization ?? '') ?? [];
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { user, password: password.join(':') };
}

function knowsToken(req: IncomingMessage, site: Site): boolean {
  return timingSafeEqual(hash(bareToken(basic(req).password)), hash(site.token));
}

/** Who asks: by client certificate, or passed on by a fellow server. Undefined is a stranger. */
function identity(req: IncomingMessage, site: Site): string | undefined {
  const remote = req.headers['x-remote-user'];
  if (typeof remote === 'string' && knowsToken(req, site)) return remote;
  const socket = req.socket as TLSSocket;
  return socket.authorized ? String(socket.getPeerCertificate().subject.CN) : undefined;
}

const status = (code: number, reason: string, message: string) => new StatusError(code, reason, message).body();

/** Passes a request on to the leader and its answer back, streams included. */
function passOn(req: IncomingMessage, res: ServerResponse, site: Site, user: string): void {
  const access = site.membership.leaderAccess();
  const { authorization: _, host: __, ...own } = req.headers;
  const options = requestOptions(access, req.method ?? 'GET', { ...own, 'x-remote-user': user });
  const forwarded = request(new URL(req.url ?? '/', access.url), options, answer => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    res.flushHeaders();
    answer.pipe(res);
    answer.on('error', () => res.destroy());
  });
  forwarded.on('error', () => {
    if (res.headersSent) res.destroy();
    else sendJson(res, 503, status(503, 'ServiceUnavailable', 'etcdserver: leader changed'));
  });
  res.on('close', () => forwarded.destroy());
  req.pipe(forwarded);
}

/** Gives a node its client certificate, if it knows the token and the password its name was first used with. */
function enrol(req: IncomingMessage, res: ServerResponse, site: Site): void {
  const name = String(req.headers['k3s-node-name'] ?? '');
  const password = hash(String(req.headers['k3s-node-password'] ?? '')).toString('hex');
  const known = site.store.get(notes, `password-${name}`);
  if (known && known.password !== password) {
    const advice = 'try enabling a unique node name with the --with-node-id flag';
    sendText(
      res,
      403,
      `Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry, ${advice}\n`,
    );
    return;
  }
  if (!known) site.store.put(notes, { metadata: { name: `password-${name}` }, password });
  sendJson(
    res,
    200,
    issue(site.authorities.client, { commonName: `system:node:${name}`, organization: 'system:nodes' }),
  );
}

/** Lets another server in: hands it the authorities and the whole state, and takes its name into the members. */
async function letIn(req: IncomingMessage, res: ServerResponse, site: Site): Promise<void> {
  const body = JSON.parse(await readBody(req)) as unknown;
  const name = isRecord(body) ? String(body.name) : '';
  const { membership, store, authorities } = site;
  if (!site.clustered) return sendText(res, 400, 'etcd disabled: this server keeps a database of its own\n');
  if (membership.members.includes(name))
    return sendText(res, 409, 'duplicate node name found, please use a unique name for this node\n');
  membership.members = [...membership.members, name];
  sendJson(res, 200, { authorities, snapshot: store.snapshot() });
}

async function serveK3s(req: IncomingMessage, res: ServerResponse, path: string, site: Site): Promise<void> {
  if (path === '/ping') return sendText(res, 200, 'pong');
  if (path === '/cacerts') return sendText(res, 200, site.authorities.server.cert);
  if (!knowsToken(req, site)) return sendText(res, 401, 'not authorized\n');
  if (path === '/v1-k3s/member') return sendJson(res, 200, site.membership.describe());
  if (site.membership.leader === undefined) return sendText(res, 503, 'Service Unavailable\n');
  if (path === '/v1-k3s/replicate') return site.membership.replicateTo(res);
  if (!site.membership.leads) return passOn(req, res, site, 'system:k3s');
  if (path === '/v1-k3s/server-bootstrap') return letIn(req, res, site);
  if (!site.ready()) return sendText(res, 503, 'Service Unavailable\n');
  if (path === '/v1-k3s/client-kubelet.crt') return enrol(req, res, site);
  sendText(res, 404, '404 page not found\n');
}

function versionAnswer(): Record<string, string> {
  const [, major = '1', minor = '0'] = /^v(\d+)\.(\d+)/.exec(version()) ?? [];
  const fixed = {
    gitTreeState: 'clean',
    compiler: 'gc',
    platform: 'linux/amd64',
    goVersion: 'stand-in',
    buildDate: '2025-01-01T00:00:00Z',
  };
  return { major, minor, gitVersion: version(), gitCommit: 'stand-in', ...fixed };
}

async function handle(req: IncomingMessage, res: ServerResponse, site: Site): Promise<void> {
  const url = new URL(req.url ?? '/', 'https://localhost');
  const path = url.pathname;
  if (path === '/ping' || path === '/cacerts' || path.startsWith('/v1-k3s/')) return serveK3s(req, res, path, site);
  if (!site.ready()) return sendJson(res, 503, status(503, 'ServiceUnavailable', 'apiserver not ready'));
  const user = identity(req, site);
  if (user === undefined) return sendJson(res, 401, status(401, 'Unauthorized', 'Unauthorized'));
  if (/^\/(readyz|livez|healthz)(\/|$)/.test(path))
    return sendText(
      res,
      200,
      url.searchParams.has('verbose') ? `[+]ping ok\n[+]etcd ok\n${path.slice(1)} check passed\n` : 'ok',
    );
  if (path === '/version') return sendJson(res, 200, versionAnswer());
  if (!site.membership.leads) return passOn(req, res, site, user);
  await serveKubernetes(req, res, url, site.store);
}

/** Starts the one port of a server: the Kubernetes API, and k3s' own paths for agents and fellow servers. */
export async function listen(site: Site, hosts: string[], port: number): Promise<Server> {
  const own = issue(site.authorities.server, { commonName: 'k3s', organization: 'k3s' }, hosts);
  const options = {
    key: own.key,
    cert: own.cert + site.authorities.server.cert,
    ca: site.authorities.client.cert,
    requestCert: true,
    rejectUnauthorized: false,
  };
  const server = createServer(options, (req, res) => {
    handle(req, res, site).catch((cause: unknown) => {
      if (res.headersSent) return res.destroy();
      const known = cause instanceof StatusError ? cause : new StatusError(500, 'InternalError', String(cause));
      sendJson(res, known.code, known.body());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '::', resolve);
  });
  return server;
}
