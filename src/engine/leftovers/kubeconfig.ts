import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { entriesOf, parseKubeconfig } from '../kubeconfig/document.ts';
import { kubeconfigPaths } from '../kubeconfig/file.ts';
import { userName } from '../names.ts';
import { connectTo } from '../ports/probe.ts';

/** An entry of k3d's in a kubeconfig file. */
export interface KubeconfigEntry {
  file: string;
  cluster: string;
  server: string;
}

const LIMIT_MS = 1500;

/**
 * Entries named as k3d names them, of clusters that are not among these, which lead to this machine and to nobody: one
 * that leads elsewhere, or where somebody answers, may be a cluster of another engine. Never throws but CANCELLED.
 */
export async function staleEntries(
  env: NodeJS.ProcessEnv,
  clusters: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<KubeconfigEntry[]> {
  const all = await Promise.all(kubeconfigPaths(env).map(k3dEntries));
  const candidates = all.flat().filter(({ cluster }) => !clusters.has(cluster));
  const checked = await Promise.all(
    candidates.map(async entry => ((await leadsNowhere(entry.server, signal)) ? [entry] : [])),
  );
  return checked.flat();
}

/** An entry counts when context, cluster and user go together as k3d writes them. */
async function k3dEntries(file: string): Promise<KubeconfigEntry[]> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  try {
    const document = parseKubeconfig(text, file);
    return entriesOf(document, 'contexts').flatMap(({ name, context }): KubeconfigEntry[] => {
      if (!name.startsWith('k3d-')) return [];
      const cluster = name.slice('k3d-'.length);
      const { cluster: itsCluster, user } = (context ?? {}) as Record<string, unknown>;
      if (itsCluster !== name || user !== userName(cluster)) return [];
      const entry = entriesOf(document, 'clusters').find(one => one.name === name)?.cluster;
      const { server } = (entry ?? {}) as Record<string, unknown>;
      return [{ file, cluster, server: typeof server === 'string' ? server : '' }];
    });
  } catch {
    return [];
  }
}

const THIS_MACHINE = /^(localhost|0\.0\.0\.0|127\.[\d.]+|::1?|host\.docker\.internal)$/;

async function leadsNowhere(server: string, signal?: AbortSignal): Promise<boolean> {
  if (server === '') return true;
  if (!URL.canParse(server)) return false;
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (!THIS_MACHINE.test(host)) return false;
  const { state } = await connectTo(
    isIP(host) || host === 'localhost' ? host : '127.0.0.1',
    Number(port) || 443,
    LIMIT_MS,
    signal,
  );
  return state === 'shut';
}
