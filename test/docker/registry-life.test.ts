import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { apply } from '../../src/engine/apply.ts';
import { factsForCreate, planClusterCreate } from '../../src/engine/cluster/create.ts';
import { planClusterDelete } from '../../src/engine/cluster/delete.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { planImagePull } from '../../src/engine/image/pull.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { openEngine } from '../../src/engine/open.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { RegistryBrowser, type TagRow } from '../../src/engine/registry/browse.ts';
import { gatherConnectFacts, planRegistryConnect, planRegistryDisconnect } from '../../src/engine/registry/connect.ts';
import { planCollect, planCopy, planPush, planTagDelete, requireUrl } from '../../src/engine/registry/content-plans.ts';
import { gatherRegistryFacts, planRegistryCreate, type RegistryRequest } from '../../src/engine/registry/create.ts';
import { gatherRegistryDeleteFacts, planRegistryDelete } from '../../src/engine/registry/delete.ts';
import { type Registry, registriesOf, settingsOf } from '../../src/engine/registry/model.ts';
import { proveReference } from '../../src/engine/registry/references.ts';
import type { K3duiError } from '../../src/errors.ts';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { makeTinyImage } from '../bed/tiny-image.ts';

const bed = await testDocker();
const image = bed.images.K3DUI_TEST_REGISTRY_IMAGE;

