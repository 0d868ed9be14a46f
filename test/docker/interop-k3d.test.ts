import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { freePorts } from '../bed/free-ports.ts';
import { programFile } from '../bed/program.ts';

/**
 * Every kind of object that k3d makes is read, changed and deleted by k3dui, and the other way round. Needs a real k3d
 * 5.9 on PATH, and images that it gets on with:
 *
 *     K3DUI_TEST_IMAGES_READY=1 K3DUI_TEST_IMAGE=rancher/k3s:v1.31.5-k3s1 K3DUI_TEST_LB_IMAGE=ghcr.io/k3d-io/k3d-proxy:5.9.0 \
 *       K3DUI_TEST_REGISTRY_IMAGE=registry:2 npx vitest run --project docker interop-k3d
 */
const bed = await testDocker();
const k3d = spawnSync('k3d', ['version'], { encoding: 'utf8' });
const why = bed.skip ?? (k3d.error ? 'no k3d on PATH' : undefined);

const home = mkdtempSync(join(tmpdir(), 'k3dui-interop-'));
const kubeconfig = join(home, 'kubeconfig');
const env = {
  ...bed.env,
  HOME: home,
  KUBECONFIG: kubeconfig,
  XDG_CONFIG_HOME: join(home, 'config'),
  LOG_LEVEL: 'warn',
};

interface Tool {
  name: string;
  /** Gives what it printed. Rejects, with what it said, when it ends with another exit code than 0. */
  run(...args: string[]): Promise<string>;
}

function tool(name: string, program: string, ...before: string[]): Tool {
  return {
    name,
    run: (...args) =>
      new Promise((resolve, reject) => {
        execFile(program, [...before, ...args], { env, timeout: 150_000 }, (error, stdout, stderr) => {
          if (error) reject(new Error(`${name} ${args.join(' ')}: ${stderr || stdout || error.message}`));
          else resolve(stdout);
        });
      }),
  };
}

const theirs = tool('k3d', 'k3d');
const ours = tool('k3dui', process.execPath, programFile());

/** Both say the same about everything there is of the cluster, byte for byte. */
async function sameView(name: string): Promise<void> {
  const views = async ({ run }: Tool) => {
    const table = await run('cluster', 'list', name);
    const nodes = (await run('node', 'list')).split('\n').filter(line => line.includes(name));
    return { table, nodes };
  };
  expect(await views(ours)).toEqual(await views(theirs));
  const withToken = await ours.run('cluster', 'list', name, '-o', 'json', '--token');
  expect(withToken).toBe(await theirs.run('cluster', 'list', name, '-o', 'json', '--token'));
  expect(await ours.run('debug', 'loadbalancer', 'get-config', name)).toBe(
    await theirs.run('debug', 'loadbalancer', 'get-config', name),
  );
}

async function left(name: string): Promise<string[]> {
  const [containers, networks, { Volumes }] = await Promise.all([
    bed.docker.listContainers({ all: true }),
    bed.docker.listNetworks(),
    bed.docker.listVolumes(),
  ]);
  return [
    ...containers.flatMap(({ Names }) => Names),
    ...networks.map(({ Name }) => Name),
    ...Volumes.map(({ Name }) => Name),
  ].filter(text => text.includes(name));
}

/** k3d names an address that nobody can connect to; we do not, on purpose. */
const sameKubeconfig = (text: string): unknown => load(text.replaceAll('https://0.0.0.0:', 'https://127.0.0.1:'));

/** What a command in a node prints. */
async function inNode(node: string, ...Cmd: string[]): Promise<string> {
  const exec = await bed.docker.getContainer(node).exec({ Cmd, AttachStdout: true });
  let text = '';
  for await (const chunk of await exec.start({})) text += chunk;
  return text;
}

async function nodesReady(name: string, count: number): Promise<void> {
  await until(
    `${count} nodes ready`,
    async () => {
      const text = await inNode(`k3d-${name}-server-0`, 'kubectl', 'get', 'nodes', '--no-headers');
      return (text.match(/ Ready /g) ?? []).length === count ? true : undefined;
    },
    90_000,
  );
}

