import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusterOf } from '../../src/demo/programs/k3s.ts';
import type { KubeCluster } from '../../src/demo/programs/kubernetes-cluster.ts';
import { makeObject } from '../../src/demo/programs/kubernetes-objects.ts';
import { addStuckPull } from '../../src/demo/programs/kubernetes-troubles.ts';
import type { Docker } from '../../src/docker/docker.ts';
import { injectDns } from '../../src/engine/apply/dns.ts';
import { apply } from '../../src/engine/apply.ts';
import type { Check } from '../../src/engine/doctor/check.ts';
import { CHECKS } from '../../src/engine/doctor/checks/all.ts';
import { examine, exitCodeOf } from '../../src/engine/doctor/examine.ts';
import { planNodeCreate } from '../../src/engine/node/create.ts';
import { planNodeDelete } from '../../src/engine/node/delete.ts';
import { gatherNodeFacts } from '../../src/engine/node/facts.ts';
import { defaultNodeRequest } from '../../src/engine/node/request.ts';
import { carryOut, expectHealthy, finding, findings, gone, look } from './doctor-kit.ts';
import { type Bench, cluster, create, openBench, spec } from './engine.ts';

/** Every fault is made, seen, put right by its remedy, and not seen any more. */
describe('the doctor and a cluster', () => {
  const name = 'ill';
  const agent = `k3d-${name}-agent-0`;
  const server = `k3d-${name}-server-0`;
  const balancer = `k3d-${name}-serverlb`;
  let bench: Bench;

  const kubernetes = (of = name): KubeCluster => clusterOf(bench.demo.world.container(`k3d-${of}-server-0`))!;
  const docker = () => bench.engine.docker;
  /** Makes a node one that started long enough ago to be judged. Gives when that was. */
  const longAgo = (node: string): number => {
    bench.demo.world.container(node).startedAt = Date.now() - 300_000;
    return bench.demo.world.container(node).startedAt;
  };

  /** The same for the whole cluster. */
  const allLongAgo = async () => {
    const { servers, agents } = (await cluster(bench.engine, name))!;
    for (const node of [...servers, ...agents]) longAgo(node.name);
  };

  beforeAll(async () => {
    bench = await openBench();
    const ports = [{ port: '18120:80', nodeFilters: ['loadbalancer'] }];
    await (await create(bench.engine, spec(name, { agents: 1, ports }))).finished;
  });
  afterAll(() => bench.close());

  test('a healthy cluster has nothing, and the exit code says so', async () => {
    const found = await look(bench.engine);
    expectHealthy(found);
    expect(found.done).toBe(CHECKS.length);
    expect(exitCodeOf(found)).toBe(0);
  });

  test('a cluster that somebody stopped has nothing either', async () => {
    await (await create(bench.engine, spec('asleep'))).finished;
    for (const node of ['server-0', 'serverlb'])
      await docker().stopContainer(`k3d-asleep-${node}`, { timeoutSeconds: 0 });
    expectHealthy(await look(bench.engine, 'asleep'));
    for (const node of ['server-0', 'serverlb']) await docker().removeContainer(`k3d-asleep-${node}`, { force: true });
    await docker().removeNetwork('k3d-asleep');
    await docker().removeVolume('k3d-asleep-images');
  });

  test('an agent that does not run', async () => {
    await docker().stopContainer(agent, { timeoutSeconds: 0 });
    const found = await finding(bench.engine, 'cluster.nodes', name);
    expect(found).toMatchObject({
      severity: 'warning',
      subject: agent,
      remedy: { command: `k3dui node start ${agent}` },
    });
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'cluster.nodes');
    expectHealthy(await look(bench.engine, name));
  });

  test('a paused node, which must be woken by hand', async () => {
    bench.demo.world.container(agent).status = 'paused';
    const found = await finding(bench.engine, 'cluster.nodes', name);
    expect(found.remedy).toMatchObject({ command: `docker unpause ${agent}` });
    expect(found.remedy?.plan).toBeUndefined();
    bench.demo.world.container(agent).status = 'running';
    await gone(bench.engine, 'cluster.nodes');
  });

  test('a node that Kubernetes calls not ready', async () => {
    const { store } = kubernetes();
    const node = store.get('nodes', agent)!;
    const { conditions } = node.status as { conditions: { type: string }[] };
    const sick = conditions.map(one =>
      one.type === 'Ready' ? { ...one, status: 'False', message: 'PLEG is not healthy' } : one,
    );
    store.put('nodes', { ...node, status: { ...(node.status as object), conditions: sick } });
    // A node that was started just now may not have reported yet.
    expect(await findings(bench.engine, 'cluster.nodes', name)).toEqual([]);
    bench.demo.world.container(agent).startedAt -= 120_000;
    const found = await finding(bench.engine, 'cluster.nodes', name);
    expect(found).toMatchObject({ severity: 'problem', subject: agent });
    expect(found.evidence.join()).toContain('PLEG is not healthy');
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'cluster.nodes');
  });

  test('a node that was left cordoned is a note, which changes no exit code', async () => {
    const { store } = kubernetes();
    const node = store.get('nodes', agent)!;
    bench.demo.world.container(agent).startedAt -= 120_000;
    store.put('nodes', { ...node, spec: { ...(node.spec as object), unschedulable: true } });
    const found = await look(bench.engine, name);
    expect(found.findings).toMatchObject([{ severity: 'note', subject: agent, check: 'cluster.nodes' }]);
    expect(exitCodeOf(found)).toBe(0);
    const { command } = found.findings[0]!.remedy!;
    const { exitCode } = await docker().exec(server, command.replace(/--context \S+ /, '').split(' '));
    expect(exitCode).toBe(0);
    await gone(bench.engine, 'cluster.nodes');
  });

  test('a node that k3d deleted and Kubernetes still counts on', async () => {
    const before = bench.demo.world.container(agent);
    const ghost = 'k3d-ghost-0';
    kubernetes().register(before, ghost, 'agent', 'v1.31.5+k3s1', {});
    const { store } = kubernetes();
    const node = store.get('nodes', ghost)!;
    const { conditions } = node.status as { conditions: { type: string }[] };
    store.put('nodes', {
      ...node,
      status: { ...(node.status as object), conditions: conditions.map(one => ({ ...one, status: 'Unknown' })) },
    });
    const found = await finding(bench.engine, 'cluster.nodes', name);
    expect(found).toMatchObject({
      severity: 'warning',
      subject: ghost,
      message: expect.stringContaining('which is gone'),
    });
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'cluster.nodes');
    expect(store.get('nodes', ghost)).toBeUndefined();
  });

  test('a Kubernetes API that does not answer', async () => {
    kubernetes().ready.clear();
    const found = await finding(bench.engine, 'cluster.api', name);
    expect(found).toMatchObject({ severity: 'problem', remedy: { command: `k3dui node restart ${server}` } });
    expect(found.evidence[0]).toMatch(/https:\/\/127\.0\.0\.1:\d+ does not answer \/readyz/);
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'cluster.api');
  });

  test('values.yaml that nobody can read is written anew from what nginx does', async () => {
    const { files } = bench.demo.world.container(balancer);
    const before = files.text('/etc/confd/values.yaml')!;
    files.write('/etc/confd/values.yaml', '{{ not yaml', 0o744);
    const found = await finding(bench.engine, 'loadbalancer.config', name);
    expect(found).toMatchObject({ severity: 'problem', subject: balancer });
    expect(found.evidence).toContain(`to be: 80.tcp → ${server}, ${agent}`);
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'loadbalancer.config');
    expect(files.text('/etc/confd/values.yaml')).toBe(before);
  });

  test('nginx does something else than its values say', async () => {
    const { files } = bench.demo.world.container(balancer);
    files.write(
      '/etc/nginx/nginx.conf',
      files.text('/etc/nginx/nginx.conf')!.replace(/ {4}server k3d-ill-agent-0:80.*\n/, ''),
    );
    const found = await finding(bench.engine, 'loadbalancer.config', name);
    expect(found.evidence).toEqual([`80/tcp does not lead to ${agent}`]);
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'loadbalancer.config');
    expect(files.text('/etc/nginx/nginx.conf')).toContain(`server ${agent}:80`);
  });

  test('ports that lead to a node which is none of the cluster, and not to one that is', async () => {
    const { files } = bench.demo.world.container(balancer);
    const before = files.text('/etc/confd/values.yaml')!;
    files.write(
      '/etc/confd/values.yaml',
      before.replace(agent, 'k3d-ill-agent-7').replace('6443.tcp:\n  - k3d-ill-server-0', '6443.tcp: []'),
    );
    const found = await finding(bench.engine, 'loadbalancer.config', name);
    expect(found).toMatchObject({ severity: 'warning' });
    expect(found.evidence.join()).toContain('k3d-ill-agent-7, which is no node of the cluster');
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'loadbalancer.config');
    files.write('/etc/confd/values.yaml', before, 0o744);
    const again = await findings(bench.engine, 'loadbalancer.config', name);
    for (const one of again) await carryOut(bench.engine, one);
    await gone(bench.engine, 'loadbalancer.config');
  });

  test('a node that was taken off the network', async () => {
    await docker().disconnectNetwork(`k3d-${name}`, agent);
    const found = await finding(bench.engine, 'loadbalancer.upstreams', name);
    expect(found).toMatchObject({
      severity: 'problem',
      subject: agent,
      message: expect.stringContaining('not on network'),
    });
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'loadbalancer.upstreams');
  });

  test('a name that nginx left out and never took in again', async () => {
    const { files } = bench.demo.world.container(balancer);
    const conf = files.text('/etc/nginx/nginx.conf')!;
    files.write('/etc/nginx/nginx.conf', conf.replace(/(server k3d-ill-agent-0:80)/, '#unresolved $1'));
    const found = await finding(bench.engine, 'loadbalancer.upstreams', name);
    expect(found.message).toContain('leaves k3d-ill-agent-0 out');
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'loadbalancer.upstreams');
  });

  test('host.k3d.internal is lost with a restart, and put back without one', async () => {
    await docker().stopContainer(server, { timeoutSeconds: 0 });
    await docker().startContainer(server);
    const startedAt = longAgo(server);
    const lost = async () => {
      const [found] = await findings(bench.engine, 'dns.host', name);
      return found?.evidence.some(text => text.includes('NodeHosts')) ? found : undefined;
    };
    let found = await lost();
    for (let tries = 0; !found && tries < 100; tries++) found = await lost();
    expect(found).toMatchObject({ severity: 'warning', subject: 'host.k3d.internal' });
    await carryOut(bench.engine, found!);
    await gone(bench.engine, 'dns.host');
    expect(bench.demo.world.container(server).startedAt).toBe(startedAt);
    expect(bench.demo.world.container(server).files.text('/etc/hosts')).toContain('host.k3d.internal');
  });

  test('after a start nobody complains of a DNS that is on its way', async () => {
    bench.demo.world.container(server).startedAt = Date.now();
    bench.demo.world.container(server).memory.set('pods are cut off', true);
    expect(await findings(bench.engine, 'dns.pods', name)).toEqual([]);
    bench.demo.world.container(server).memory.delete('pods are cut off');
  });

  test("names for pods are put into the manifest of this start, not into an earlier one's", async () => {
    const path = '/var/lib/rancher/k3s/server/manifests/coredns.yaml';
    const node = bench.demo.world.container(server);
    const fresh = node.files.text(path)!.replace(/.*host\.k3d\.internal.*\n/, '');
    const old = { ...node.files.get(path)!, mtime: node.startedAt - 60_000 };
    node.files.put(path, old);
    let reads = 0;
    // k3s writes its manifests after the first look.
    const late: Docker = {
      ...docker(),
      readDatedFile: async (...args) => {
        const file = await docker().readDatedFile(...args);
        if (reads++ === 0) node.files.write(path, `${fresh}# of this start\n`);
        return file;
      },
    };
    const entries = [{ ip: '172.20.0.1', names: ['host.k3d.internal'] }];
    await injectDns(late, [server], entries, AbortSignal.timeout(10_000));
    expect(reads).toBe(2);
    expect(node.files.text(path)).toContain('172.20.0.1 host.k3d.internal');
  });

  test("CoreDNS that cannot pull its image, and a pod's network without an answer", async () => {
    await allLongAgo();
    const { store } = kubernetes();
    const pod = store.list('pods', 'kube-system').find(({ metadata }) => metadata.name.startsWith('coredns-'))!;
    const image = 'rancher/mirrored-coredns-coredns:1.12.3';
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image' };
    const born = new Date(Date.now() - 300_000).toISOString();
    store.delete('pods', pod.metadata.name, 'kube-system');
    store.put('pods', {
      ...pod,
      metadata: { ...pod.metadata, creationTimestamp: born },
      status: { phase: 'Pending', conditions: [], containerStatuses: [{ name: 'coredns', image, state: { waiting } }] },
    });
    const found = await finding(bench.engine, 'dns.pods', name);
    expect(found).toMatchObject({ severity: 'problem', subject: 'CoreDNS' });
    expect(found.remedy?.command).toBe(`docker pull ${image} && k3dui image import ${image} --cluster ${name}`);
    store.put('pods', pod);
    await gone(bench.engine, 'dns.pods');

    bench.demo.world.container(server).memory.set('pods are cut off', true);
    bench.demo.world.container(agent).memory.set('pods are cut off', true);
    const cut = await finding(bench.engine, 'dns.pods', name);
    expect(cut).toMatchObject({ severity: 'problem', message: expect.stringContaining('10.43.0.10') });
    expect(cut.evidence.join()).toContain('timed out');
    await carryOut(bench.engine, cut);
    await allLongAgo();
    for (const one of await findings(bench.engine, 'dns.pods', name)) await carryOut(bench.engine, one);
    await gone(bench.engine, 'dns.pods');
  });

  test('host.k3d.internal that k3s is about to take in is not missed', async () => {
    const { store } = kubernetes();
    const config = store.get('configmaps', 'coredns', 'kube-system')!;
    const data = config.data as Record<string, string>;
    const node = bench.demo.world.container(server);
    const path = '/var/lib/rancher/k3s/server/manifests/coredns.yaml';
    const file = node.files.get(path)!;
    expect(node.files.text(path)).toContain(' host.k3d.internal');
    // Kubernetes may still be about to apply what an earlier test has written.
    const lost = () => {
      store.put('configmaps', { ...config, data: { ...data, NodeHosts: '172.20.0.2 somebody\n' } });
      return findings(bench.engine, 'dns.host', name);
    };
    const written = file.mtime;
    file.mtime = Date.now() - 300_000;
    let seen: Awaited<ReturnType<typeof lost>> = [];
    await expect.poll(async () => (seen = await lost())).toHaveLength(1);
    expect(seen[0]?.message).toContain('pods of ill cannot find host.k3d.internal');
    file.mtime = Date.now();
    expect(await lost()).toEqual([]);
    file.mtime = written;
    store.put('configmaps', config);
  });

  test('an agent that is turned away: the container runs, Kubernetes knows no such node', async () => {
    const now = (await cluster(bench.engine, name))!;
    const request = { ...defaultNodeRequest('stranger'), token: 'of-another-cluster', wait: false };
    await apply(planNodeCreate(now, request, await gatherNodeFacts(bench.engine, now, request)), bench.engine).finished;
    const stranger = `k3d-stranger-0`;
    expect(await findings(bench.engine, 'cluster.joined', name)).toEqual([]);
    longAgo(stranger);
    await expect.poll(() => findings(bench.engine, 'cluster.joined', name)).toHaveLength(1);
    const found = await finding(bench.engine, 'cluster.joined', name);
    expect(found).toMatchObject({ severity: 'problem', subject: stranger });
    expect(found.evidence.join()).toContain('401 Unauthorized');
    expect(found.remedy?.command).toBe(`k3dui node delete ${stranger} --drain=false`);
    const agents = (await cluster(bench.engine, name))!.agents.filter(node => node.name === stranger);
    const { snapshot } = bench.engine.inventory;
    await apply(planNodeDelete(agents, { snapshot }, { drain: false }), bench.engine).finished;
    await gone(bench.engine, 'cluster.joined', name);
  });

  test('CoreDNS that is not there at all: scaled to none, or its Deployment gone; one that leaves is no fault', async () => {
    await allLongAgo();
    const { store } = kubernetes();
    const node = bench.demo.world.container(server);
    const path = '/var/lib/rancher/k3s/server/manifests/coredns.yaml';
    const manifest = node.files.text(path)!;
    const pod = store.list('pods', 'kube-system').find(({ metadata }) => metadata.name.startsWith('coredns-'))!;
    // The one that leaves is not ready any more, and no fault for that.
    const successor = { ...pod, metadata: { ...pod.metadata, name: `${pod.metadata.name}2` } };
    store.put('pods', {
      ...pod,
      metadata: {
        ...pod.metadata,
        deletionTimestamp: new Date().toISOString(),
        creationTimestamp: '2020-01-01T00:00:00Z',
      },
      status: { phase: 'Running', conditions: [] },
    });
    store.put('pods', successor);
    expect(await findings(bench.engine, 'dns.pods', name)).toEqual([]);
    store.delete('pods', successor.metadata.name, 'kube-system');
    // k3s was not to run it here, as far as its manifest says.
    expect(await findings(bench.engine, 'dns.pods', name)).toEqual([]);

    node.files.write(path, `${manifest}---\nkind: Deployment\nmetadata:\n  name: coredns\n`);
    await expect.poll(() => store.get('deployments', 'coredns', 'kube-system')).toBeDefined();
    expect(await findings(bench.engine, 'dns.pods', name)).toEqual([]);
    store.delete('deployments', 'coredns', 'kube-system');
    const gonePod = await finding(bench.engine, 'dns.pods', name);
    expect(gonePod.evidence.join()).toContain('is gone');
    expect(gonePod.remedy?.command).toBe(`k3dui node restart ${server}`);

    const deployment = (replicas: number) =>
      store.put('deployments', makeObject('deployments', 'coredns', 'kube-system', { spec: { replicas } }));
    deployment(0);
    const scaled = await finding(bench.engine, 'dns.pods', name);
    expect(scaled.evidence.join()).toContain('scaled to 0');
    expect(scaled.remedy?.command).toContain('scale deployment coredns --replicas=1');
    deployment(1);
    expect(await findings(bench.engine, 'dns.pods', name)).toEqual([]);

    store.delete('deployments', 'coredns', 'kube-system');
    node.files.write(path, manifest);
    store.put('pods', pod);
    await gone(bench.engine, 'dns.pods');
  });

  test('a pod that no node lets on: tainted or cordoned, and which of them it is', async () => {
    for (const one of [server, agent]) longAgo(one);
    const { store } = kubernetes();
    const nodes = [agent, server].map(one => store.get('nodes', one)!);
    const pend = (problem: string) =>
      kubernetes().addPod('default', 'barred', '', 'web:1', { labels: { app: 'barred' }, problem });
    pend("0/2 nodes are available: 2 node(s) had taint {only: me}, that the pod didn't tolerate.");
    expect(await findings(bench.engine, 'scheduling.room', name)).toEqual([]);
    for (const node of nodes)
      store.put('nodes', {
        ...node,
        spec: { ...(node.spec as object), taints: [{ key: 'only', value: 'me', effect: 'NoSchedule' }] },
      });
    const tainted = await finding(bench.engine, 'scheduling.room', name);
    expect(tainted.message).toContain('are tainted with only');
    expect(tainted.remedy?.command).toBe(`kubectl --context k3d-${name} taint node ${server} ${agent} only-`);
    store.delete('pods', 'barred', 'default');

    pend('0/2 nodes are available: 2 node(s) were unschedulable.');
    for (const node of nodes) store.put('nodes', { ...node, spec: { ...(node.spec as object), unschedulable: true } });
    const cordoned = await finding(bench.engine, 'scheduling.room', name);
    expect(cordoned.remedy?.command).toBe(`kubectl --context k3d-${name} uncordon ${server} ${agent}`);
    // A server that has just started is uncordoned by its entry point.
    for (const one of [server, agent]) bench.demo.world.container(one).startedAt = Date.now();
    expect(await findings(bench.engine, 'scheduling.room', name)).toEqual([]);
    for (const one of [server, agent]) longAgo(one);
    for (const node of nodes) store.put('nodes', node);
    store.delete('pods', 'barred', 'default');
  });

  test("the DNS of a cluster is asked in the cluster's own zone, and restarts no node when it knows no name", async () => {
    await allLongAgo();
    const { store } = kubernetes();
    const config = store.get('configmaps', 'coredns', 'kube-system')!;
    const data = config.data as Record<string, string>;
    const withCorefile = (Corefile: string) => store.put('configmaps', { ...config, data: { ...data, Corefile } });
    withCorefile(data.Corefile!.replace('kubernetes cluster.local', 'kubernetes corp.test'));
    expect(await findings(bench.engine, 'dns.pods', name)).toEqual([]);

    // It answers, but was told of no zone: no restart of a node teaches it one.
    withCorefile(data.Corefile!.replace('kubernetes cluster.local', 'nothing corp.test'));
    const service = store.get('services', 'kubernetes', 'default')!;
    store.delete('services', 'kubernetes', 'default');
    const found = await finding(bench.engine, 'dns.pods', name);
    expect(found.message).toContain('does not know kubernetes.default.svc.cluster.local');
    expect(found.remedy?.plan).toBeUndefined();
    expect(found.remedy?.command).toContain('rollout restart deployment coredns');
    store.put('services', service);
    store.put('configmaps', config);
    await gone(bench.engine, 'dns.pods');
  });

  test('certificates that end soon are renewed by a restart, and the kubeconfig with them', async () => {
    kubernetes().certificateDays = 5;
    const found = await finding(bench.engine, 'cluster.certificates', name);
    expect(found).toMatchObject({ severity: 'warning', message: expect.stringMatching(/ends in [45] days/) });
    expect(found.evidence[0]).toMatch(/^API server: valid until \d{4}-/);
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'cluster.certificates');
    kubernetes().certificateDays = -1;
    // Nobody gets in with a certificate that has ended; the API itself is not to blame.
    expect(await finding(bench.engine, 'cluster.certificates', name)).toMatchObject({ severity: 'problem' });
    await carryOut(bench.engine, (await findings(bench.engine, 'cluster.certificates', name))[0]!);
    await gone(bench.engine, 'cluster.certificates');
  });

  test('a kubeconfig entry that leads nowhere, is of an earlier cluster, or of an ended certificate', async () => {
    const path = join(bench.home, '.kube', 'config');
    const good = await readFile(path, 'utf8');
    const free = await unusedPort();
    await writeFile(path, good.replace(/(server: https:\/\/127\.0\.0\.1:)\d+/, `$1${free}`));
    const found = await finding(bench.engine, 'kubeconfig.entry', name);
    expect(found).toMatchObject({ severity: 'problem', subject: path });
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'kubeconfig.entry');

    await writeFile(path, good.replace(/127\.0\.0\.1/, 'no-such-host.invalid'));
    const unknown = await finding(bench.engine, 'kubeconfig.entry', name);
    expect(unknown.evidence.join()).toContain('no-such-host.invalid does not resolve');
    await carryOut(bench.engine, unknown);
    await gone(bench.engine, 'kubeconfig.entry');

    await (await create(bench.engine, spec('other', { updateDefaultKubeconfig: false }))).finished;
    const theirs = Buffer.from(kubernetes('other').serverCa.cert).toString('base64');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/(certificate-authority-data: ).*/, `$1${theirs}`));
    const stale = await finding(bench.engine, 'kubeconfig.entry', name);
    expect(stale.message).toContain('from an earlier cluster of that name');
    await carryOut(bench.engine, stale);
    await gone(bench.engine, 'kubeconfig.entry');

    kubernetes().certificateDays = 3;
    await docker().stopContainer(server, { timeoutSeconds: 0 });
    await docker().startContainer(server);
    kubernetes().certificateDays = 3;
    await writeFile(
      path,
      (await readFile(path, 'utf8')).replace(
        /(client-certificate-data: ).*/,
        `$1${Buffer.from(kubernetes().clientCertificate.cert).toString('base64')}`,
      ),
    );
    kubernetes().renewCertificates();
    for (const one of await findings(bench.engine, 'dns.host', name)) await carryOut(bench.engine, one);
    const ending = await finding(bench.engine, 'kubeconfig.entry', name);
    expect(ending).toMatchObject({ severity: 'warning', message: expect.stringContaining('ends soon') });
    await carryOut(bench.engine, ending);
    await gone(bench.engine, 'kubeconfig.entry');
  });

  test('a kubeconfig file that cannot be read', async () => {
    const path = join(bench.home, '.kube', 'config');
    const good = await readFile(path, 'utf8');
    await writeFile(path, `${good}\n  - broken: [`);
    const found = await finding(bench.engine, 'kubeconfig.files');
    expect(found).toMatchObject({ severity: 'problem', subject: path });
    expect(found.evidence.join()).toMatch(/line \d+/);
    expect(found.remedy?.command).toContain(path);
    await writeFile(path, good);
    await gone(bench.engine, 'kubeconfig.files');
  });

  test('an image that was imported as latest is pulled all the same, until it need not be', async () => {
    addStuckPull(kubernetes(), 'default', 'preview', 'preview:latest');
    const found = await finding(bench.engine, 'images.latest', name);
    expect(found).toMatchObject({ severity: 'problem', subject: 'default/preview' });
    expect(found.evidence.join()).toContain('imagePullPolicy Always');
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'images.latest');
    const [pod] = kubernetes().store.list('pods', 'default');
    expect(pod?.status).toMatchObject({ phase: 'Running' });
  });

  test('an image that Docker has and the nodes have not', async () => {
    const image = 'corp/app:1.0';
    await docker().pullImage(image);
    const pod = kubernetes();
    pod.addPod('default', 'app-0', agent, image, { labels: { app: 'app' } });
    const waiting = { reason: 'ErrImagePull', message: 'pull access denied' };
    const stuck = pod.store.get('pods', 'app-0', 'default')!;
    const wait = () =>
      pod.store.put('pods', {
        ...stuck,
        status: { phase: 'Pending', containerStatuses: [{ name: 'app', image, state: { waiting } }] },
      });
    await bench.engine.docker.exec(agent, ['crictl', 'rmi', image]);
    wait();
    const found = await finding(bench.engine, 'images.latest', name);
    expect(found).toMatchObject({ severity: 'problem', message: expect.stringContaining('which Docker has') });
    expect((await carryOut(bench.engine, found)).state).toBe('done');
    // Kubernetes tries again by itself then; it does not wait for what is there.
    pod.store.delete('pods', 'app-0', 'default');
    await gone(bench.engine, 'images.latest');
    const there = await bench.engine.docker.exec(agent, ['crictl', 'images', '-o', 'json']);
    expect(there.stdout).toContain('docker.io/corp/app:1.0');
  });

  test('an image that neither the nodes nor Docker have is told once, with all who wait for it', async () => {
    const image = 'rancher/klipper-helm:v0.9.0';
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image' };
    const { store } = kubernetes();
    const installers = ['helm-install-traefik-abcde', 'helm-install-traefik-crd-abcde'];
    for (const pod of installers) {
      kubernetes().addPod('kube-system', pod, agent, image, { labels: { app: 'helm' }, problem: 'waits' });
      const stuck = store.get('pods', pod, 'kube-system')!;
      const status = { phase: 'Pending', containerStatuses: [{ name: 'helm', image, state: { waiting } }] };
      store.put('pods', { ...stuck, status });
    }
    const found = await findings(bench.engine, 'images.latest', name);
    expect(found).toMatchObject([{ severity: 'problem', message: expect.stringContaining(`waits for ${image}`) }]);
    for (const pod of installers) expect(found[0]!.evidence.join()).toContain(pod);
    expect(found[0]!.remedy?.command).toBe(`docker pull ${image} && k3dui image import ${image} --cluster ${name}`);
    for (const pod of installers) store.delete('pods', pod, 'kube-system');
    await gone(bench.engine, 'images.latest');
  });

  test('a pod that finds no room gets one more agent', async () => {
    const problem = '0/2 nodes are available: 2 Insufficient cpu.';
    kubernetes().addPod('default', 'training-0', '', 'pytorch:2.9', { labels: { app: 'training' }, problem });
    const found = await finding(bench.engine, 'scheduling.room', name);
    expect(found).toMatchObject({ severity: 'problem', message: expect.stringContaining('enough cpu') });
    await carryOut(bench.engine, found);
    await gone(bench.engine, 'scheduling.room');
    expect((await cluster(bench.engine, name))!.agents).toHaveLength(2);
    expectHealthy(await look(bench.engine, name));
  });

  test('one check that hangs, and one that fails, keep nothing else from being looked at', async () => {
    const stuck: Check = {
      ...{ id: 'test.stuck', area: 'engine', title: 'hangs', limitMs: 50, about: 'engine' },
      run: () => new Promise<never>(() => {}),
    };
    const failing: Check = {
      ...{ id: 'test.failing', area: 'engine', title: 'fails', limitMs: 50, about: 'engine' },
      run: async () => {
        throw new Error('no idea');
      },
    };
    const found = await examine(bench.engine, { cluster: name, checks: [stuck, failing, ...CHECKS] });
    expect(found.findings).toEqual([]);
    expect(found.unchecked).toEqual([
      { check: 'test.failing', title: 'fails', cluster: undefined, why: 'no idea' },
      { check: 'test.stuck', title: 'hangs', cluster: undefined, why: 'no answer within 0.05 s' },
    ]);
    expect(exitCodeOf(found)).toBe(2);
  });

  test('a load balancer that is gone is made again, with what the others know of it', async () => {
    const api = (await cluster(bench.engine, name))!.api!;
    await docker().removeContainer(balancer, { force: true });
    const found = await finding(bench.engine, 'loadbalancer.lost', name);
    expect(found).toMatchObject({ severity: 'problem', subject: balancer });
    // It is not taken for a server that needs a restart.
    expect(await findings(bench.engine, 'cluster.api', name)).toEqual([]);
    const plan = await found.remedy!.plan!(bench.engine, {});
    expect(plan.warnings.join()).toContain('which ports it had besides');
    expect(plan.secrets).toContain((await cluster(bench.engine, name))!.token);
    expect((await carryOut(bench.engine, found)).state).toBe('done');
    await gone(bench.engine, 'loadbalancer.lost');
    const made = await docker().inspectContainer(balancer);
    expect(made.HostConfig.PortBindings).toEqual({ 6443: [{ HostIp: api.hostIP, HostPort: String(api.port) }] });
    expect(made.Config.Labels).toMatchObject({ 'k3d.role': 'loadbalancer', 'k3d.cluster': name });
    for (const check of CHECKS) await gone(bench.engine, check.id, name);
    expectHealthy(await look(bench.engine, name));
    expect((await cluster(bench.engine, name))!.status).toBe('running');
  });

  test('a cluster without a server is deleted only when told to', async () => {
    await docker().removeContainer(server, { force: true });
    const found = await finding(bench.engine, 'cluster.nodes', name);
    expect(found).toMatchObject({ severity: 'problem', remedy: { destructive: true } });
    await carryOut(bench.engine, found);
    expect(await cluster(bench.engine, name)).toBeUndefined();
    await gone(bench.engine, 'cluster.nodes');
  });
});

/** A port of this machine where nothing listens. */
async function unusedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise(resolve => probe.close(resolve));
  return port;
}
