import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import { connectDocker } from '../../src/docker/connect.ts';
import { openEngine } from '../../src/engine/open.ts';
import { type Printed, runCli } from '../unit/cli-fake.ts';

let demo: Demo;
let home: string;

/** A command line in this process, on the demo engine. */
function run(words: string[], stdin?: Buffer): Promise<Printed> {
  const env = { HOME: home, KUBECONFIG: join(home, 'kubeconfig') };
  const input = new PassThrough();
  input.end(stdin);
  return runCli(words, [], {
    env,
    openEngine: () => openEngine({ env, host: demo.host }),
    streams: { stdin: input } as unknown as Io['streams'],
  });
}

const image = (...words: string[]): Promise<Printed> => run(['image', ...words]);

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'k3dui-image-'));
  demo = await startDemo({ tempo: 0 });
  await run(['cluster', 'create', 'one', '--agents', '1']);
});

afterEach(async () => {
  rmSync(home, { recursive: true, force: true });
  await demo.close();
});

interface Listed {
  image: string;
  nodes: { node: string; id: string; comparison: string }[];
  missing: string[];
}

async function listed(...words: string[]): Promise<Listed[]> {
  return JSON.parse((await image('list', '-o', 'json', ...words)).stdout) as Listed[];
}

/** What `docker save` would write. */
async function saved(name: string): Promise<Buffer> {
  const docker = await connectDocker({ env: {}, host: demo.host });
  const pieces: Buffer[] = [];
  for await (const piece of docker.saveImages([name])) pieces.push(piece);
  docker.close();
  return Buffer.concat(pieces);
}