describe.skipIf(bed.skip)('registries on a real engine', () => {
  const name = uniqueName('regs');
  const other = uniqueName('regt');
  const made = `k3d-${name}-own`;
  const shared = `k3d-${name}-shared`;
  const mirror = `k3d-${name}-mirror`;
  const locked = `k3d-${name}-locked`;
  const app = `k3dui-test/${name}/app`;
  const home = mkdtempSync(join(tmpdir(), 'k3dui-regs-'));
  let engine: Engine;

  const run = (plan: Plan) => apply(plan, engine).finished;
  const where = () => ({ endpoint: engine.docker.endpoint, env: engine.env });

  async function refreshed() {
    await engine.inventory.refresh();
    return engine.inventory.snapshot;
  }
  const cluster = async (wanted = name): Promise<Cluster> =>
    (await refreshed()).clusters.find(one => one.name === wanted)!;
  const registry = async (wanted: string): Promise<Registry> =>
    registriesOf(await refreshed()).find(({ node }) => node.name === wanted)!;
  const settings = async (one: Registry) => settingsOf(await engine.docker.inspectContainer(one.node.id));
  const exec = (container: string, ...command: string[]) => engine.docker.exec(container, command);

  async function create(request: RegistryRequest, clusters: Cluster[] = []): Promise<Registry> {
    const asked = { image, ...request };
    await run(planRegistryCreate(asked, await gatherRegistryFacts(engine, asked, clusters)));
    return registry(request.name!);
  }

  async function push(to: string, source: string, as: string): Promise<void> {
    await run(planPush(await registry(to), [{ image: source, as }]));
  }

  async function browse<T>(to: string, ask: (browser: RegistryBrowser) => Promise<T>): Promise<T> {
    const browser = new RegistryBrowser(requireUrl(await registry(to), where()));
    try {
      return await ask(browser);
    } finally {
      browser.close();
    }
  }

  const repositories = (to: string) =>
    browse(to, async browser => {
      const all: Record<string, string[]> = {};
      for await (const page of browser.repositories()) for (const row of page) all[row.repository] = row.tags;
      return all;
    });

  const tags = (to: string, repository: string) =>
    browse(to, async browser => {
      const rows: TagRow[] = [];
      for await (const some of browser.manifests(repository, await browser.tags(repository))) rows.push(...some);
      return Object.fromEntries(rows.map(row => [row.tag, row.manifest!]));
    });

  const pull = (node: string, reference: string) => exec(node, 'crictl', 'pull', reference);
  const blobs = async (to: string) => {
    const { stdout } = await exec(to, 'sh', '-c', 'find /var/lib/registry -name data -type f | wc -l');
    return Number(stdout.trim());
  };

  beforeAll(async () => {
    engine = await openEngine({
      env: { ...bed.env, HOME: home, DOCKER_CONFIG: home, KUBECONFIG: join(home, 'kubeconfig') },
    });
    await refreshed();
    await makeTinyImage(bed.docker, `${app}:1`, 'one');
    await makeTinyImage(bed.docker, `${app}:2`, 'two');
    await create({ name: shared, deleteEnabled: true });
    await push(shared, `${app}:1`, 'team/app:early');
    const config = join(home, 'registries.yaml');
    writeFileSync(config, 'mirrors:\n  my.company:\n    endpoint: ["http://nowhere:5000"]\n');
    const spec = { ...defaultClusterSpec(bed.images.K3DUI_TEST_IMAGE), name, agents: 1 };
    spec.registries = { create: { name: made, image, enforcePortMatch: true }, use: [shared], config };
    await run(planClusterCreate(spec, await gatherFacts(engine, factsForCreate(spec, engine.env))));
  });

  afterAll(async () => {
    engine?.close();
    await Promise.all([cleanup(name, bed.docker), cleanup(other, bed.docker)]);
    for (const one of [made, shared, mirror, locked])
      await bed.docker
        .getContainer(one)
        .remove({ force: true, v: true })
        .catch(() => {});
    for (const tag of ['1', '2'])
      await bed.docker
        .getImage(`${app}:${tag}`)
        .remove({ force: true })
        .catch(() => {});
    for (const { Id, Name } of await bed.docker.listNetworks()) {
      if (Name.includes(other))
        await bed.docker
          .getNetwork(Id)
          .remove()
          .catch(() => {});
    }
    rmSync(home, { recursive: true, force: true });
  });

  test('a cluster made with one, one that was there and settings of its own knows all of them from its first moment', async () => {
    const [own, used] = [await registry(made), await registry(shared)];
    expect(own).toMatchObject({ clusters: [name], port: own.hostPort });
    expect(used).toMatchObject({ clusters: [name] });
    for (const node of ['server-0', 'agent-0']) {
      const text = await engine.docker.readFile(`k3d-${name}-${node}`, '/etc/rancher/k3s/registries.yaml');
      const { mirrors } = load(text!.toString()) as { mirrors: Record<string, { endpoint: string[] }> };
      expect(mirrors).toMatchObject({
        [`${made}:${own.port}`]: { endpoint: [`http://${made}:${own.port}`] },
        [`${shared}:5000`]: { endpoint: [`http://${shared}:${used.port}`] },
        'my.company': { endpoint: ['http://nowhere:5000'] },
      });
    }
    const { stdout } = await exec(
      `k3d-${name}-server-0`,
      'kubectl',
      'get',
      'configmap',
      '-n',
      'kube-public',
      'local-registry-hosting',
      '-o',
      'yaml',
    );
    expect(stdout).toContain(`host: localhost:${used.hostPort}`);
    expect(used.port).toBe(5000);
    for (const reference of [`${shared}:5000/team/app:early`, `${shared}:${used.hostPort}/team/app:early`]) {
      expect(await pull(`k3d-${name}-agent-0`, reference), reference).toMatchObject({ exitCode: 0 });
    }
  });

  test('what Docker pushes is seen with its tags, size, digest and platform; Docker keeps no name of it', async () => {
    await push(shared, `${app}:1`, 'team/app:v1');
    await push(shared, `${app}:1`, 'team/app:also-v1');
    await push(shared, `${app}:2`, 'team/app:v2');
    expect(await repositories(shared)).toEqual({ 'team/app': ['also-v1', 'early', 'v1', 'v2'] });
    const { v1, v2, 'also-v1': also } = await tags(shared, 'team/app');
    expect(v1).toMatchObject({ kind: 'image', images: [{ platform: 'linux/amd64' }] });
    expect(v1!.digest).toBe(also!.digest);
    expect(v1!.digest).not.toBe(v2!.digest);
    expect(v1!.size).toBeGreaterThan(100);
    const names = (await engine.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    const { hostPort } = await registry(shared);
    expect(names.filter(tag => tag.startsWith(`localhost:${hostPort}/`))).toEqual([]);
  });

  test('its references are proven by real requests, and one that cannot work is not called good', async () => {
    const used = await registry(shared);
    const context = { docker: engine.docker, env: engine.env, clusters: engine.inventory.snapshot.clusters };
    const image = { repository: 'team/app', tag: 'v1' };
    const prove = (place: 'cluster' | 'host' | 'name', wanted: typeof image | undefined = image) =>
      proveReference(context, used, place, wanted);
    expect(await prove('cluster')).toMatchObject({ state: 'good', text: `k3d-${name}-server-0 got its manifest` });
    expect(await prove('host')).toMatchObject({ state: 'good' });
    expect(await prove('name')).toMatchObject({ state: 'bad', need: expect.stringContaining(`127.0.0.1 ${shared}`) });
    expect(await prove('cluster', { repository: 'team/app', tag: 'none' })).toMatchObject({ state: 'bad' });
    expect(await prove('host', { repository: 'team/app', tag: 'none' })).toMatchObject({ state: 'bad' });
  });

  test('copying an image into the cluster has every node pull it; one that is not there says which', async () => {
    const target = await cluster();
    await run(planCopy(await registry(shared), [{ repository: 'team/app', tag: 'v2' }], target));
    for (const node of ['server-0', 'agent-0']) {
      expect((await exec(`k3d-${name}-${node}`, 'crictl', 'images')).stdout).toMatch(/team\/app +v2/);
    }
    const { v2 } = await tags(shared, 'team/app');
    const at = { node: `k3d-${name}-agent-0`, cluster: name, running: true };
    const byDigest = (digest: string) =>
      run(planImagePull({ images: [`${shared}:5000/team/app@${digest}`], where: [] }, [at]));
    await byDigest(v2!.digest);
    await expect(byDigest(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({
      code: 'NODE_PULL_FAILED',
      message: expect.stringContaining(`${shared}:5000 answers, but does not have it`),
    });
    const missing = planCopy(await registry(shared), [{ repository: 'team/app', tag: 'v9' }], target);
    await expect(run(missing)).rejects.toMatchObject({ code: 'NODE_PULL_FAILED' });
  });

  test('deleting a tag leaves its image to other tags; the garbage goes when the last is gone, and the registry takes pushes again', async () => {
    const used = await registry(shared);
    const kept = await settings(used);
    const before = await blobs(shared);
    await run(planTagDelete(used, [{ repository: 'team/app', tag: 'v1' }], kept, where()));
    expect(Object.keys(await tags(shared, 'team/app'))).toEqual(['also-v1', 'early', 'v2']);
    await run(planTagDelete(used, [{ repository: 'team/app', tag: 'v2' }], kept, where(), { collect: true }));
    expect(await blobs(shared)).toBeLessThan(before);
    expect(Object.keys(await tags(shared, 'team/app'))).toEqual(['also-v1', 'early']);
    await push(shared, `${app}:2`, 'team/app:v2');
    expect(await pull(`k3d-${name}-agent-0`, `${shared}:${used.port}/team/app:v2`)).toMatchObject({ exitCode: 0 });
    await run(planCollect(await registry(shared), kept, where(), true));
    expect(Object.keys(await tags(shared, 'team/app'))).toEqual(['also-v1', 'early', 'v2']);
  });

  test('one made without leave to delete says so, and deletes nothing', async () => {
    await push(made, `${app}:1`, 'team/app:v1');
    const own = await registry(made);
    const wanted = [{ repository: 'team/app', tag: 'v1' }];
    expect(() => planTagDelete(own, wanted, { ...STRICT }, where())).toThrow(/without leave to delete/);
    // Asked all the same it refuses, and that is told.
    const plan = planTagDelete(own, wanted, { ...STRICT, deleteEnabled: true }, where());
    await expect(run(plan)).rejects.toMatchObject({ code: 'REGISTRY_DELETE_OFF' });
    expect(await repositories(made)).toEqual({ 'team/app': ['v1'] });
  });

  test('a mirror fetches what nodes ask for, keeps it when its source is away, and takes no pushes', async () => {
    const source = await registry(shared);
    // The mirror finds its source in the cluster's network.
    const proxy = { remoteURL: `http://${shared}:${source.port}`, username: 'bob', password: 'not-to-be-seen' };
    const asked = { name: mirror, image, proxy };
    const plan = planRegistryCreate(asked, await gatherRegistryFacts(engine, asked, [await cluster()]));
    expect(plan.command).not.toContain('not-to-be-seen');
    expect(plan.secrets).toContain('not-to-be-seen');
    await run(plan);
    const agent = `k3d-${name}-agent-0`;
    await exec(agent, 'crictl', 'rmi', `${shared}:${source.port}/team/app:early`);
    expect(await pull(agent, `${shared}:${source.port}/team/app:early`)).toMatchObject({ exitCode: 0 });
    expect(await repositories(mirror)).toMatchObject({ 'team/app': expect.any(Array) });
    await expect(push(mirror, `${app}:1`, 'team/app:v1')).rejects.toMatchObject({ code: 'PUSH_FAILED' });
    await run(
      planRegistryDelete(await gatherRegistryDeleteFacts(engine.docker, [await registry(mirror)], [await cluster()])),
    );
    const text = (await engine.docker.readFile(agent, '/etc/rancher/k3s/registries.yaml'))!.toString();
    expect(text).not.toContain(mirror);
    expect(text).toContain(`http://${shared}:${source.port}`);
    await exec(agent, 'crictl', 'rmi', `${shared}:${source.port}/team/app:early`);
    expect(await pull(agent, `${shared}:${source.port}/team/app:early`)).toMatchObject({ exitCode: 0 });
  });

  test('disconnected and connected again while the cluster runs: nodes take it up at once, without a restart', async () => {
    const used = await registry(shared);
    const agent = `k3d-${name}-agent-0`;
    const reference = `${shared}:${used.port}/team/app:v2`;
    const started = (await engine.docker.inspectContainer(agent)).State.StartedAt;
    await run(planRegistryDisconnect(used, await gatherConnectFacts(engine, used, [await cluster()])));
    expect((await registry(shared)).clusters).toEqual([]);
    await exec(agent, 'crictl', 'rmi', reference);
    expect((await pull(agent, reference)).exitCode).not.toBe(0);
    const alone = await registry(shared);
    const plan = planRegistryConnect(alone, await gatherConnectFacts(engine, alone, [await cluster()]));
    expect(plan.warnings).toEqual([]);
    await run(plan);
    expect(await pull(agent, reference)).toMatchObject({ exitCode: 0 });
    expect((await engine.docker.inspectContainer(agent)).State.StartedAt).toBe(started);
  });

  test('one that died comes back by itself with what was in it', async () => {
    await exec(shared, 'sh', '-c', 'kill -9 $(pidof registry || pidof docker-registry)').catch(() => undefined);
    await until('it was started again', async () => {
      const { RestartCount, State } = await engine.docker.inspectContainer(shared);
      return RestartCount > 0 && State.Running ? true : undefined;
    });
    const found = await until('it answers', async () => repositories(shared));
    expect(found['team/app']).toContain('v2');
  });

  test('one that wants credentials: none and wrong ones are told as such, right ones of Docker’s config do', async () => {
    const facts = await gatherRegistryFacts(engine, { name: locked, image }, []);
    const plan = planRegistryCreate({ name: locked, image }, facts);
    const step = plan.steps.find(({ action }) => action.kind === 'container.create')!;
    if (step.action.kind === 'container.create') {
      step.action.body.Env!.push(
        'REGISTRY_AUTH=htpasswd',
        'REGISTRY_AUTH_HTPASSWD_REALM=x',
        'REGISTRY_AUTH_HTPASSWD_PATH=/etc/users',
      );
    }
    const files = [{ path: '/etc/users', content: `bob:${HASH}\n`, mode: 0o644 }];
    const put = {
      id: 'users',
      title: 'users',
      after: [step.id],
      action: { kind: 'files.write' as const, container: locked, files },
    };
    plan.steps.push(put);
    plan.steps.find(({ action }) => action.kind === 'container.start')!.after.push('users');
    await run(plan);
    await expect(repositories(locked)).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    await expect(push(locked, `${app}:1`, 'a:1')).rejects.toMatchObject({
      code: 'PUSH_FAILED',
      hint: expect.stringContaining('docker login'),
    });
    const { hostPort } = await registry(locked);
    const login = (password: string) => {
      const auth = Buffer.from(`bob:${password}`).toString('base64');
      writeFileSync(join(home, 'config.json'), JSON.stringify({ auths: { [`localhost:${hostPort}`]: { auth } } }));
    };
    login('wrong-one');
    await expect(push(locked, `${app}:1`, 'a:1')).rejects.toMatchObject({
      code: 'PUSH_FAILED',
      hint: expect.stringContaining('credentials'),
    });
    login('right-one');
    await push(locked, `${app}:1`, 'a:1');
  });

  test('a node that pulls from one that wants credentials: none, wrong and right ones are told apart', async () => {
    const one = await registry(locked);
    await run(planRegistryConnect(one, await gatherConnectFacts(engine, one, [await cluster()])));
    const agent = `k3d-${name}-agent-0`;
    const host = `${locked}:${one.port}`;
    const pulling = () => run(planImagePull({ images: [`${host}/a:1`], where: [] }, [at]));
    const at = { node: agent, cluster: name, running: true };
    await expect(pulling()).rejects.toMatchObject({
      code: 'NODE_PULL_FAILED',
      exitCode: 1,
      message: expect.stringMatching(/wants credentials, and the node has none for it \(.*401 Unauthorized\)/),
      hint: expect.stringContaining('registries.yaml'),
    });
    const path = '/etc/rancher/k3s/registries.yaml';
    const config = '/var/lib/rancher/k3s/agent/etc/containerd/config.toml';
    const before = load((await engine.docker.readFile(agent, path))!.toString()) as Record<string, unknown>;
    const login = async (password: string): Promise<void> => {
      const text = dump({ ...before, configs: { [host]: { auth: { username: 'bob', password } } } });
      await engine.docker.writeFiles(agent, [{ path, content: Buffer.from(text), mode: 0o600 }]);
      // k3s reads it when it starts.
      await engine.docker.stopContainer(agent, { timeoutSeconds: 2 });
      await engine.docker.startContainer(agent);
      await until('its containerd is told', async () =>
        (await exec(agent, 'grep', '-qw', password, config)).exitCode === 0 ? true : undefined,
      );
      await until('its containerd answers', async () =>
        (await exec(agent, 'crictl', 'images')).exitCode === 0 ? true : undefined,
      );
    };
    await login('wrong-one');
    const refused = await pulling().then(
      () => undefined,
      error => error as K3duiError,
    );
    expect(refused?.message).toMatch(/does not accept the credentials that the node has for it/);
    expect(refused?.message).not.toContain('wrong-one');
    await login('right-one');
    await pulling();
  });

  test('a busy port, a name that is taken and an unknown registry leave nothing behind', async () => {
    const used = await registry(shared);
    const facts = await gatherRegistryFacts(engine, {}, []);
    expect(() => planRegistryCreate({ name: shared, image }, facts)).toThrow(/exists already/);
    expect(() => planRegistryCreate({ name: mirror, image, hostPort: String(used.hostPort) }, facts)).toThrow(
      new RegExp(`taken by container ${shared}`),
    );
    // Nobody saw that it is taken: Docker says so when it starts.
    const blind = planRegistryCreate(
      { name: mirror, image, hostPort: String(used.hostPort) },
      { ...facts, containers: [], sockets: [] },
    );
    await expect(run(blind)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    const spec = {
      ...defaultClusterSpec(bed.images.K3DUI_TEST_IMAGE),
      name: other,
      registries: { use: ['nosuchreg:5000'] },
    };
    const clusterFacts = await gatherFacts(engine, factsForCreate(spec, engine.env));
    expect(() => planClusterCreate(spec, clusterFacts)).toThrow(/no registry of that name/);
    const containers = await engine.docker.listContainers({});
    expect(
      containers.flatMap(({ Names }) => Names ?? []).filter(one => one === `/${mirror}` || one.includes(other)),
    ).toEqual([]);
  });

  test('deleting the cluster takes its own registry along, but not while another network needs it, nor one that was only used', async () => {
    const elsewhere = await engine.docker.createNetwork({ Name: `net-${other}`, Driver: 'bridge', Labels: {} });
    await engine.docker.connectNetwork(elsewhere, made);
    const plan = planClusterDelete(await cluster(), await gatherFacts(engine));
    await run(plan);
    expect(await registry(made)).toMatchObject({ clusters: [] });
    expect(await registry(shared)).toMatchObject({ clusters: [] });
    expect((await engine.docker.listNetworks()).map(({ Name }) => Name)).not.toContain(`k3d-${name}`);
  });
});

/** Of `right-one`, by bcrypt. */
const HASH = '$2y$05$abcdefghijklmnopqrstuuxq35/t05KtI3BQ9eJ.3qCT1dD0ALBpq';

const STRICT = {
  proxyURL: undefined,
  proxyUsername: undefined,
  mirrorOf: undefined,
  deleteEnabled: false,
  keptIn: undefined,
  configFile: '/etc/docker/registry/config.yml',
};
