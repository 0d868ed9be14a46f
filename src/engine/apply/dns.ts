import { setTimeout as sleep } from 'node:timers/promises';
import { dump, loadAll } from 'js-yaml';
import type { Call, Docker } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import { poll } from '../wait.ts';
import { hostAddress } from './host-address.ts';

/** Where k3s puts it in a server, at every start. */
export const COREDNS_MANIFEST = '/var/lib/rancher/k3s/server/manifests/coredns.yaml';

/**
 * Lets pods resolve `host.k3d.internal`, the host aliases and every member of the network: k3s applies the manifests in
 * its folder again when they change, so the names go into CoreDNS' NodeHosts there (k3d pkg/client/cluster.go).
 * k3s writes its manifests anew at each start, on a busy machine seconds after its API answers: what is put into those
 * of an earlier start is lost.
 */
export async function injectDns(
  docker: Docker,
  servers: string[],
  entries: { ip: string; names: string[] }[],
  signal: AbortSignal,
): Promise<void> {
  const server = servers[0]!;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(20_000)]);
  const { State } = await docker.inspectContainer(server, { signal });
  // Archives know whole seconds.
  const started = Math.floor(Date.parse(State.StartedAt) / 1000) * 1000;
  // A k3s that writes none, or clocks that differ: then what is there serves.
  const patience = Date.now() + 15_000;
  const manifest = await poll(
    async () => {
      const file = await docker.readDatedFile(server, COREDNS_MANIFEST, { signal: limit });
      const old = file?.written !== undefined && file.written.getTime() < started;
      return old && Date.now() < patience ? undefined : file?.content;
    },
    { everyMs: 200, signal: limit },
  );
  const changed = withNodeHosts(manifest.toString('utf8'), entries);
  if (changed !== undefined) {
    await docker.writeFiles(server, [{ path: COREDNS_MANIFEST, content: changed, mode: 0o744 }], { signal });
  }
}

/**
 * Adds lines to a running node's hosts file, but those that it has; Docker writes the file anew at every start of the
 * container. Throws HOSTS_NOT_WRITTEN.
 */
export async function addHosts(
  docker: Docker,
  container: string,
  entries: { ip: string; names: string[] }[],
  call: Call,
): Promise<void> {
  let missing = await hostsLacking(docker, container, entries, call);
  // A node that has just been started is about to add the host's name by itself: see its entry point.
  for (let tries = 0; tries < 3 && missing.some(({ names }) => names.includes('host.k3d.internal')); tries++) {
    await sleep(300, undefined, { signal: call.signal });
    missing = await hostsLacking(docker, container, entries, call);
  }
  if (missing.length === 0) return;
  const lines = missing.map(({ ip, names }) => `${ip} ${names.join(' ')}\n`).join('');
  const { exitCode, stderr } = await docker.exec(
    container,
    ['/bin/sh', '-c', 'cat >> /etc/hosts'],
    { stdin: lines },
    call,
  );
  if (exitCode === 0) return;
  throw new K3duiError({
    code: 'HOSTS_NOT_WRITTEN',
    message: `/etc/hosts of ${container} cannot be written: ${sanitise(stderr.trim() || `exit code ${exitCode}`)}`,
    hint: 'names of the host and of host aliases are unknown in the node; in pods they may work all the same',
  });
}

async function hostsLacking(
  docker: Docker,
  container: string,
  entries: { ip: string; names: string[] }[],
  call: Call,
): Promise<{ ip: string; names: string[] }[]> {
  // Docker's copy commands do not reach this file: it is mounted.
  const { stdout } = await docker.exec(container, ['cat', '/etc/hosts'], {}, call);
  const there = stdout.split('\n').map(line => line.trim().split(/\s+/));
  return entries.filter(
    ({ ip, names }) =>
      !there.some(([address, ...known]) => address === ip && names.every(name => known.includes(name))),
  );
}

/**
 * The names that nodes and pods should know: the host and the aliases; for pods also every container of the network,
 * other clusters' too, which nodes ask Docker for.
 * @param from.hostIP address of the host as nodes reach it; empty: it is found out, in `from.askIn` where that helps
 */
export async function clusterDnsEntries(
  docker: Docker,
  from: { network: string; hostIP: string; askIn?: string; hostAliases: { ip: string; hostnames: string[] }[] },
  call: Call,
): Promise<{ forNodes: { ip: string; names: string[] }[]; members: { ip: string; names: string[] }[] }> {
  const network = await docker.inspectNetwork(from.network, call);
  if (!network) {
    throw new K3duiError({ code: 'NOT_FOUND', message: `network ${from.network} is gone` });
  }
  const asked = from.hostIP || (from.askIn && (await hostAddress(docker, from.askIn, call)));
  const hostIP = asked || network.IPAM?.Config?.[0]?.Gateway?.split('/')[0];
  const members = Object.values(network.Containers ?? {})
    .map(member => ({ ip: member.IPv4Address?.split('/')[0] ?? '', names: [member.Name] }))
    .filter(member => member.ip !== '')
    .sort((a, b) => (a.names[0]! < b.names[0]! ? -1 : 1));
  const forNodes = [
    ...(hostIP ? [{ ip: hostIP, names: ['host.k3d.internal'] }] : []),
    ...from.hostAliases.map(alias => ({ ip: alias.ip, names: alias.hostnames })),
  ];
  return { forNodes, members };
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
function withNodeHosts(manifest: string, entries: { ip: string; names: string[] }[]): string | undefined {
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
