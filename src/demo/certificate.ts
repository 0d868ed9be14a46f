import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate with its key, both as PEM. */
export interface Certificate {
  cert: string;
  key: string;
  commonName: string;
}

/** X.509 in DER, as little of it as a simulated cluster needs: P-256 keys, one CA, server and client certificates. */
const tlv = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let n = body.length; n > 0; n = Math.floor(n / 256)) length.unshift(n % 256);
  const head = body.length < 128 ? [tag, body.length] : [tag, 0x80 + length.length, ...length];
  return Buffer.concat([Buffer.from(head), body]);
};
const sequence = (...parts: Buffer[]) => tlv(0x30, ...parts);
const set = (...parts: Buffer[]) => tlv(0x31, ...parts);
const integer = (bytes: Buffer) => tlv(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
const bits = (bytes: Buffer) => tlv(0x03, Buffer.from([0]), bytes);
const octets = (bytes: Buffer) => tlv(0x04, bytes);
const yes = Buffer.from([0x01, 0x01, 0xff]);

function oid(dotted: string): Buffer {
  const [a = 0, b = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [a * 40 + b];
  for (let n of rest) {
    const piece = [n & 0x7f];
    for (n = Math.floor(n / 128); n > 0; n = Math.floor(n / 128)) piece.unshift((n & 0x7f) | 0x80);
    bytes.push(...piece);
  }
  return tlv(0x06, Buffer.from(bytes));
}

/** `CN=…,O=…` */
function name(commonName: string, organisation?: string): Buffer {
  const part = (id: string, text: string) => set(sequence(oid(id), tlv(0x0c, Buffer.from(text))));
  return sequence(...(organisation ? [part('2.5.4.10', organisation)] : []), part('2.5.4.3', commonName));
}

function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return date.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(`${text.slice(2)}Z`))
    : tlv(0x18, Buffer.from(`${text}Z`));
}

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const DAY = 86_400_000;

export interface CertificateRequest {
  commonName: string;
  organisation?: string;
  kind: 'ca' | 'server' | 'client';
  /** Names and addresses a server answers to. */
  hosts?: string[];
  days?: number;
}

/** Makes a certificate; without an `issuer` it signs itself. */
export function makeCertificate(request: CertificateRequest, issuer?: Certificate): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer: KeyObject = issuer ? createPrivateKey(issuer.key) : privateKey;
  const now = Date.now();
  const serial = randomBytes(8);
  serial[0]! &= 0x7f;
  serial[0]! |= 0x01;
  const tbs = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    name(issuer?.commonName ?? request.commonName),
    sequence(time(new Date(now - DAY)), time(new Date(now + (request.days ?? 365) * DAY))),
    name(request.commonName, request.organisation),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions(request))),
  );
  const der = sequence(tbs, ECDSA_SHA256, bits(sign('sha256', tbs, signer)));
  const body = der.toString('base64').replace(/.{1,64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'sec1', format: 'pem' }) as string,
    commonName: request.commonName,
  };
}

function extensions({ kind, hosts = [] }: CertificateRequest): Buffer[] {
  // keyUsage: certSign and cRLSign, or digitalSignature and keyEncipherment.
  const usage = kind === 'ca' ? [0x03, 0x02, 0x01, 0x06] : [0x03, 0x02, 0x05, 0xa0];
  const found = [sequence(oid('2.5.29.15'), yes, octets(Buffer.from(usage)))];
  if (kind === 'ca') found.push(sequence(oid('2.5.29.19'), yes, octets(sequence(yes))));
  else
    found.push(
      sequence(oid('2.5.29.37'), octets(sequence(oid(kind === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2')))),
    );
  if (hosts.length > 0) {
    const names = hosts.map(host =>
      isIP(host) === 4
        ? tlv(0x87, Buffer.from(host.split('.').map(Number)))
        : host === '::1'
          ? tlv(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])]))
          : tlv(0x82, Buffer.from(host)),
    );
    found.push(sequence(oid('2.5.29.17'), octets(sequence(...names))));
  }
  return found;
}
