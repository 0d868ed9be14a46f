import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Machine } from '../../src/demo/machine.ts';
import { apply } from '../../src/engine/apply.ts';
import { planClusterDelete } from '../../src/engine/cluster/delete.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import { expectHealthy, finding, findings, gone, look } from './doctor-kit.ts';
import { type Bench, cluster, create, openBench, spec } from './engine.ts';

/** Nobody can break a real machine so: the demo engine's pretends to be broken, and is mended as the remedy's line says. */
describe('the doctor and the machine', () => {
  const name = 'host';
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
    await (await create(bench.engine, spec(name, { agents: 1 }))).finished;
  });
  afterEach(() => {
    const { machine } = bench.demo.world;
    const { files, ...whole } = new Machine();
    Object.assign(machine, whole);
    for (const [path, content] of files) machine.files.set(path, content);
  });
  afterAll(() => bench.close());

  test('a healthy machine with a healthy cluster has nothing', async () => {
    expectHealthy(await look(bench.engine));
  });

  test('a Docker too old for k3d', async () => {
    const { machine } = bench.demo.world;
    Object.assign(machine, { apiVersion: '1.40', version: '19.03.15' });
    const found = await finding(bench.engine, 'engine.api');
    expect(found).toMatchObject({ severity: 'warning', message: expect.stringContaining('19.03.15') });
    expect(found.evidence.join()).toContain('ApiVersion 1.40');
    expect(found.remedy?.command).toContain('docker');
    Object.assign(machine, { apiVersion: '1.47', version: '27.5.1' });
    await gone(bench.engine, 'engine.api');
  });

  test('a kubelet that refuses cgroup v1, and what lets it go on', async () => {
    const { demo, engine } = bench;
    const image = 'rancher/k3s:v1.35.5-k3s1';
    await (await create(engine, spec('fresh', { image }))).finished;
    demo.world.machine.cgroupVersion = '1';
    const found = await finding(engine, 'engine.cgroup');
    expect(found).toMatchObject({ severity: 'problem', cluster: 'fresh', subject: 'k3s v1.35' });
    // The line makes a cluster with this argument.
    const [, arg = ''] = /--k3s-arg '([^@]*)@/.exec(found.remedy!.command) ?? [];
    expect(arg).toBe('--kubelet-arg=fail-cgroupv1=false');
    await engine.docker.removeContainer('k3d-fresh-serverlb', { force: true });
    await engine.docker.removeContainer('k3d-fresh-server-0', { force: true });
    await engine.docker.removeNetwork('k3d-fresh');
    await engine.docker.removeVolume('k3d-fresh-images');
    const k3sArgs = [{ arg, nodeFilters: ['server:*'] }];
    await (await create(engine, spec('fresh', { image, k3sArgs }))).finished;
    await gone(engine, 'engine.cgroup');
  });

  test('a k3s too old for cgroup v2', async () => {
    const { engine } = bench;
    bench.demo.world.machine.cgroupVersion = '1';
    await (await create(engine, spec('ancient', { image: 'rancher/k3s:v1.19.16-k3s1' }))).finished;
    expect(await findings(engine, 'engine.cgroup', 'ancient')).toEqual([]);
    bench.demo.world.machine.cgroupVersion = '2';
    const found = await finding(engine, 'engine.cgroup', 'ancient');
    expect(found).toMatchObject({ severity: 'problem', message: expect.stringContaining('does not run on cgroup v2') });
    // As the line says.
    expect(found.remedy?.command).toContain('k3dui cluster delete ancient && k3dui cluster create ancient --image ');
    const image = / --image (\S+)$/.exec(found.remedy!.command)![1]!;
    const ancient = (await cluster(engine, 'ancient'))!;
    await apply(planClusterDelete(ancient, await gatherFacts(engine)), engine).finished;
    await (await create(engine, spec('ancient', { image }))).finished;
    await gone(engine, 'engine.cgroup');
    expectHealthy(await look(engine, 'ancient'));
  });

  test.each([
    ['btrfs', [], 'warning', '--volume /dev/mapper:/dev/mapper'],
    ['zfs', [], 'warning', '--snapshotter=native'],
    ['vfs', [], 'warning', 'overlay2'],
    ['overlay2', [['Supports d_type', 'false']], 'problem', 'ftype=1'],
  ])('storage driver %s %j', async (driver, status, severity, line) => {
    const { machine } = bench.demo.world;
    Object.assign(machine, { storageDriver: driver, storageStatus: status });
    const found = await finding(bench.engine, 'engine.storage');
    expect(found.severity).toBe(severity);
    expect(found.remedy?.command).toContain(line);
    Object.assign(machine, { storageDriver: 'overlay2', storageStatus: [['Supports d_type', 'true']] });
    await gone(bench.engine, 'engine.storage');
  });

  test("Docker's disk fills up", async () => {
    const { machine } = bench.demo.world;
    machine.diskFree = machine.diskTotal * 0.08;
    expect(await finding(bench.engine, 'engine.disk')).toMatchObject({
      severity: 'warning',
      subject: '/var/lib/docker',
    });
    machine.diskFree = machine.diskTotal * 0.03;
    const found = await finding(bench.engine, 'engine.disk');
    expect(found).toMatchObject({ severity: 'problem', message: expect.stringContaining('3.0 % free') });
    expect(found.remedy?.command).toContain('docker image prune');
    machine.diskFree = machine.diskTotal * 0.4;
    await gone(bench.engine, 'engine.disk');
  });

  test('inotify limits that end before the nodes do', async () => {
    const { files } = bench.demo.world.machine;
    files.set('/proc/sys/fs/inotify/max_user_instances', '8\n');
    const found = await finding(bench.engine, 'engine.inotify');
    expect(found.evidence[0]).toContain('max_user_instances = 8');
    // As the line says.
    for (const [, key = '', value] of found.remedy!.command.matchAll(/([\w.]+)=(\d+)/g)) {
      files.set(`/proc/sys/${key.replaceAll('.', '/')}`, `${value}\n`);
    }
    await gone(bench.engine, 'engine.inotify');
  });

  test.each([
    ['br_netfilter', '/proc/sys/net/bridge/bridge-nf-call-iptables', 'warning'],
    ['nf_conntrack', '/proc/sys/net/netfilter/nf_conntrack_max', 'problem'],
  ])('kernel module %s is not loaded', async (module, path, severity) => {
    const { files } = bench.demo.world.machine;
    files.delete(path);
    const found = await finding(bench.engine, 'engine.modules');
    expect(found).toMatchObject({ severity, subject: module });
    expect(found.remedy?.command).toBe(`sudo modprobe ${module}`);
    files.set(path, '1\n');
    await gone(bench.engine, 'engine.modules');
  });

  test('a kernel without overlay, and one that was updated under running containers', async () => {
    const { world } = bench.demo;
    const whole = world.machine.files.get('/proc/filesystems')!;
    world.machine.files.set('/proc/filesystems', '\text4\n');
    const lacking = await finding(bench.engine, 'engine.modules');
    expect(lacking).toMatchObject({ severity: 'problem', subject: 'overlay' });
    // What that line does on a machine.
    expect(lacking.remedy?.command).toBe('sudo modprobe overlay');
    world.machine.files.set('/proc/filesystems', whole);
    await gone(bench.engine, 'engine.modules');
    await bench.engine.docker.stopContainer(`k3d-${name}-agent-0`, { timeoutSeconds: 0 });
    const agent = world.container(`k3d-${name}-agent-0`);
    agent.error =
      'failed to create endpoint: failed to add the host (veth1) <=> sandbox (veth2) pair interfaces: operation not supported';
    const found = await finding(bench.engine, 'engine.modules');
    expect(found).toMatchObject({ severity: 'problem', subject: 'kernel', remedy: { command: 'sudo reboot' } });
    await bench.engine.docker.startContainer(agent.id);
    await gone(bench.engine, 'engine.modules');
  });

  test("Docker's clock is late", async () => {
    const { machine } = bench.demo.world;
    machine.clockSkew = -90_000;
    expect(await finding(bench.engine, 'engine.clock')).toMatchObject({
      severity: 'warning',
      message: expect.stringMatching(/90 s behind/),
    });
    machine.clockSkew = 20 * 60_000;
    expect(await finding(bench.engine, 'engine.clock')).toMatchObject({ severity: 'problem' });
    machine.clockSkew = 0;
    await gone(bench.engine, 'engine.clock');
  });
});
