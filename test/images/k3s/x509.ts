import {
  createHash,
  createPrivateKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, integer, octets, oid, sequence, set, text, time, tlv, yes } from './der.ts';

/** A certificate and its private key, both PEM. */
export interface KeyAndCertificate {
  key: string;
  cert: string;
}

export interface Subject {
  commonName: string;
  organization?: string;
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
const day = 24 * 3600_000;

function name(subject: Subject): Buffer {
  const part = (type: string, value: string) => set(sequence(oid(type), text(value)));
  const organization = subject.organization === undefined ? [] : [part('2.5.4.10', subject.organization)];
  return sequence(...organization, part('2.5.4.3', subject.commonName));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return critical ? sequence(oid(id), yes, octets(value)) : sequence(oid(id), octets(value));
}

function alternativeNames(hosts: string[]): Buffer {
  const names = hosts.map(host =>
    isIPv4(host) ? tlv(0x87, Buffer.from(host.split('.').map(Number))) : tlv(0x82, Buffer.from(host, 'latin1')),
  );
  return extension('2.5.29.17', sequence(...names));
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

interface Request {
  subject: Subject;
  issuerName: Buffer;
  issuerKey: KeyObject;
  days: number;
  publicKey: Buffer;
  extensions: Buffer[];
}

function sign(request: Request): string {
  const from = new Date(Date.now() - 60_000);
  const body = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(7)])),
    ecdsaWithSha256,
    request.issuerName,
    sequence(time(from), time(new Date(from.getTime() + request.days * day))),
    name(request.subject),
    request.publicKey,
    tlv(0xa3, sequence(...request.extensions)),
  );
  const signature = createSign('sha256').update(body).sign(request.issuerKey);
  return pem('CERTIFICATE', sequence(body, ecdsaWithSha256, bits(signature)));
}

const keyId = (publicKey: Buffer): Buffer => createHash('sha1').update(publicKey).digest();
const publicDer = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const privatePem = (key: KeyObject): string => key.export({ type: 'sec1', format: 'pem' }).toString();

/** Makes a certificate authority that signs itself, P-256 as k3s' are, good for ten years. */
export function makeAuthority(commonName: string): KeyAndCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicDer(publicKey);
  const cert = sign({
    subject: { commonName },
    issuerName: name({ commonName }),
    issuerKey: privateKey,
    days: 3650,
    publicKey: spki,
    extensions: [
      extension('2.5.29.15', bits(Buffer.from([0xa4]), 2), true),
      extension('2.5.29.19', sequence(yes), true),
      extension('2.5.29.14', octets(keyId(spki))),
    ],
  });
  return { key: privatePem(privateKey), cert };
}

/** Has an authority sign a certificate for a client, or for a server of the given host names and IPv4 addresses. */
export function issue(authority: KeyAndCertificate, subject: Subject, hosts: string[] = []): KeyAndCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = new X509Certificate(authority.cert);
  const issuerPublic = publicDer(issuer.publicKey);
  const usage = hosts.length > 0 ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2';
  const cert = sign({
    subject,
    issuerName: name({ commonName: /CN=(.*)/.exec(issuer.subject)?.[1] ?? '' }),
    issuerKey: createPrivateKey(authority.key),
    days: 365,
    publicKey: publicDer(publicKey),
    extensions: [
      extension('2.5.29.15', bits(Buffer.from([0xa0]), 5), true),
      extension('2.5.29.37', sequence(oid(usage))),
      extension('2.5.29.35', sequence(tlv(0x80, keyId(issuerPublic)))),
      ...(hosts.length > 0 ? [alternativeNames(hosts)] : []),
    ],
  });
  return { key: privatePem(privateKey), cert };
}
