import { dump, loadAll } from 'js-yaml';
import type { Call, Docker } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { poll } from '../wait.ts';

const COREDNS_MANIFEST = '/var/lib/rancher/k3s/server/manifests/coredns.yaml';

/**
 * Lets pods resolve `host.k3d.internal`, the host aliases and every member of the network: k3s applies the manifests in
 * its folder again when they change, so the names go into CoreDNS' NodeHosts there (k3d pkg/client/cluster.go).
 * k3s writes the manifest before the API answers.
 */
export async function injectDns(
  docker: Docker,
  servers: string[],
  entries: { ip: string; names: string[] }[],
  signal: AbortSignal,
): Promise<void> {
  const server = servers[0]!;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(20_000)]);
  const manifest = await poll(async () => docker.readFile(server, COREDNS_MANIFEST, { signal: limit }), {
    everyMs: 200,
    signal: limit,
  });
  const changed = withNodeHosts(manifest.toString('utf8'), entries);
  if (changed !== undefined) {
    await docker.writeFiles(server, [{ path: COREDNS_MANIFEST, content: changed, mode: 0o744 }], { signal });
  }
}

/**
 * The names pods should know: the host, the aliases, and every container of the network, other clusters' too.
 * @param from.hostIP address of the host as nodes reach it; empty: the network's gateway
 */
export async function clusterDnsEntries(
  docker: Docker,
  from: { network: string; hostIP: string; hostAliases: { ip: string; hostnames: string[] }[] },
  call: Call,
): Promise<{ ip: string; names: string[] }[]> {
  const network = await docker.inspectNetwork(from.network, call);
  if (!network) {
    throw new K3duiError({ code: 'NOT_FOUND', message: `network ${from.network} is gone` });
  }
  const hostIP = from.hostIP || network.IPAM?.Config?.[0]?.Gateway?.split('/')[0];
  const members = Object.values(network.Containers ?? {})
    .map(member => ({ ip: member.IPv4Address?.split('/')[0] ?? '', names: [member.Name] }))
    .filter(member => member.ip !== '')
    .sort((a, b) => (a.names[0]! < b.names[0]! ? -1 : 1));
  return [
    ...(hostIP ? [{ ip: hostIP, names: ['host.k3d.internal'] }] : []),
    ...from.hostAliases.map(alias => ({ ip: alias.ip, names: alias.hostnames })),
    ...members,
  ];
}

interface ConfigMap {
  kind?: string;
  metadata?: { name?: string };
  data?: Record<string, string>;
}

/**
 * The manifest with the entries in its ConfigMap's NodeHosts; names that are there already keep their other lines out.
 * undefined when nothing would change or there is no such ConfigMap. Pure.
 */
export function withNodeHosts(manifest: string, entries: { ip: string; names: string[] }[]): string | undefined {
  // k3s keeps placeholders like %{CLUSTER_DOMAIN}% out of what it has written to the node, so this is plain YAML.
  const documents = loadAll(manifest) as (ConfigMap | null)[];
  const configMap = documents.find(document => document?.kind === 'ConfigMap' && document.metadata?.name === 'coredns');
  if (!configMap) return undefined;
  const ours = new Set(entries.flatMap(entry => entry.names));
  const kept = (configMap.data?.NodeHosts ?? '').split('\n').filter(
    line =>
      line.trim() !== '' &&
      !line
        .trim()
        .split(/\s+/)
        .slice(1)
        .some(name => ours.has(name)),
  );
  const nodeHosts = `${[...kept, ...entries.map(entry => `${entry.ip} ${entry.names.join(' ')}`)].join('\n')}\n`;
  if (nodeHosts === configMap.data?.NodeHosts) return undefined;
  configMap.data = { ...configMap.data, NodeHosts: nodeHosts };
  return documents
    .filter(document => document !== null)
    .map(document => dump(document, { lineWidth: -1 }))
    .join('---\n');
}
