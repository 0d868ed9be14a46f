import type { Call, Docker } from '../../docker/docker.ts';

/** A layer that lies in a node's store. */
export interface StoredLayer {
  /** Of the bytes as they are stored. */
  digest: string;
  size: number;
}

/** Where k3s keeps containerd's store, unless told otherwise. */
const BLOBS = '/var/lib/rancher/k3s/agent/containerd/io.containerd.content.v1.content/blobs/sha256';

/**
 * The layers a node's containerd has: digest of the unpacked layer → how it is stored. `ctr content ls` knows which there
 * are and what they unpack to, the folder knows their sizes to the byte. A node that cannot tell has none.
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
    if (digest !== undefined && unpacked !== undefined && size !== undefined) stored.set(unpacked, { digest, size });
  }
  return stored;
}
