import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { diagnose } from '../../src/engine/expose/diagnose.ts';
import { TrafficFeed } from '../../src/engine/expose/live.ts';
import { probeChain } from '../../src/engine/expose/probe.ts';
import { surveyCluster } from '../../src/engine/expose/survey.ts';
import { kubeconfigOf } from '../../src/engine/kubeconfig/of-cluster.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { openEngine } from '../../src/engine/open.ts';
import { createObject, deleteObject } from '../../src/kubernetes/write.ts';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { freePorts } from '../bed/free-ports.ts';
import { App, runCommand } from '../screen/app.ts';

const bed = await testDocker();
const name = uniqueName('expose');
const [server, agent] = [`k3d-${name}-server-0`, `k3d-${name}-agent-0`];

/** Runs a shell line in a container; its output. */
async function run(container: string, line: string, detach = false): Promise<string> {
  const exec = await bed.docker
    .getContainer(container)
    .exec({ Cmd: ['sh', '-c', line], AttachStdout: true, Tty: true });
  if (detach) {
    await exec.start({ Detach: true });
    return '';
  }
  const stream = await exec.start({ Tty: true });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** A web server in a node, in place of what the stand-in for k3s does not run: svclb, kube-proxy, a pod. */
const serve = (node: string, port: number) =>
  run(node, `mkdir -p /tmp/w; echo $$ > /tmp/httpd-${port}; exec busybox httpd -f -p ${port} -h /tmp/w`, true);
const silence = (node: string, port: number) => run(node, `kill $(cat /tmp/httpd-${port})`);

/** Connections through the load balancer to the API, as its kernel counts them (6443 is 192B, 01 is established). */
async function connections(): Promise<number> {
  const table = await run(`k3d-${name}-serverlb`, 'cat /proc/net/tcp');
  return table.split('\n').filter(line => / [0-9A-F]+:192B [0-9A-F]+:[0-9A-F]+ 01 /.test(line)).length;
}

describe.skipIf(bed.skip)('the way to a Service on a real engine', () => {
  let engine: Engine;
  let home = '';
  let hostPort = 0;
  let kubeconfig = '';
  const env = { K3D_IMAGE_LOADBALANCER: bed.images.K3DUI_TEST_LB_IMAGE };

  const clusterNow = async (): Promise<Cluster> => {
    await engine.inventory.refresh();
    return engine.inventory.snapshot.clusters.find(one => one.name === name)!;
  };
  const broken = async () => {
    const { exposures } = await surveyCluster(engine, await clusterNow(), {});
    const web = exposures.find(one => one.name === 'web' && one.kind === 'LoadBalancer')!;
    const { at, verdict, fault, hops } = diagnose(web, await probeChain(engine.docker, web, {}));
    return { at: at === undefined ? '' : web.hops[at]!.kind, verdict, why: fault?.why ?? '', hops };
  };

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'k3dui-home-'));
    hostPort = await freePorts(1);
    Object.assign(process.env, env);
    const args = ['--agents', '1', '--image', bed.images.K3DUI_TEST_IMAGE, '--port', `${hostPort}:80@agent:0:proxy`];
    await runCommand(['cluster', 'create', name, ...args], home, process.env.DOCKER_HOST);
    engine = await openEngine({ env: { ...process.env, HOME: home } });
    const cluster = await clusterNow();
    kubeconfig = await kubeconfigOf(engine, cluster, {});
    const ip = (node: { networks: { ip: string }[] }) => node.networks[0]!.ip;
    const [near, far] = [ip(cluster.agents[0]!), ip(cluster.servers[0]!)];
    await Promise.all([serve(agent, 80), serve(agent, 8080), serve(server, 80)]);
    const ports = [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }];
    await createObject(kubeconfig, '/api/v1/namespaces/default/services', {
      metadata: { name: 'web' },
      spec: { type: 'LoadBalancer', clusterIP: far, selector: { app: 'web' }, ports },
    });
    await createObject(kubeconfig, '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: [
        { addresses: [near], conditions: { ready: true }, nodeName: agent, targetRef: { kind: 'Pod', name: 'web-1' } },
      ],
    });
    const label = 'svccontroller.k3s.cattle.io/';
    await createObject(kubeconfig, '/api/v1/namespaces/kube-system/pods', {
      metadata: { name: 'svclb-web-1', labels: { [`${label}svcname`]: 'web', [`${label}svcnamespace`]: 'default' } },
      spec: { nodeName: agent },
      status: { phase: 'Running', podIP: near, conditions: [{ type: 'Ready', status: 'True' }] },
    });
  });

  afterAll(async () => {
    engine?.close();
    await cleanup(name, bed.docker);
    rmSync(home, { recursive: true, force: true });
  });

  test('is proven hop by hop, and each hop that is broken for real is named', async () => {
    await expect.poll(broken).toMatchObject({ verdict: 'works', at: '' });
    const { hops } = await broken();
    expect(hops.map(({ state }) => state)).toEqual(Array.from({ length: hops.length }, () => 'good'));

    await silence(agent, 8080);
    await expect.poll(broken).toMatchObject({ at: 'pods', why: 'nothing listens on port 8080 of the pod' });
    await serve(agent, 8080);
    await silence(server, 80);
    await expect.poll(broken).toMatchObject({ at: 'service' });
    await serve(server, 80);
    await silence(agent, 80);
    await expect.poll(broken).toMatchObject({ at: 'svclb', why: expect.stringContaining('refused') });
    await serve(agent, 80);
    await deleteObject(kubeconfig, '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/web-1');
    expect(await broken()).toMatchObject({ at: 'endpoints', why: 'no pod matches app=web' });
  });

  test('is followed while a screen shows it, and every connection is closed when none does', async () => {
    const feed = new TrafficFeed(engine);
    feed.show([await clusterNow()]);
    await until('everything was told', async () => feed.view.get(name)?.complete);
    expect(feed.view.get(name)!.traffic.services.has('default/web')).toBe(true);
    await createObject(kubeconfig, '/api/v1/namespaces/default/services', {
      metadata: { name: 'late' },
      spec: { ports: [{ port: 1 }] },
    });
    await until('the new Service is told', async () => feed.view.get(name)!.traffic.services.has('default/late'));
    await deleteObject(kubeconfig, '/api/v1/namespaces/default/services/late');
    await until('that it is gone is told', async () => !feed.view.get(name)!.traffic.services.has('default/late'));
    expect(await connections()).toBeGreaterThanOrEqual(4);
    feed.hide();
    await until('all are closed', async () => (await connections()) === 0);

    await using app = App.start({ cols: 100, rows: 30, host: process.env.DOCKER_HOST, env });
    const { terminal } = app;
    await terminal.waitFor(name);
    terminal.type(':');
    await terminal.waitFor(/^ :/m);
    terminal.type(`expose ${name}`);
    terminal.press('Enter');
    await terminal.waitFor(/web +LoadBalancer/);
    expect(await connections()).toBeGreaterThanOrEqual(4);
    terminal.press('Esc');
    await terminal.waitGone(`Expose of ${name}`);
    await until('the app closed them', async () => (await connections()) <= 1);
  });
});