describe('images from the command line', () => {
  it('are imported into all nodes, listed, left alone the second time, and removed', async () => {
    const first = await image('load', 'shop/web:1.4.2', 'docker.io/library/busybox:1.36', '-c', 'one');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/Successfully imported 2 image\(s\) into 1 cluster\(s\)\n$/);
    const [web] = await listed('shop/web:1.4.2');
    expect(web).toMatchObject({ image: 'docker.io/shop/web:1.4.2', missing: [] });
    expect(web!.nodes.map(({ node, comparison }) => [node, comparison])).toEqual([
      ['k3d-one-server-0', 'same'],
      ['k3d-one-agent-0', 'same'],
    ]);
    const second = await image('import', 'shop/web:1.4.2', '-c', 'one');
    expect(second.stdout).toContain('Nothing to do: all nodes hold that already');

    const removed = await image('remove', 'shop/web:1.4.2', '--node', 'k3d-one-agent-0');
    expect(removed).toMatchObject({ code: 0 });
    expect((await listed('shop/web:1.4.2'))[0]).toMatchObject({ missing: ['k3d-one-agent-0'] });
    expect((await image('list', '-c', 'one')).stdout).toMatch(
      /shop\/web:1\.4\.2 +[0-9a-f]{12} +\S+ MiB +\S+ +1\/2 +0 +missing on k3d-one-agent-0\n/,
    );
    expect(await image('verify', 'shop/web:1.4.2', '-c', 'one')).toMatchObject({ code: 0 });
  });

  it('are looked for by name: one that no node has is said, and where it is a cluster how its images are listed', async () => {
    const { code, stderr } = await image('list', 'one', 'nope:1');
    expect(code).toBe(0);
    expect(stderr).toContain("no image 'one' in the nodes that were asked; one is a cluster: k3dui image list -c one");
    expect(stderr).toMatch(/no image 'nope:1' in the nodes that were asked$/m);
  });

  it('of a cluster that is stopped are missed only where it is asked for, or nothing else answers', async () => {
    await run(['cluster', 'create', 'two']);
    await run(['cluster', 'stop', 'two']);
    expect((await image('list')).stderr).toBe('');
    expect((await image('list', '-c', 'one', '-c', 'two')).stderr).toContain('k3d-two-server-0: does not run');
    await run(['cluster', 'stop', 'one']);
    const nothing = await image('list');
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain('k3d-one-server-0: does not run');
  });

  it('come from archives and standard input too, compressed or not', async () => {
    const archive = join(home, 'web.tar');
    const tar = await saved('shop/web:1.4.2');
    writeFileSync(archive, tar);
    expect(await image('import', archive, '-c', 'one')).toMatchObject({ code: 0 });
    expect(await listed('shop/web:1.4.2')).toMatchObject([{ missing: [] }]);

    const packed = gzipSync(await saved('shop/api:1.4.2'));
    expect(await run(['image', 'import', '-', '-c', 'one'], packed)).toMatchObject({ code: 0 });
    expect(await listed('shop/api:1.4.2')).toMatchObject([{ missing: [] }]);
  });

  it('that turn out to be called :latest in an archive are warned of, and get a tag where one is given', async () => {
    const archive = join(home, 'late.tar');
    demo.world.images.get([...demo.world.images.keys()].at(-1)!)!.tags.push('mine:latest');
    const tar = await saved('mine:latest');
    writeFileSync(archive, tar);
    const seen = await image('import', archive, '-c', 'one', '--dry-run');
    expect(seen.stdout + seen.stderr).toMatch(/warning: mine:latest: Kubernetes asks.*[\s\S]*: mine:latest\)/);
    const warnings = (printed: Printed) => printed.stderr.match(/mine:latest: Kubernetes asks the registry/g) ?? [];
    expect(warnings(await image('import', archive, '-c', 'one'))).toHaveLength(1);

    const packed = await run(['image', 'import', '-', '-c', 'one'], gzipSync(tar));
    expect(packed).toMatchObject({ code: 0 });
    expect(warnings(packed)).toHaveLength(1);
    const tagged = await run(['image', 'import', '-', '-c', 'one', '--retag', 'dev'], gzipSync(tar));
    expect(warnings(tagged)).toEqual([]);
    expect(await listed('mine:dev')).toMatchObject([{ missing: [] }]);
  });

  it('that are wrong say what is wrong, and end with 1', async () => {
    const fails = async (...words: string[]): Promise<string> => {
      const { code, stderr } = await image('import', ...words);
      expect(code).toBe(1);
      return stderr;
    };
    expect(await fails('-c', 'one')).toContain('No images specified!');
    // k3d imports the others then, and ends with 0.
    expect(await fails('shop/wbe:1.4.2', 'shop/api:1.4.2', '-c', 'one')).toMatch(
      /Docker has no image 'shop\/wbe:1\.4\.2'.*\n +hint: did you mean 'shop\/web:1\.4\.2'\?/,
    );
    expect(await fails('shop/web:1.4.2', '-c', 'two')).toContain("no cluster named 'two'");
    expect(await fails('shop/web:1.4.2', '-c', 'one', '-m', 'best')).toContain("Unknown image loading mode 'best'");
    expect(await fails('-', '-c', 'one')).toContain('standard input is empty');
    const file = join(home, 'broken.tar');
    for (const [content, what] of [
      [Buffer.from('hello\n'), 'is no tar archive'],
      [(await saved('shop/web:1.4.2')).subarray(0, 700_000), 'is cut short'],
      [(await saved('shop/web:1.4.2')).subarray(0, 1024), 'holds no image'],
    ] as const) {
      writeFileSync(file, content);
      expect(await fails(file, '-c', 'one')).toContain(`broken.tar ${what}`);
    }
    await run(['cluster', 'stop', 'one']);
    expect(await fails('shop/web:1.4.2', '-c', 'one')).toContain('k3dui cluster start one');
  });

  it("take k3d's modes and flags, warn of :latest and give it a tag", async () => {
    for (const mode of ['auto', 'direct', 'tools-node', 'tools'])
      expect(await image('import', 'shop/web:1.4.2', '-c', 'one', '-m', mode)).toMatchObject({ code: 0 });
    const kept = await image('import', 'shop/web:1.4.2', '-c', 'one', '-k', '-t');
    expect(kept.stdout).toContain('There is no tarball to keep');
    demo.world.images.get([...demo.world.images.keys()].at(-1)!)!.tags.push('mine:latest');
    const latest = await image('import', 'mine', '-c', 'one');
    expect(latest.stderr).toMatch(/mine:latest: Kubernetes asks the registry/);
    const tagged = await image('import', 'mine', '-c', 'one', '--retag', 'dev');
    expect(tagged).toMatchObject({ code: 0, stderr: '' });
    expect(await listed('mine:dev')).toMatchObject([{ missing: [] }]);
  });

  it('are pulled by the nodes, and a failure of one node is told and counted', async () => {
    expect(await image('pull', 'postgres:17-alpine', '-c', 'one')).toMatchObject({ code: 0 });
    expect(await listed('postgres:17-alpine')).toMatchObject([{ missing: [] }]);
    const failed = await image('pull', 'private/x:1', '-c', 'one');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/2 of 2 nodes failed .*k3d-one-\S+ cannot pull private\/x:1.*not found/);
    expect(await image('pull', 'NO GOOD', '-c', 'one')).toMatchObject({ code: 1 });
  });

  it('are only planned with --dry-run', async () => {
    const plan = await image('import', 'shop/web:1.4.2', '-c', 'one', '--dry-run', '-o', 'json');
    const { steps } = JSON.parse(plan.stdout) as { steps: { id: string }[] };
    expect(steps.map(({ id }) => id)).toEqual([
      'send docker',
      'receive docker k3d-one-server-0',
      'receive docker k3d-one-agent-0',
      'settle',
    ]);
    expect(await listed('shop/web:1.4.2')).toEqual([]);
  });
});
