import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { accessTo, ask, askObject, nodeStates } from '../bed/kube-client.ts';
import { logsOf, makeNetwork, readFileIn, startNode, waitForLog } from '../bed/node-container.ts';

const bed = await testDocker();
const noKubectl = spawnSync('kubectl', ['version', '--client']).status !== 0;
const token = 'K3S_TOKEN=swordfish';

describe.skipIf(bed.skip !== undefined || !bed.standIn)('the stand-in for k3s, started by plain Docker calls', () => {
  const cluster = uniqueName('bed');
  const url = `K3S_URL=https://${cluster}-server:6443`;
  let server: Docker.Container;

  beforeAll(async () => {
    await makeNetwork(bed, cluster);
    const command = ['server', '--tls-san', '0.0.0.0'];
    const env = [token, 'K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml'];
    server = await startNode(bed, { cluster, name: `${cluster}-server`, command, env, publish: true });
    await waitForLog(server, 'Cluster dns configmap');
  });
  afterAll(() => cleanup(cluster, bed.docker));

  it('prints the lines that tell how far it is, in order', async () => {
    const log = await logsOf(server);
    const lines = [
      'Starting k3s',
      'Running kube-apiserver',
      'Wrote kubeconfig /output/kubeconfig.yaml',
      'Containerd is now running',
      'k3s is up and running',
    ];
    const places = lines.map(line => log.indexOf(line));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('writes the kubeconfig to both places, and a CoreDNS manifest with NodeHosts', async () => {
    const kubeconfig = await readFileIn(server, '/output/kubeconfig.yaml');
    expect(kubeconfig).toBe(await readFileIn(server, '/etc/rancher/k3s/k3s.yaml'));
    expect(kubeconfig).toContain('server: https://127.0.0.1:6443');
    expect(await readFileIn(server, '/var/lib/rancher/k3s/server/manifests/coredns.yaml')).toContain('NodeHosts: |');
  });

  it('answers readyz to its administrator and nobody else', async () => {
    const access = await accessTo(server);
    expect(await ask(access, 'GET', '/readyz')).toEqual({ status: 200, text: 'ok' });
    const { cert: _, key: __, ...stranger } = access;
    expect((await ask(stranger, 'GET', '/readyz')).status).toBe(401);
    expect((await ask(stranger, 'GET', '/ping')).text).toBe('pong');
  });

  it('lets an agent with the token join, and marks it NotReady once it is stopped', async () => {
    const name = `${cluster}-agent`;
    const command = ['agent', '--node-label', 'shelf=top'];
    const agent = await startNode(bed, { cluster, name, command, env: [token, url] });
    await waitForLog(agent, `Successfully registered node ${name}`);
    const access = await accessTo(server);
    expect(await nodeStates(access)).toMatchObject({ [name]: 'Ready', [`${cluster}-server`]: 'Ready' });
    const node = await askObject(access, 'GET', `/api/v1/nodes/${name}`);
    expect(node.metadata.labels).toMatchObject({ shelf: 'top', 'kubernetes.io/hostname': name });

    await agent.stop();
    expect((await agent.inspect()).State.ExitCode).toBe(0);
    await until('NotReady', async () => ((await nodeStates(access))[name] === 'Unknown' ? true : undefined));
    await agent.start();
    await until('Ready again', async () => ((await nodeStates(access))[name] === 'Ready' ? true : undefined));
  });

  it('turns an agent with a wrong token away, which keeps trying', async () => {
    const env = ['K3S_TOKEN=wrong', url];
    const agent = await startNode(bed, { cluster, name: `${cluster}-stranger`, command: ['agent'], env });
    await waitForLog(agent, /(401 not authorized[\s\S]*){2}/);
    expect((await agent.inspect()).State.Running).toBe(true);
    expect(Object.keys(await nodeStates(await accessTo(server)))).not.toContain(`${cluster}-stranger`);
  });

  it('refuses a flag k3s does not have, with its words and exit code', async () => {
    const command = ['server', '--no-such-flag'];
    const node = await startNode(bed, { cluster, name: `${cluster}-flag`, command, env: [token] });
    expect((await node.wait()).StatusCode).toBe(1);
    expect(await logsOf(node)).toContain('level=fatal msg="flag provided but not defined: -no-such-flag"');
  });

  it('keeps certificates, nodes and objects over a restart', async () => {
    const name = `${cluster}-again`;
    const node = await startNode(bed, { cluster, name, command: ['server'], env: [token], publish: true });
    await waitForLog(node, 'k3s is up and running');
    const before = await accessTo(node);
    await askObject(before, 'POST', '/api/v1/namespaces', { metadata: { name: 'kept' } });
    await node.restart();
    const after = { ...before, url: (await accessTo(node)).url };
    await until('readyz', async () => ((await ask(after, 'GET', '/readyz')).status === 200 ? true : undefined));
    expect((await askObject(after, 'GET', '/api/v1/namespaces/kept')).metadata.name).toBe('kept');
  });

  it('can be told to be slow, to die and to loop', async () => {
    const start = (what: string, fault: string) =>
      startNode(bed, { cluster, name: `${cluster}-${what}`, command: ['server'], env: [token, fault], publish: true });
    const slow = await start('slow', 'K3S_FAKE_SLOW=1500');
    await waitForLog(slow, 'Running kube-apiserver');
    expect((await ask(await accessTo(slow), 'GET', '/readyz')).status).toBe(503);
    await waitForLog(slow, 'k3s is up and running');
    expect((await (await start('dying', 'K3S_FAKE_DIE=300:7')).wait()).StatusCode).toBe(7);
    const looping = await start('looping', 'K3S_FAKE_LOOP=1');
    expect((await looping.wait()).StatusCode).toBe(1);
    expect(await logsOf(looping)).toContain('level=fatal');
  });

  describe.skipIf(noKubectl)('seen through kubectl', () => {
    let kubeconfig: string;
    const kubectl = (...args: string[]) =>
      execFileSync('kubectl', ['--kubeconfig', kubeconfig, ...args], { encoding: 'utf8' });

    beforeAll(async () => {
      const text = await readFileIn(server, '/output/kubeconfig.yaml');
      kubeconfig = join(mkdtempSync(join(tmpdir(), 'k3dui-bed-')), 'kubeconfig');
      writeFileSync(kubeconfig, text.replace(/server: \S+/, `server: ${(await accessTo(server)).url}`), {
        mode: 0o600,
      });
    });

    afterAll(() => rmSync(join(kubeconfig, '..'), { recursive: true, force: true }));

    it('lists nodes, and namespaces, services and config maps of all namespaces', () => {
      expect(kubectl('get', 'nodes')).toMatch(new RegExp(`${cluster}-server +Ready +control-plane,master`));
      const all = kubectl('get', 'ns,cm,svc,pods', '-A');
      for (const one of ['namespace/kube-system', 'configmap/coredns', 'service/kubernetes'])
        expect(all).toContain(one);
      const server0 = kubectl('get', 'node', `${cluster}-server`, '-o', 'jsonpath={.status.addresses[0].address}');
      expect(kubectl('get', 'endpoints', 'kubernetes', '-o', 'jsonpath={.subsets[*].addresses[*].ip}')).toBe(server0);
    });

    it('applies a manifest, twice, cordons and uncordons, and deletes', () => {
      const manifest = join(kubeconfig, '..', 'manifest.yaml');
      const write = (value: string) =>
        writeFileSync(
          manifest,
          `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note, namespace: default}\ndata: {value: "${value}"}\n`,
        );
      write('one');
      expect(kubectl('apply', '-f', manifest)).toBe('configmap/note created\n');
      write('two');
      expect(kubectl('apply', '-f', manifest)).toBe('configmap/note configured\n');
      expect(kubectl('get', 'cm', 'note', '-o', 'jsonpath={.data.value}')).toBe('two');
      kubectl('cordon', `${cluster}-server`);
      expect(kubectl('get', 'nodes')).toContain('Ready,SchedulingDisabled');
      kubectl('uncordon', `${cluster}-server`);
      expect(kubectl('get', 'nodes', `${cluster}-server`)).not.toContain('SchedulingDisabled');
      expect(kubectl('delete', 'cm', 'note')).toContain('configmap "note" deleted');
    });
  });
});
