import type { Call, Docker } from '../../docker/docker.ts';
import { BLOBS } from './node-script.ts';

/** A layer that lies in a node's store. */
export interface StoredLayer {
  /** Of the bytes as they are stored. */
  digest: string;
  size: number;
}

/**
 * What a node's containerd has: digest → how it is stored, for what it is stored as and, of layers, for what they unpack to.
 * `ctr content ls` knows which there are and (once they were unpacked) what they unpack to, the folder knows their sizes to
 * the byte. A node that cannot tell has none.
 */
export async function readStoredLayers(docker: Docker, node: string, call: Call): Promise<Map<string, StoredLayer>> {
  const command = ['sh', '-c', `ctr -n k8s.io content ls; ls -ln ${BLOBS}`];
  const { stdout } = await docker.exec(node, command, {}, call).catch(error => {
    call.signal?.throwIfAborted();
    return { stdout: '', error };
  });
  return parseStored(stdout);
}

/** Reads what both commands print, one after the other. */
export function parseStored(text: string): Map<string, StoredLayer> {
  const lines = text.split('\n');
  const sizes = new Map<string, number>();
  for (const line of lines) {
    const [, size, hex] = /^-\S+\s+\d+\s+\d+\s+\d+\s+(\d+)\s.*\s([0-9a-f]{64})$/.exec(line.trimEnd()) ?? [];
    if (hex !== undefined) sizes.set(`sha256:${hex}`, Number(size));
  }
  const stored = new Map<string, StoredLayer>();
  for (const line of lines) {
    const digest = /^(sha256:[0-9a-f]{64})\s/.exec(line)?.[1];
    const unpacked = /containerd\.io\/uncompressed=(sha256:[0-9a-f]{64})/.exec(line)?.[1];
    const size = digest === undefined ? undefined : sizes.get(digest);
    if (digest === undefined || size === undefined) continue;
    for (const name of [digest, unpacked ?? digest]) stored.set(name, { digest, size });
  }
  return stored;
}