describe.skipIf(why)(`k3d and k3dui on the same clusters${why ? ` (left out: ${why})` : ''}`, () => {
  const made: string[] = [];
  afterAll(async () => {
    for (const name of made) await cleanup(name, bed.docker);
    rmSync(home, { recursive: true, force: true });
  });

  it.each([
    [theirs, ours],
    [ours, theirs],
  ])(
    'made by $name, then read, changed and deleted by the other',
    async (maker, other) => {
      const name = uniqueName('io');
      made.push(name);
      const port = await freePorts(4);
      const image = ['--image', bed.images.K3DUI_TEST_IMAGE];
      const registry = ['--registry-create', `${name}-r:127.0.0.1:${port + 3}`];
      await maker.run(
        'cluster',
        'create',
        name,
        ...image,
        '--agents',
        '1',
        '-p',
        `${port}:80@loadbalancer`,
        ...registry,
      );
      await sameView(name);
      expect(readFileSync(kubeconfig, 'utf8')).toContain(`name: k3d-${name}`);

      // Nodes.
      await other.run('node', 'create', `${name}-more`, '-c', name, '--replicas', '2');
      await nodesReady(name, 4);
      await sameView(name);
      await maker.run('node', 'stop', `k3d-${name}-more-0`);
      await other.run('node', 'start', `k3d-${name}-more-0`);
      await nodesReady(name, 4);
      await other.run('node', 'delete', `k3d-${name}-more-0`);
      await maker.run('node', 'delete', `k3d-${name}-more-1`);
      await sameView(name);

      // Images: each tool brings one, and all nodes have both.
      const tags = ['by-other', 'by-maker'].map(tag => `${name}.test/thing:${tag}`);
      try {
        for (const tag of tags) {
          const [repo, version] = [tag.slice(0, tag.lastIndexOf(':')), tag.slice(tag.lastIndexOf(':') + 1)];
          await bed.docker.getImage(bed.images.K3DUI_TEST_REGISTRY_IMAGE).tag({ repo, tag: version });
        }
        await other.run('image', 'import', tags[0]!, '-c', name);
        await maker.run('image', 'import', tags[1]!, '-c', name);
      } finally {
        for (const tag of tags) await bed.docker.getImage(tag).remove();
      }
      for (const node of ['server-0', 'agent-0']) {
        const images = await inNode(`k3d-${name}-${node}`, 'crictl', 'images');
        for (const tag of tags) expect(images).toMatch(new RegExp(tag.replace(':', '\\s+')));
      }
      await sameView(name);

      // Ports of the load balancer, one after the other by each.
      await other.run('cluster', 'edit', name, '--port-add', `${port + 1}:81@loadbalancer`);
      await sameView(name);
      await maker.run('node', 'edit', `k3d-${name}-serverlb`, '--port-add', `${port + 2}:82`);
      await sameView(name);
      await maker.run('cluster', 'edit', name, '--port-delete', `${port + 1}:81@loadbalancer`);
      await sameView(name);
      await other.run('node', 'edit', `k3d-${name}-serverlb`, '--port-delete', `${port + 2}:82`);
      await sameView(name);

      // Off and on.
      await other.run('cluster', 'stop', name);
      await sameView(name);
      await maker.run('cluster', 'start', name);
      await nodesReady(name, 2);
      await sameView(name);
      await maker.run('cluster', 'stop', name);
      await other.run('cluster', 'start', name);
      await nodesReady(name, 2);
      const context = `k3d-${name}`;
      const kubeconfigs = await Promise.all([maker, other].map(({ run }) => run('kubeconfig', 'get', name)));
      expect(kubeconfigs[0]).toContain(`name: ${context}\n`);
      expect(sameKubeconfig(kubeconfigs[1]!)).toEqual(sameKubeconfig(kubeconfigs[0]!));
      const alone = join(home, `alone-${name}`);
      await other.run('kubeconfig', 'merge', name, '-o', alone);
      const before = sameKubeconfig(readFileSync(alone, 'utf8'));
      await maker.run('kubeconfig', 'merge', name, '-o', alone);
      expect(sameKubeconfig(readFileSync(alone, 'utf8'))).toEqual(before);

      await other.run('cluster', 'delete', name);
      expect(await left(name)).toEqual([]);
      expect(readFileSync(kubeconfig, 'utf8')).not.toContain(context);
    },
    600_000,
  );

  it.each([
    [theirs, ours],
    [ours, theirs],
  ])(
    'a registry made by $name is used and deleted by the other',
    async (maker, other) => {
      const name = uniqueName('ioreg');
      made.push(name);
      const port = await freePorts(1);
      const registry = `k3d-${name}-r`;
      const image = ['--image', bed.images.K3DUI_TEST_IMAGE];
      await maker.run(
        'registry',
        'create',
        `${name}-r`,
        '-p',
        `127.0.0.1:${port}`,
        '-i',
        bed.images.K3DUI_TEST_REGISTRY_IMAGE,
      );
      expect(await other.run('registry', 'list', registry, '--no-headers')).toBe(
        await maker.run('registry', 'list', registry, '--no-headers'),
      );
      expect(await ours.run('registry', 'list', registry, '-o', 'json')).toBe(
        await theirs.run('registry', 'list', registry, '-o', 'json'),
      );
      await other.run('cluster', 'create', name, ...image, '--no-lb', '--registry-use', `${registry}:${port}`);
      expect(await inNode(`k3d-${name}-server-0`, 'cat', '/etc/rancher/k3s/registries.yaml')).toContain(
        `${registry}:${port}`,
      );

      await maker.run('cluster', 'delete', name);
      // It belongs to nobody, and stays.
      expect(await left(name)).toEqual([`/${registry}`]);
      await other.run('registry', 'delete', registry);
      expect(await left(name)).toEqual([]);
    },
    300_000,
  );
});
