import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanup, testDocker, uniqueName } from '../bed/docker.ts';
import { programFile } from '../bed/program.ts';
import { type Ended, Shell } from '../demo/cli-harness.ts';

const bed = await testDocker();

describe.skipIf(bed.skip)('a cluster from a config file, on a real engine', () => {
  const name = uniqueName('cfg');
  const shell = new Shell();
  Object.assign(shell.env, bed.env, { HOME: shell.home, KUBECONFIG: shell.kubeconfig, GREETING: 'hello' });
  shell.env.XDG_CONFIG_HOME = join(shell.home, 'config');
  const server = `k3d-${name}-server-0`;
  const agent = `k3d-${name}-agent-0`;
  const noteOf = (node: string) => join(shell.home, 'config', `.${node}`, 'meminfo');
  let created: Ended;

  beforeAll(async () => {
    writeFileSync(join(shell.home, 'beside.txt'), 'from beside $GREETING\n');
    writeFileSync(
      join(shell.home, 'cluster.yaml'),
      `apiVersion: k3d.io/v1alpha5
kind: Simple
metadata:
  name: ${name}
image: $K3DUI_TEST_IMAGE
volumes:
  - volume: k3d-${name}-data:k3s-storage
    nodeFilters: [server:0]
files:
  - source: |
      $GREETING there
    destination: /etc/greeting
  - source: beside.txt
    destination: k3s-manifests-custom/beside.txt
    nodeFilters: [server:0]
hostAliases:
  - ip: 1.2.3.4
    hostnames: [one.local, two.local]
options:
  kubeconfig:
    updateDefaultKubeconfig: false
  runtime:
    serversMemory: 1g
    agentsMemory: 512m
`,
    );
    created = await shell.run('cluster', 'create', '-c', join(shell.home, 'cluster.yaml'), '--agents', '1');
  });
  afterAll(async () => {
    await cleanup(name, bed.docker);
    shell.remove();
  });

  const inside = (node: string, ...command: string[]) =>
    spawnSync('docker', ['exec', node, ...command], { encoding: 'utf8' }).stdout;

  test('is made, and says from what', () => {
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(created.stdout).toContain('cluster.yaml (k3d.io/v1alpha5#simple)');
    expect(existsSync(shell.kubeconfig)).toBe(false);
  });

  test('its files are in all nodes that were meant, the first server too', () => {
    for (const node of [server, agent, `k3d-${name}-serverlb`]) {
      expect(inside(node, 'cat', '/etc/greeting'), node).toBe('hello there\n');
    }
    // Only the config file itself has variables.
    const beside = '/var/lib/rancher/k3s/server/manifests/custom/beside.txt';
    expect(inside(server, 'cat', beside)).toBe('from beside $GREETING\n');
    expect(inside(agent, 'cat', beside)).toBe('');
  });

  test('nodes and pods know the aliases and the host, again after a stop and start', async () => {
    const known = () => {
      for (const node of [server, agent]) {
        const hosts = inside(node, 'cat', '/etc/hosts');
        expect(hosts).toMatch(/^1\.2\.3\.4 one\.local two\.local$/m);
        expect(hosts.match(/ host\.k3d\.internal$/gm)).toHaveLength(1);
      }
      expect(inside(server, 'cat', '/var/lib/rancher/k3s/server/manifests/coredns.yaml')).toMatch(
        /NodeHosts: \|\n(.*\n)*? +1\.2\.3\.4 one\.local two\.local\n/,
      );
    };
    known();
    expect(await shell.run('cluster', 'stop', name)).toMatchObject({ code: 0 });
    expect(await shell.run('cluster', 'start', name)).toMatchObject({ code: 0 });
    known();
  });

  test('nodes are limited in memory and see no more, also one that joins later', async () => {
    const seen = (node: string) => inside(node, 'cat', '/proc/meminfo');
    expect(seen(server)).toBe('MemTotal: 1073741 kB\nSwapTotal: 0 kB');
    expect(seen(agent)).toBe(readFileSync(noteOf(agent), 'utf8'));
    const { HostConfig } = await bed.docker.getContainer(agent).inspect();
    expect(HostConfig.Memory).toBe(512 * 1024 ** 2);

    expect(await shell.run('node', 'create', `${name}-more`, '-c', name, '--memory', '256m')).toMatchObject({
      code: 0,
    });
    const more = `k3d-${name}-more-0`;
    expect(seen(more)).toBe('MemTotal: 268435 kB\nSwapTotal: 0 kB');
    expect(inside(more, 'cat', '/etc/hosts')).toMatch(/ host\.k3d\.internal$/m);
    expect(await shell.run('node', 'delete', more)).toMatchObject({ code: 0 });
    expect(existsSync(noteOf(more))).toBe(false);
  });

  test('its deletion, by a file from standard input, leaves nothing', async () => {
    const { Volumes } = await bed.docker.listVolumes({ filters: { label: [`k3d.cluster=${name}`] } });
    expect(Volumes.map(volume => volume.Name).sort()).toEqual([`k3d-${name}-data`, `k3d-${name}-images`]);
    const input = `apiVersion: k3d.io/v1alpha4\nkind: Simple\nmetadata:\n  name: ${name}\n`;
    const args = [programFile(), 'cluster', 'delete', '--config=-'];
    const { status, stderr } = spawnSync(process.execPath, args, { input, env: shell.env, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('consider migrating') });
    expect(await bed.docker.listContainers({ all: true, filters: { label: [`k3d.cluster=${name}`] } })).toEqual([]);
    const left = await bed.docker.listVolumes({ filters: { label: [`k3d.cluster=${name}`] } });
    expect(left.Volumes).toEqual([]);
    expect(readdirSync(join(shell.home, 'config'))).toEqual([]);
  });
});
