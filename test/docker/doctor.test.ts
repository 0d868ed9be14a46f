import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { apply } from '../../src/engine/apply.ts';
import { factsForCreate, planClusterCreate } from '../../src/engine/cluster/create.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import { exitCodeOf } from '../../src/engine/doctor/examine.ts';
import type { Finding } from '../../src/engine/doctor/finding.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open.ts';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { freePorts } from '../bed/free-ports.ts';
import { type OwnHome, ownHome } from '../bed/own-home.ts';
import { carryOut, expectHealthy, findings, gone, look } from '../demo/doctor-kit.ts';

const bed = await testDocker();

/** The faults that a real engine and a node can be given; those of a whole machine are in test/demo/doctor-*.test.ts. */
describe.skipIf(bed.skip || !bed.standIn)('the doctor on a real engine', () => {
  const name = uniqueName('doctor');
  const node = (part: string) => `k3d-${name}-${part}`;
  let own: OwnHome;
  let engine: Engine;
  let port: number;

  beforeAll(async () => {
    own = await ownHome(bed);
    engine = await openEngine({ env: own.env });
    await engine.inventory.refresh();
    port = await freePorts(2);
    const spec = {
      ...defaultClusterSpec(bed.images.K3DUI_TEST_IMAGE),
      name,
      agents: 1,
      kubeAPI: { host: '127.0.0.1', hostIP: '127.0.0.1', hostPort: String(port + 1) },
      ports: [{ port: `127.0.0.1:${port}:80`, nodeFilters: ['loadbalancer'] }],
      env: [{ envVar: 'K3S_FAKE_NODE_GRACE=2500', nodeFilters: ['server:*'] }],
    };
    const facts = await gatherFacts(engine, factsForCreate(spec, own.env));
    await apply(planClusterCreate(spec, facts), engine).finished;
  });
  afterAll(async () => {
    engine?.close();
    await cleanup(name);
    await own?.remove();
  });

  const run = (part: string, script: string) => engine.docker.exec(node(part), ['/bin/sh', '-c', script]);
  /** What this check finds, as soon as it does. */
  /** With cgroup v1 the kernel now and then does not get a busy container frozen, and Docker says that it could not. */
  const pause = (container: string): Promise<unknown> =>
    until(`${container} is paused`, async () => {
      await bed.docker.getContainer(container).pause();
      return true;
    });
  const seen = (check: string): Promise<Finding> =>
    until(check, async () => {
      const [found] = await findings(engine, check, name);
      return found;
    });

  it('finds nothing in a healthy cluster, within a second or two', async () => {
    await until('healthy', async () => ((await look(engine, name)).findings.length === 0 ? true : undefined));
    const found = await look(engine, name);
    expectHealthy(found);
    expect(exitCodeOf(found)).toBe(0);
    console.log(`${found.total} checks in ${found.endedAt! - found.startedAt} ms`);
  });

  it('a stopped agent, started again', async () => {
    await bed.docker.getContainer(node('agent-0')).stop({ t: 1 });
    const found = await seen('cluster.nodes');
    expect(found).toMatchObject({ severity: 'warning', subject: node('agent-0') });
    await carryOut(engine, found);
    await gone(engine, 'cluster.nodes', name);
  });

  it('a paused agent falls silent: Kubernetes and Docker both say so', async () => {
    await pause(node('agent-0'));
    const found = await seen('cluster.nodes');
    expect(found.remedy?.command).toBe(`docker unpause ${node('agent-0')}`);
    await bed.docker.getContainer(node('agent-0')).unpause();
    await gone(engine, 'cluster.nodes', name);
  });

  it('host.k3d.internal, lost with docker restart and put back without another', async () => {
    await bed.docker.getContainer(node('server-0')).restart({ t: 1 });
    const { State } = await bed.docker.getContainer(node('server-0')).inspect();
    const found = await seen('dns.host');
    expect(found.severity).toBe('warning');
    await carryOut(engine, found);
    await gone(engine, 'dns.host', name);
    const after = await bed.docker.getContainer(node('server-0')).inspect();
    expect(after.State.StartedAt).toBe(State.StartedAt);
    await run('server-0', "sed '/host.k3d.internal/d' /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts");
    await carryOut(engine, await seen('dns.host'));
    await gone(engine, 'dns.host', name);
  });

  it('a node that can look up no name', async () => {
    await run('agent-0', 'echo nameserver 127.0.0.1 > /etc/resolv.conf');
    const found = await seen('dns.nodes');
    expect(found).toMatchObject({ severity: 'problem', subject: node('agent-0') });
    expect(found.evidence.join()).toContain('nameserver 127.0.0.1');
    await carryOut(engine, found);
    await gone(engine, 'dns.nodes', name);
  });

  it("the load balancer's files, broken and written anew", async () => {
    const before = (await run('serverlb', 'cat /etc/confd/values.yaml')).stdout;
    await run('serverlb', 'echo "{{" > /etc/confd/values.yaml');
    await carryOut(engine, await seen('loadbalancer.config'));
    await gone(engine, 'loadbalancer.config', name);
    expect((await run('serverlb', 'cat /etc/confd/values.yaml')).stdout).toBe(before);

    await run('serverlb', `sed -i '/server ${node('agent-0')}:80/d' /etc/nginx/nginx.conf`);
    const drift = await seen('loadbalancer.config');
    expect(drift.evidence).toEqual([`80/tcp does not lead to ${node('agent-0')}`]);
    await carryOut(engine, drift);
    await gone(engine, 'loadbalancer.config', name);
  });

  it('a node off the network, put back on', async () => {
    await bed.docker.getNetwork(`k3d-${name}`).disconnect({ Container: node('agent-0') });
    const found = await seen('loadbalancer.upstreams');
    expect(found.message).toContain(`not on network k3d-${name}`);
    await carryOut(engine, found);
    await gone(engine, 'loadbalancer.upstreams', name);
  });

  it('a kubeconfig entry that leads to a name nobody knows', async () => {
    const path = join(own.home, 'kubeconfig');
    const good = await readFile(path, 'utf8');
    await writeFile(path, good.replace('https://127.0.0.1', 'https://host.docker.invalid'));
    const found = await seen('kubeconfig.entry');
    expect(found.evidence.join()).toContain('host.docker.invalid does not resolve');
    await carryOut(engine, found);
    await gone(engine, 'kubeconfig.entry', name);
    expect(await readFile(path, 'utf8')).toBe(good);
  });

  it('an agent that ends again and again, with its last words; deleting it helps', async () => {
    const { Config, HostConfig } = await bed.docker.getContainer(node('agent-0')).inspect();
    const looping = await bed.docker.createContainer({
      name: node('agent-1'),
      Hostname: node('agent-1'),
      Image: Config.Image,
      Cmd: ['agent'],
      Env: [...(Config.Env ?? []), 'K3S_FAKE_LOOP=1'],
      Labels: Config.Labels,
      HostConfig: { Privileged: true, Init: true, NetworkMode: `k3d-${name}`, RestartPolicy: HostConfig.RestartPolicy },
    });
    await looping.start();
    const found = await seen('cluster.restarts');
    expect(found).toMatchObject({ severity: 'problem', subject: node('agent-1'), remedy: { destructive: true } });
    expect(found.evidence.join()).toContain('told to loop by K3S_FAKE_LOOP');
    await carryOut(engine, found);
    await gone(engine, 'cluster.restarts', name);
  });

  it('one container that does not answer keeps nothing else from being looked at', async () => {
    await pause(node('serverlb'));
    const begin = Date.now();
    const found = await look(engine, name);
    await bed.docker.getContainer(node('serverlb')).unpause();
    expect(found.done).toBe(found.total);
    expect(found.findings.map(({ subject }) => subject)).toContain(node('serverlb'));
    console.log(`with a paused load balancer: ${Date.now() - begin} ms`);
    await until('healthy again', async () => ((await look(engine, name)).findings.length === 0 ? true : undefined));
  });
});
