import { randomFillSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { apply } from '../../src/engine/apply.ts';
import { factsForCreate, planClusterCreate } from '../../src/engine/cluster/create.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { gatherImportFacts, gatherNodes } from '../../src/engine/image/facts.ts';
import { readHistory } from '../../src/engine/image/history.ts';
import { planImport } from '../../src/engine/image/import.ts';
import { k3sNodes } from '../../src/engine/image/node-images.ts';
import { planImagePull } from '../../src/engine/image/pull.ts';
import { planImageRemove } from '../../src/engine/image/remove.ts';
import { type Received, type TransferRequest, transferImages } from '../../src/engine/image/transfer.ts';
import { planImageVerify } from '../../src/engine/image/verify.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { openEngine } from '../../src/engine/open.ts';
import { K3duiError } from '../../src/errors.ts';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { type Link, openLink } from '../bed/tcp-link.ts';

const bed = await testDocker();
const MIB = 1024 * 1024;
const STORE = '/var/lib/rancher/k3s/agent/containerd';

describe.skipIf(bed.skip)('images on a real engine', () => {
  const name = uniqueName('images');
  const home = mkdtempSync(join(tmpdir(), 'k3dui-images-'));
  const [server, agent] = [`k3d-${name}-server-0`, `k3d-${name}-agent-0`];
  const base = `${name}/base:1`;
  const app = `${name}/app:1`;
  let engine: Engine;

  beforeAll(async () => {
    engine = await openEngine({ env: { ...bed.env, HOME: home, KUBECONFIG: join(home, 'kubeconfig') } });
    await engine.inventory.refresh();
    const spec = { ...defaultClusterSpec(bed.images.K3DUI_TEST_IMAGE), name, agents: 1, loadBalancer: false };
    const facts = await gatherFacts(engine, factsForCreate(spec, engine.env));
    await apply(planClusterCreate(spec, facts), engine).finished;
    await build(base, 'FROM scratch\nCOPY one /one\nCOPY two /two', { one: 3 * MIB, two: 4 * MIB });
    await build(app, `FROM ${base}\nCOPY three /three`, { three: MIB });
  });

  afterAll(async () => {
    engine?.close();
    for (const image of [app, base])
      await bed.docker
        .getImage(image)
        .remove({ force: true })
        .catch(() => undefined);
    await cleanup(name, bed.docker);
    rmSync(home, { recursive: true, force: true });
  });

  /** Each begins with nodes that hold none of these images. */
  afterEach(async () => {
    await engine.inventory.refresh();
    const held = await gatherNodes(engine, k3sNodes(cluster()), {});
    const images = [...new Set(held.flatMap(node => node.images.flatMap(image => image.names)))];
    if (images.length > 0) await apply(planImageRemove({ images, where: [] }, held), engine).finished;
  });

  /** Builds an image from files of these sizes. */
  async function build(tag: string, dockerfile: string, files: Record<string, number>): Promise<void> {
    const context = pack();
    context.entry({ name: 'Dockerfile' }, `${dockerfile}\nCMD ["/none"]`);
    for (const [file, size] of Object.entries(files)) context.entry({ name: file }, randomFillSync(Buffer.alloc(size)));
    context.finalize();
    const options = { t: tag, forcerm: true };
    const stream = await bed.docker.buildImage(context as unknown as NodeJS.ReadableStream, options);
    await new Promise<void>((resolve, reject) => {
      bed.docker.modem.followProgress(stream, error => (error ? reject(error) : resolve()));
    });
  }

  const cluster = (): Cluster => engine.inventory.snapshot.clusters.find(one => one.name === name)!;

  async function importing(images: string[], files: string[] = [], unpack = false) {
    const request = { clusters: [name], images, files, stdin: false, unpack };
    return planImport(request, await gatherImportFacts(engine, [cluster()], request));
  }

  /** Straight into nodes, past the plan. */
  async function transfer(request: Partial<TransferRequest>) {
    const { signal } = new AbortController();
    const whole = { nodes: [server, agent], rename: {}, layers: [], ...request };
    return transferImages(engine.docker, { source: { from: 'docker', images: [app] }, ...whole }, signal);
  }

  async function inNode(node: string, line: string): Promise<string> {
    return (await engine.docker.exec(node, ['sh', '-c', line])).stdout;
  }

  /** Archives, and folders of imports. */
  const leftIn = (node: string) =>
    inNode(node, `ls /k3d/images; find / ${STORE} -xdev -name "*.tar" -o -xdev -name "k3dui-import-*" 2>/dev/null`);

  const layersOf = async (image: string): Promise<string[][]> => [
    (await engine.docker.inspectImage(image))!.RootFS!.Layers!,
  ];

  /** No import runs any more in the node. */
  const quiet = (node: string) =>
    until('the end of the import', async () => !(await inNode(node, 'ps')).includes('images import') || undefined);

  it('go into every node, are left alone the second time, listed and verified', async () => {
    await apply(await importing([base]), engine).finished;
    expect((await importing([base])).steps).toEqual([]);
    const held = await gatherNodes(engine, k3sNodes(cluster()), {});
    const { Id } = (await engine.docker.inspectImage(base))!;
    for (const { images } of held) expect(images).toMatchObject([{ id: Id, names: [`docker.io/${base}`] }]);
    const verified = apply(planImageVerify({ images: [base], where: [] }, held), engine);
    await verified.finished;
    // As what k3s loads by itself: the first container that needs it unpacks it, on the nodes where there is one.
    expect(verified.steps.find(step => step.subject === server)?.text).toMatch(
      /^complete \(\d\/\d parts\); its first pod/,
    );
    expect(await inNode(server, 'ctr -n k8s.io snapshots ls')).not.toContain('Committed');
  });

  it('are unpacked at once where that is asked for', async () => {
    await apply(await importing([app], [], true), engine).finished;
    for (const node of [server, agent]) expect(await inNode(node, 'ctr -n k8s.io snapshots ls')).toContain('Committed');
  });

  it('of which a node has layers only bring the others', async () => {
    await apply(await importing([base]), engine).finished;
    const results = await transfer({ layers: await layersOf(app) });
    for (const node of [server, agent]) {
      const { sent, known } = results.get(node) as Received;
      expect(known).toBeGreaterThan(7 * MIB);
      expect(sent).toBeGreaterThan(MIB);
      expect(sent).toBeLessThan(2 * MIB);
    }
    const held = await gatherNodes(engine, k3sNodes(cluster()), {});
    await apply(planImageVerify({ images: [app, base], where: [] }, held), engine).finished;

    const built = await readHistory(engine.docker, server, (await engine.docker.inspectImage(app))!.Id);
    expect(built.map(({ by }) => by.replace(/:[0-9a-f]{8} /, ' '))).toEqual([
      'CMD ["/none"]',
      'COPY file in /three',
      'CMD ["/none"]',
      'COPY file in /two',
      'COPY file in /one',
    ]);
    expect(built.map(({ size = 0 }) => Math.floor(size / MIB))).toEqual([0, 1, 0, 4, 3]);

    // Taken off by name, then with the last name altogether.
    await apply(planImageRemove({ images: [app, base], where: [] }, held), engine).finished;
    for (const { images } of await gatherNodes(engine, k3sNodes(cluster()), {})) expect(images).toEqual([]);
  });

  it('are found by a name with a port, and by an id, and told of by what is missing in the name', async () => {
    const ported = `localhost:5999/${name}/app`;
    await bed.docker.getImage(app).tag({ repo: ported, tag: '1' });
    try {
      const { Id } = (await engine.docker.inspectImage(app))!;
      await apply(await importing([`${ported}:1`]), engine).finished;
      const [held] = await gatherNodes(engine, k3sNodes(cluster()), {});
      expect(held!.images).toMatchObject([{ id: Id, names: [`${ported}:1`] }]);
      // The node has it already: it only gets the other name, whichever Docker tells first.
      const again = await importing([Id.slice(7, 19)]);
      expect(again.steps.filter(({ action }) => action.kind === 'node-image.send')).toEqual([]);
      await expect(importing([`${ported}:2`])).rejects.toMatchObject({
        code: 'IMAGE_MISSING',
        hint: `did you mean '${ported}:1'?`,
      });
      const digest = `sha256:${'0'.repeat(64)}`;
      await expect(importing([`${ported}@${digest}`])).rejects.toMatchObject({ code: 'IMAGE_MISSING', exitCode: 1 });
    } finally {
      await bed.docker.getImage(`${ported}:1`).remove();
    }
  });

  it('are sent whole when a layer was taken for another that the node has', async () => {
    await apply(await importing([base]), engine).finished;
    // With these layers named for it the new one looks like the old, as only the archive's end tells.
    const results = await transfer({ layers: await layersOf(base) });
    expect((results.get(agent) as Received).sent).toBeGreaterThan(8 * MIB);
    const held = await gatherNodes(engine, k3sNodes(cluster()), {});
    await apply(planImageVerify({ images: [app], where: [] }, held), engine).finished;
  });

  it('that a full node cannot take are told of, and the other node has them all the same', async () => {
    await inNode(agent, `mount -t tmpfs -o size=2m none ${STORE}`);
    const operation = apply(await importing([base]), engine);
    await expect(operation.finished).rejects.toMatchObject({ code: 'SOME_NODES_FAILED', exitCode: 1 });
    expect(await inNode(agent, `ls ${STORE}`)).toBe('');
    await inNode(agent, `umount ${STORE}`);
    const { steps, error } = operation;
    expect(error?.message).toMatch(new RegExp(`1 of 2 nodes failed \\(${agent}\\): ${agent} has no space left`));
    expect(steps.find(step => step.subject === server)).toMatchObject({ state: 'done' });
    expect(steps.find(step => step.subject === agent)).toMatchObject({ error: { code: 'NODE_DISK_FULL' } });
    const held = await gatherNodes(engine, k3sNodes(cluster()), {});
    expect(held.map(({ images }) => images.length)).toEqual([1, 0]);
  });

  it('that were removed from Docker meanwhile, and nodes that stop half way, are told of', async () => {
    await expect(transfer({ source: { from: 'docker', images: [`${name}/gone:1`] } })).rejects.toThrow(/gone/);
    await Promise.all([server, agent].map(quiet));

    const gone = new AbortController();
    const going = transferImages(
      engine.docker,
      { source: { from: 'stdin' }, nodes: [server, agent], rename: {}, layers: [] },
      gone.signal,
      { stdin: slowly(app, () => engine.docker.killContainer(agent, 'SIGKILL')) },
    );
    const results = await going;
    expect(results.get(server)).toMatchObject({ images: new Map([[`docker.io/${app}`, expect.any(String)]]) });
    expect(results.get(agent)).toBeInstanceOf(K3duiError);
    expect(results.get(agent)).toMatchObject({ code: 'NODE_STOPPED' });
    await engine.docker.startContainer(agent);
    // What the killed node had got so far is put away by its next import.
    expect(await leftIn(agent)).toContain('k3dui-import-');
    expect((await transfer({ nodes: [agent] })).get(agent)).toMatchObject({ known: 0 });
    expect(await leftIn(agent)).toBe('');
  });

  it('that are cancelled leave nothing running, and no file anywhere', async () => {
    const before = readdirSync(tmpdir());
    const stop = new AbortController();
    const stdin = slowly(app, async () => stop.abort());
    const request = { source: { from: 'stdin' }, nodes: [server], rename: {}, layers: [] } as const;
    await expect(
      transferImages(engine.docker, { ...request, nodes: [server], layers: [] }, stop.signal, { stdin }),
    ).rejects.toThrow();
    await quiet(server);
    expect(readdirSync(tmpdir()).filter(file => !before.includes(file) && /\.tar/.test(file))).toEqual([]);
    expect(await leftIn(server)).toBe('');
  });

  describe('with the engine on another machine', () => {
    let link: Link;
    let remote: Engine;
    beforeEach(async () => {
      link = await openLink(new URL(engine.docker.endpoint.address).pathname);
      remote = await openEngine({ env: { ...engine.env, DOCKER_HOST: link.host } });
      await remote.inventory.refresh();
    });
    afterEach(async () => {
      remote.close();
      await link.close();
    });
    const plan = async () => {
      const request = { clusters: [name], images: [app], files: [], stdin: false };
      const there = remote.inventory.snapshot.clusters.find(one => one.name === name)!;
      return planImport(request, await gatherImportFacts(remote, [there], request));
    };

    it('go there and back over the network, and into the nodes', async () => {
      await apply(await plan(), remote).finished;
      const held = await gatherNodes(engine, k3sNodes(cluster()), {});
      await apply(planImageVerify({ images: [app], where: [] }, held), engine).finished;
    });

    it('end with a clear error when the connection is cut half way, and leave nothing in the nodes', async () => {
      const planned = await plan();
      link.cutAfter(4 * MIB);
      const error = await apply(planned, remote).finished.then(
        () => undefined,
        thrown => thrown as K3duiError,
      );
      expect(error).toMatchObject({ exitCode: 1, code: 'DOCKER_UNREACHABLE' });
      // Which of them is noticed first: the connection that breaks, or the next that cannot be made.
      expect(error!.message).toMatch(new RegExp(`(lost the Docker engine|nothing answers) at ${link.host}`));
      await Promise.all([server, agent].map(quiet));
      for (const node of [server, agent]) expect(await leftIn(node)).toBe('');
      expect((await gatherNodes(engine, k3sNodes(cluster()), {})).map(({ images }) => images)).toEqual([[], []]);
    });
  });

  it('that no registry has cannot be pulled, and say why', async () => {
    const where = [{ node: server, cluster: name, running: true }];
    const pulling = apply(planImagePull({ images: ['localhost:5999/x:1'], where: [] }, where), engine);
    await expect(pulling.finished).rejects.toMatchObject({
      code: 'NODE_PULL_FAILED',
      message: expect.stringContaining('connection refused'),
    });
  });

  /** An image's archive, of which the second half waits for something to be done. */
  async function* slowly(image: string, between: () => Promise<void>): AsyncGenerator<Buffer> {
    let passed = 0;
    let done = false;
    for await (const piece of engine.docker.saveImages([image])) {
      yield piece;
      passed += piece.length;
      if (done || passed < 4 * MIB) continue;
      done = true;
      await between();
    }
  }
});
