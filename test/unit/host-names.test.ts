import { describe, expect, it } from 'vitest';
import type { Docker, ExecResult } from '../../src/docker/docker.ts';
import { addHosts, clusterDnsEntries } from '../../src/engine/apply/dns.ts';
import { hostAliasesOf } from '../../src/engine/cluster/dns.ts';
import type { Cluster } from '../../src/engine/model.ts';

/** An engine that knows what it is, one network, and what its containers say to commands. */
function engineOf(info: object, answers: Record<string, string>, asked: string[] = []): Docker {
  return {
    info: async () => info,
    inspectNetwork: async () => ({
      IPAM: { Config: [{ Gateway: '172.20.0.1' }] },
      Containers: { a: { Name: 'k3d-x-server-0', IPv4Address: '172.20.0.2/16' } },
    }),
    exec: async (_: string, command: string[], options: { stdin?: string }): Promise<ExecResult> => {
      asked.push([...command, options.stdin ?? ''].join(' ').trim());
      const stdout = answers[command[0]!];
      if (stdout === undefined) throw new Error('no such program');
      return { exitCode: 0, stdout, stderr: '' };
    },
  } as unknown as Docker;
}

const from = {
  network: 'k3d-x',
  hostIP: '',
  askIn: 'k3d-x-server-0',
  hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }],
};
const NSLOOKUP = `Server:\t\t127.0.0.11
Address:\t127.0.0.11:53

Non-authoritative answer:
Name:\thost.docker.internal
Address: fdc4:f303:9324::254

Name:\thost.docker.internal
Address: 192.168.65.254
`;

describe('host.k3d.internal is', () => {
  it.each([
    ['the gateway, on Linux', { OperatingSystem: 'Debian GNU/Linux 12', Name: 'box' }, {}, '172.20.0.1'],
    [
      'what Docker Desktop says',
      { OperatingSystem: 'Docker Desktop', Name: 'dd' },
      { getent: '192.168.65.254  STREAM host.docker.internal\n192.168.65.254  DGRAM\n' },
      '192.168.65.254',
    ],
    [
      'asked with nslookup where there is no getent',
      { OperatingSystem: 'Docker Desktop', Name: 'dd' },
      { nslookup: NSLOOKUP },
      '192.168.65.254',
    ],
    [
      'what Colima says',
      { OperatingSystem: 'Ubuntu 24.04', Name: 'colima' },
      { getent: '192.168.5.2 STREAM host.lima.internal\n' },
      '192.168.5.2',
    ],
    [
      'the gateway when nobody knows better',
      { OperatingSystem: 'Docker Desktop', Name: 'dd' },
      { getent: '', nslookup: 'Server:\t127.0.0.11\n** server can’t find it' },
      '172.20.0.1',
    ],
  ])('%s', async (_, info, answers, ip) => {
    const { forNodes, members } = await clusterDnsEntries(engineOf(info, answers), from, {});
    expect(forNodes).toEqual([
      { ip, names: ['host.k3d.internal'] },
      { ip: '1.2.3.4', names: ['a', 'b'] },
    ]);
    expect(members).toEqual([{ ip: '172.20.0.2', names: ['k3d-x-server-0'] }]);
  });
});

describe('a node’s hosts file', () => {
  it('gets only the lines that it lacks', async () => {
    const asked: string[] = [];
    const engine = engineOf({}, { cat: '127.0.0.1\tlocalhost\n172.20.0.1 host.k3d.internal\n', '/bin/sh': '' }, asked);
    const entries = [
      { ip: '172.20.0.1', names: ['host.k3d.internal'] },
      { ip: '1.2.3.4', names: ['a', 'b'] },
    ];
    await addHosts(engine, 'node', entries, {});
    expect(asked).toEqual(['cat /etc/hosts', '/bin/sh -c cat >> /etc/hosts 1.2.3.4 a b']);
    await addHosts(engine, 'node', entries.slice(0, 1), {});
    expect(asked).toHaveLength(3);
  });

  it('gets from a label only what is an alias', () => {
    const labelled = (text: string) =>
      hostAliasesOf({ servers: [{ labels: { 'k3d.cluster.start.hostaliases': text } }] } as unknown as Cluster);
    expect(
      labelled(
        '[{"ip":"1.2.3.4","hostnames":["a"]},{"ip":"x","hostnames":["b"]},{"ip":"1.1.1.1","hostnames":["c\\n9.9.9.9 d"]},null,7]',
      ),
    ).toEqual([{ ip: '1.2.3.4', hostnames: ['a'] }]);
    for (const text of ['', '{}', '[', 'null', '[{"ip":"1.2.3.4"}]']) expect(labelled(text)).toEqual([]);
    const odd: string[] = [];
    const read = (text: string) => {
      const server = { labels: { 'k3d.cluster.start.hostaliases': text } };
      return hostAliasesOf({ servers: [server] } as unknown as Cluster, label => odd.push(label));
    };
    read('[{"ip":"1.2.3.4","hostnames":["a"]}]');
    expect(odd).toEqual([]);
    expect(read('[{"ip":"1.2.3.4","hostnames":["a"]},7]')).toHaveLength(1);
    expect(odd).toEqual(['k3d.cluster.start.hostaliases']);
  });
});
