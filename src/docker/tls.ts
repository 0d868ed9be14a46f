import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { K3duiError } from '../errors.ts';

/** What is needed to speak TLS with an engine. */
export interface TlsFiles {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  /** False: any server certificate is taken. */
  verify: boolean;
}

/**
 * Reads ca.pem, cert.pem and key.pem of a folder; each may be absent, but a certificate needs its key.
 * Throws DOCKER_UNREACHABLE when one cannot be read.
 */
export function readTlsFiles(folder: string, verify: boolean): TlsFiles {
  const read = (name: string): Buffer | undefined => {
    const path = join(folder, name);
    if (!existsSync(path)) return undefined;
    try {
      return readFileSync(path);
    } catch (cause) {
      throw new K3duiError({
        code: 'DOCKER_UNREACHABLE',
        message: `cannot read the TLS file ${path}`,
        hint: 'check who may read it; it belongs to the Docker engine that is configured',
        cause,
      });
    }
  };
  const files = { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), verify };
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw new K3duiError({
      code: 'DOCKER_UNREACHABLE',
      message: `${folder} has only one of cert.pem and key.pem`,
      hint: 'TLS to the Docker engine needs both, or neither',
    });
  }
  return files;
}
