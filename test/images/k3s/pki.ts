import { info } from './log.ts';
import { readIfThere, tlsDirectory, writeFile } from './paths.ts';
import { issue, type KeyAndCertificate, makeAuthority } from './x509.ts';

/** A cluster's two authorities: one signs what servers show, the other what clients show. All its servers share them. */
export interface Authorities {
  server: KeyAndCertificate;
  client: KeyAndCertificate;
}

function read(name: string): KeyAndCertificate | undefined {
  const cert = readIfThere(`${tlsDirectory}/${name}.crt`);
  const key = readIfThere(`${tlsDirectory}/${name}.key`);
  return cert !== undefined && key !== undefined ? { cert, key } : undefined;
}

function write(name: string, pair: KeyAndCertificate): void {
  writeFile(`${tlsDirectory}/${name}.crt`, pair.cert, 0o644);
  writeFile(`${tlsDirectory}/${name}.key`, pair.key);
}

/** The authorities kept on disk, so that a restart keeps every certificate good. */
export function savedAuthorities(): Authorities | undefined {
  const server = read('server-ca');
  const client = read('client-ca');
  return server && client && { server, client };
}

export function saveAuthorities(authorities: Authorities): void {
  write('server-ca', authorities.server);
  write('client-ca', authorities.client);
}

/** New authorities, named as k3s names them: by role and second of birth. */
export function newAuthorities(): Authorities {
  const now = Math.floor(Date.now() / 1000);
  return { server: makeAuthority(`k3s-server-ca@${now}`), client: makeAuthority(`k3s-client-ca@${now}`) };
}

/** The administrator's certificate, kept on disk too. */
export function adminCertificate(authorities: Authorities): KeyAndCertificate {
  const saved = read('client-admin');
  if (saved) return saved;
  const admin = issue(authorities.client, { commonName: 'system:admin', organization: 'system:masters' });
  write('client-admin', admin);
  info('certificate CN=system:admin,O=system:masters signed by CN=k3s-client-ca');
  return admin;
}
