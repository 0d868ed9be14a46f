import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { commandLine } from '../../../config/command-line.ts';
import { accessOf } from '../../../kubernetes/access.ts';
import { gatherFacts } from '../../cluster/facts.ts';
import type { Cluster } from '../../model.ts';
import { planNodeRestart } from '../../node/power.ts';
import { type Check, clusterCheck } from '../check.ts';
import type { Remedy, Symptom } from '../finding.ts';
import { clusterNow, fixCommand, line } from '../remedies.ts';

const DAY = 86_400_000;
/** k3s makes certificates anew at a start when they end within 90 days (docs.k3s.io, certificate). */
const WARN_WITHIN = 30 * DAY;

export interface Certificate {
  /** `API server`, `administrator` */
  what: string;
  kind: 'leaf' | 'authority';
  /** Milliseconds since the epoch. */
  until: number;
}

export interface CertificateFacts {
  cluster: Cluster;
  certificates: Certificate[];
  now: number;
}

/** Certificates that have ended or soon will. */
function judgeCertificates({ cluster, certificates, now }: CertificateFacts): Symptom[] {
  return (['leaf', 'authority'] as const).flatMap((kind): Symptom[] => {
    const short = certificates.filter(one => one.kind === kind && one.until - now < WARN_WITHIN);
    const [first] = short.toSorted((a, b) => a.until - b.until);
    if (!first) return [];
    const days = Math.floor((first.until - now) / DAY);
    const over = first.until <= now;
    return [
      {
        severity: over ? 'problem' : 'warning',
        subject: kind === 'leaf' ? 'certificates' : 'certificate authority',
        message: over
          ? `a certificate of ${cluster.name} has ended (${first.what}): nobody gets into Kubernetes`
          : `a certificate of ${cluster.name} ends in ${days} day${days === 1 ? '' : 's'} (${first.what})`,
        evidence: short.map(({ what, until }) => `${what}: valid until ${new Date(until).toISOString()}`),
        remedy: kind === 'leaf' ? renew(cluster) : rotate(cluster),
      },
    ];
  });
}

/** k3s renews them when it starts. The kubeconfig that people use is written anew as far as there is one. */
function renew(cluster: Cluster): Remedy {
  return {
    title: `restart the servers of ${cluster.name}: k3s makes new certificates then`,
    command: fixCommand(cluster.name),
    plan: async (engine, call) => {
      const now = clusterNow(engine, cluster.name);
      const facts = await gatherFacts(engine, {}, call);
      const servers = now.servers.filter(server => server.running);
      return {
        ...planNodeRestart(servers, facts),
        title: `renew the certificates of ${cluster.name}`,
        command: fixCommand(cluster.name),
      };
    },
  };
}

function rotate(cluster: Cluster): Remedy {
  const server = cluster.servers[0]?.name ?? '';
  return line(
    'make a new authority; every kubeconfig must be read again afterwards',
    commandLine`k3dui node shell ${server} k3s certificate rotate-ca`,
  );
}

/** The certificates that a server shows; empty when nobody answers. Changes and sends nothing. */
function shownBy(host: string, port: number, signal?: AbortSignal): Promise<X509Certificate[]> {
  return new Promise(resolve => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: 4000 });
    const end = (found: X509Certificate[]) => {
      signal?.removeEventListener('abort', off);
      socket.destroy();
      resolve(found);
    };
    const off = () => end([]);
    signal?.addEventListener('abort', off, { once: true });
    socket.once('secureConnect', () => {
      const peer = socket.getPeerX509Certificate();
      end(peer ? [peer] : []);
    });
    for (const event of ['error', 'timeout', 'close'] as const) socket.once(event, () => end([]));
  });
}

/** The first certificate of a PEM text. */
function read(pem: Buffer | undefined): X509Certificate | undefined {
  try {
    return pem && new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

export const CERTIFICATE_CHECKS: readonly Check[] = [
  clusterCheck(
    'cluster.certificates',
    'cluster',
    'certificates near their end',
    async subject => {
      const { cluster, api } = subject;
      if (cluster.servers.length === 0) return undefined;
      const text = await subject.kubeconfig().catch(() => undefined);
      const access = text === undefined ? undefined : accessOf(text);
      const shown = api && subject.isUp ? await shownBy(api.host, api.port, subject.call.signal) : [];
      const found: [string, Certificate['kind'], X509Certificate | undefined][] = [
        ['API server', 'leaf', shown[0]],
        ['administrator', 'leaf', read(access?.cert)],
        ['server authority', 'authority', read(access?.ca)],
      ];
      const certificates = found.flatMap(([what, kind, certificate]) =>
        certificate ? [{ what, kind, until: Date.parse(certificate.validTo) }] : [],
      );
      return { cluster, certificates, now: Date.now() };
    },
    judgeCertificates,
  ),
];
