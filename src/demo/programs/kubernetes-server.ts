import { X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Container } from '../types.ts';
import { answerKube } from './kubernetes-api.ts';
import type { KubeCluster } from './kubernetes-cluster.ts';
import { status } from './kubernetes-status.ts';

type Behind =
  | { cluster: KubeCluster; server: Container }
  | { page: (req: IncomingMessage, res: ServerResponse) => void };

/** Speaks HTTP on connections that simulated processes accepted: the Kubernetes API, and small pages. One for all clusters, without a port of its own. */
export class KubernetesServer {
  #behind = new WeakMap<Socket, Behind>();
  #http = createServer((req, res) => {
    const behind = this.#behind.get(req.socket);
    if (!behind) return void res.destroy();
    if ('page' in behind) return behind.page(req, res);
    if (!this.#trusts(behind.cluster, req.socket)) return status(res, 401, 'Unauthorized', 'Unauthorized');
    void answerKube(behind.cluster, behind.server, req, res);
  });

  /** Serves the cluster's API on the connection, over TLS. */
  serveApi(cluster: KubeCluster, server: Container, socket: Socket): void {
    this.#secure(cluster, socket, { cluster, server });
  }

  /** Serves a page on the connection; over TLS if the caller speaks it and a cluster lends its certificate. */
  servePage(socket: Socket, page: (req: IncomingMessage, res: ServerResponse) => void, cluster?: KubeCluster): void {
    socket.once('data', first => {
      socket.pause();
      socket.unshift(first);
      if (first[0] === 0x16 && cluster) return this.#secure(cluster, socket, { page });
      this.#behind.set(socket, { page });
      this.#http.emit('connection', socket);
      socket.resume();
    });
  }

  #secure(cluster: KubeCluster, socket: Socket, behind: Behind): void {
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext: cluster.secureContext([]),
      requestCert: 'cluster' in behind,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    });
    secure.on('error', () => socket.destroy());
    socket.on('close', () => secure.destroy());
    this.#behind.set(secure, behind);
    this.#http.emit('connection', secure);
  }

  /** A client certificate of another cluster is turned away; none at all is let through. */
  #trusts(cluster: KubeCluster, socket: Socket): boolean {
    if (!(socket instanceof TLSSocket)) return true;
    const peer = socket.getPeerX509Certificate();
    return !peer || peer.verify(new X509Certificate(cluster.clientCa.cert).publicKey);
  }
}
