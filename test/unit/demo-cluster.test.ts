import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { createCluster, demoWithClient, execIn, getSecure, until } from './demo-kit.ts';

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

const values = (name: string, ports: Record<string, string[]>) =>
  `ports:\n${Object.entries(ports)
    .map(([port, nodes]) => `  ${port}:\n${nodes.map(node => `  - k3d-${name}-${node}\n`).join('')}`)
    .join('')}settings:\n  workerConnections: 1024\n`;

async function startCluster(
  name: string,
  options: Parameters<typeof createCluster>[2] = {},
  ports: Record<string, string[]> = { '6443.tcp': ['server-0'] },
) {
  const { demo, docker } = await demoWithClient();
  await createCluster(docker, name, options);
  demo.world.container(`k3d-${name}-serverlb`).files.write('/etc/confd/values.yaml', values(name, ports));
  const node = (suffix: string) => demo.world.container(`k3d-${name}-${suffix}`);
  const logged = (suffix: string, text: string) =>
    until(`${suffix}: ${text}`, () => node(suffix).log.lines.some(line => line.text.includes(text)));
  await docker.getContainer(`k3d-${name}-server-0`).start();
  await logged('server-0', 'k3s is up and running');
  for (let i = 0; i < (options.agents ?? 0); i++) await docker.getContainer(`k3d-${name}-agent-${i}`).start();
  await docker.getContainer(`k3d-${name}-serverlb`).start();
  await logged('serverlb', 'start worker processes');
  const apiPort = (await docker.getContainer(`k3d-${name}-serverlb`).inspect()).NetworkSettings.Ports['6443/tcp']![0]!
    .HostPort;
  const api = (path: string) => getSecure(`https://127.0.0.1:${apiPort}${path}`);
  return { demo, docker, node, logged, api, apiPort };
}

describe('what runs in the demo engine’s containers', () => {
  it('is a cluster: log lines, kubeconfig with real certificates, an API behind the load balancer, ready nodes', async () => {
    const { docker, logged, node, api, apiPort } = await startCluster('one', { agents: 2 });
    await logged('server-0', 'Containerd is now running');
    await logged('server-0', 'Running kube-apiserver');
    await logged('server-0', 'Cluster dns configmap');
    await logged('agent-0', 'Successfully registered node');
    await logged('agent-1', 'Successfully registered node');
    expect(await api('/readyz')).toEqual({ status: 200, body: 'ok' });
    expect(JSON.parse((await api('/version')).body)).toMatchObject({ gitVersion: 'v1.33.5+k3s1', minor: '33' });
    const nodes = JSON.parse((await api('/api/v1/nodes')).body).items as {
      metadata: { name: string };
      status: { conditions: { type: string; status: string }[] };
    }[];
    expect(nodes.map(({ metadata }) => metadata.name).sort()).toEqual([
      'k3d-one-agent-0',
      'k3d-one-agent-1',
      'k3d-one-server-0',
    ]);
    expect(
      nodes.every(({ status }) =>
        status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
      ),
    ).toBe(true);

    const file = load(node('server-0').files.text('/output/kubeconfig.yaml')!) as Kubeconfig;
    const decode = (text: string) => Buffer.from(text, 'base64').toString();
    const { user } = file.users[0]!;
    const credentials = {
      ca: decode(file.clusters[0]!.cluster['certificate-authority-data']),
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
    };
    expect((await getSecure(`https://127.0.0.1:${apiPort}/readyz`, credentials)).body).toBe('ok');
    expect(
      (await execIn(docker, 'k3d-one-server-0', ['kubectl', 'get', 'nodes', '-o', 'name'])).stdout.trim().split('\n'),
    ).toHaveLength(3);
    expect(
      JSON.parse((await execIn(docker, 'k3d-one-agent-0', ['crictl', 'images', '-o', 'json'])).stdout).images.length,
    ).toBeGreaterThan(0);
  });

  it('deploys what is put into the manifests folder of a server', async () => {
    const { docker, api } = await startCluster('one');
    const manifest =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\n  namespace: kube-public\ndata:\n  a: b\n';
    const path = '/var/lib/rancher/k3s/server/manifests/mine.yaml';
    await execIn(docker, 'k3d-one-server-0', ['sh', '-c', `cat > ${path}`], manifest);
    const found = await until('the config map', async () => {
      const { status, body } = await api('/api/v1/namespaces/kube-public/configmaps/mine');
      return status === 200 && JSON.parse(body);
    });
    expect(found.data).toEqual({ a: 'b' });
    expect((await api('/api/v1/namespaces/kube-system/configmaps/coredns')).body).toContain('k3d-one-server-0');
  });

  it('turns away the kubeconfig of another cluster', async () => {
    const one = await startCluster('one');
    const two = await startCluster('two');
    const file = load(two.node('server-0').files.text('/output/kubeconfig.yaml')!) as Kubeconfig;
    const decode = (text: string) => Buffer.from(text, 'base64').toString();
    const { user } = file.users[0]!;
    const answer = await getSecure(`https://127.0.0.1:${one.apiPort}/api/v1/nodes`, {
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
    });
    expect(answer.status).toBe(401);
  });

  it('lets no agent in that has the wrong token', async () => {
    const { logged, api } = await startCluster('one', { agents: 1, agentToken: 'guess' });
    await logged('agent-0', '401 Unauthorized');
    expect(JSON.parse((await api('/api/v1/nodes')).body).items).toHaveLength(1);
  });

  it('has nodes that are not ready while their container is stopped, and stay listed when it is removed', async () => {
    const { docker, logged, api } = await startCluster('one', { agents: 1 });
    await logged('agent-0', 'Successfully registered node');
    const ready = async () => {
      const { items } = JSON.parse((await api('/api/v1/nodes')).body) as {
        items: { metadata: { name: string }; status: { conditions: { type: string; status: string }[] } }[];
      };
      return items
        .find(({ metadata }) => metadata.name === 'k3d-one-agent-0')
        ?.status.conditions.find(({ type }) => type === 'Ready')?.status;
    };
    const agent = docker.getContainer('k3d-one-agent-0');
    await agent.stop();
    expect((await agent.inspect()).State.ExitCode).toBe(0);
    expect(await ready()).toBe('Unknown');
    await agent.start();
    await until('ready again', async () => (await ready()) === 'True');
    await agent.remove({ force: true });
    expect(await ready()).toBe('Unknown');
    await execIn(docker, 'k3d-one-server-0', ['kubectl', 'delete', 'node', 'k3d-one-agent-0']);
    expect(await ready()).toBeUndefined();
  });

  it('is a load balancer that takes its upstreams from the values file, at once when that changes, and answers over the host port', async () => {
    const { docker, node, logged } = await startCluster(
      'one',
      { agents: 1, lbPorts: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
      { '6443.tcp': ['server-0'], '80.tcp': ['server-0', 'agent-0'] },
    );
    await logged('agent-0', 'Successfully registered node');
    const { Ports } = (await docker.getContainer('k3d-one-serverlb').inspect()).NetworkSettings;
    const page = async () =>
      (await fetch(`http://127.0.0.1:${Ports['80/tcp']![0]!.HostPort}/`)).headers.get('x-demo-upstream');
    const both = async () => `${[await page(), await page()].sort()}` === 'k3d-one-agent-0,k3d-one-server-0';
    await until('traefik is up behind both nodes', () => both().catch(() => false));
    await execIn(
      docker,
      'k3d-one-serverlb',
      ['sh', '-c', 'cat > /etc/confd/values.yaml'],
      values('one', { '6443.tcp': ['server-0'], '80.tcp': ['agent-0'] }),
    );
    await until(
      'the new configuration',
      () => !node('serverlb').files.text('/etc/nginx/nginx.conf')!.includes('server k3d-one-server-0:80 '),
    );
    await until(
      'only the agent answers',
      async () => (await page()) === 'k3d-one-agent-0' && (await page()) === 'k3d-one-agent-0',
    );
  });

  it('has an nginx -t that finds unknown upstreams and broken files', async () => {
    const { docker, node } = await startCluster('one');
    const test = () => execIn(docker, 'k3d-one-serverlb', ['nginx', '-t']);
    expect(await test()).toMatchObject({ code: 0, stderr: expect.stringContaining('test is successful') });
    const good = node('serverlb').files.text('/etc/nginx/nginx.conf')!;
    node('serverlb').files.write('/etc/nginx/nginx.conf', good.replace('k3d-one-server-0', 'k3d-one-server-9'));
    expect(await test()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('host not found in upstream "k3d-one-server-9:6443"'),
    });
    node('serverlb').files.write('/etc/nginx/nginx.conf', good.replace(/}\s*$/, ''));
    expect((await test()).code).toBe(1);
  });

  it('starts a load balancer whose own script leaves out names that are not there yet, and takes them in later', async () => {
    const { demo, docker } = await demoWithClient();
    await createCluster(docker, 'late', { agents: 0 });
    const { id } = await docker.createContainer({
      name: 'own-lb',
      Image: 'ghcr.io/k3d-io/k3d-proxy:5.9.0',
      Entrypoint: ['/bin/sh', '/usr/bin/own-lb'],
      HostConfig: { PortBindings: { '6443/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
      NetworkingConfig: { EndpointsConfig: { 'k3d-late': {} } },
    });
    const { files } = demo.world.container(id);
    files.write(
      '/usr/bin/own-lb',
      "#!/bin/sh\nmark='#unresolved'\ngetent hosts $name\nexec nginx -g 'daemon off;'\n",
      0o755,
    );
    files.write(
      '/etc/nginx/nginx.conf',
      'stream {\n  upstream 6443_tcp {\n    server k3d-late-server-0:6443;\n  }\n  server {\n    listen 6443;\n    proxy_pass 6443_tcp;\n  }\n}\n',
    );
    await docker.getContainer('own-lb').start();
    await until('nginx runs without its upstream', () =>
      files.text('/etc/nginx/nginx.conf')!.includes('#unresolved server k3d-late-server-0:6443;'),
    );
    await docker.getContainer('k3d-late-server-0').start();
    const refresh =
      'if [ -x /usr/bin/own-lb ]; then /usr/bin/own-lb refresh force; else nginx -t && nginx -s reload; fi';
    expect((await execIn(docker, 'own-lb', ['/bin/sh', '-c', refresh])).code).toBe(0);
    expect(files.text('/etc/nginx/nginx.conf')).not.toContain('#unresolved');
    const port = (await docker.getContainer('own-lb').inspect()).NetworkSettings.Ports['6443/tcp']![0]!.HostPort;
    await until(
      'the API behind it',
      async () => (await getSecure(`https://127.0.0.1:${port}/readyz`).catch(() => undefined))?.body === 'ok',
    );
  });

  it('needs a majority of its servers', async () => {
    const { demo, docker } = await demoWithClient({ seed: [{ name: 'ha', servers: 3, agents: 0 }] });
    const port = (await docker.getContainer('k3d-ha-serverlb').inspect()).NetworkSettings.Ports['6443/tcp']![0]!
      .HostPort;
    const readyz = async () => (await getSecure(`https://127.0.0.1:${port}/readyz`)).status;
    expect(await readyz()).toBe(200);
    await docker.getContainer('k3d-ha-server-2').stop();
    expect(await readyz()).toBe(200);
    await docker.getContainer('k3d-ha-server-1').stop();
    expect(await readyz()).toBe(500);
    await docker.getContainer('k3d-ha-server-0').stop();
    await docker.getContainer('k3d-ha-server-0').start();
    const { log } = demo.world.container('k3d-ha-server-0');
    await until('it waits for the others', () => log.lines.at(-1)?.text.includes('no leader'));
    await docker.getContainer('k3d-ha-server-1').start();
    await until('ready again', async () => (await readyz()) === 200);
  });

  it('ends with a fatal line and exit code 1 when its database cannot be found', async () => {
    const { demo, docker } = await demoWithClient({
      seed: [{ name: 'broken', servers: 1, agents: 0, state: 'broken', loadBalancer: false }],
    });
    const container = docker.getContainer('k3d-broken-server-0');
    await until('two failures', async () => (await container.inspect()).RestartCount >= 2);
    expect(
      demo.world
        .container('k3d-broken-server-0')
        .log.lines.some(({ text }) => text.includes('level=fatal') && text.includes('no such host')),
    ).toBe(true);
  });

  it('imports images into a node, and says so when it is no image', async () => {
    const { docker } = await startCluster('one');
    const tar = await new Promise<Buffer>((resolve, reject) => {
      docker
        .getImage('shop/web:1.4.2')
        .get()
        .then(stream => {
          const chunks: Buffer[] = [];
          stream.on('data', chunk => chunks.push(chunk));
          stream.on('end', () => resolve(Buffer.concat(chunks)));
        }, reject);
    });
    const server = docker.getContainer('k3d-one-server-0');
    const exec = await server.exec({
      Cmd: ['ctr', 'image', 'import', '--all-platforms', '-'],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    stream.resume();
    stream.end(tar);
    await new Promise(resolve => stream.on('end', resolve));
    expect((await exec.inspect()).ExitCode).toBe(0);
    expect((await execIn(docker, 'k3d-one-server-0', ['ctr', '-n', 'k8s.io', 'images', 'ls', '-q'])).stdout).toContain(
      'docker.io/shop/web:1.4.2',
    );
    expect(await execIn(docker, 'k3d-one-server-0', ['ctr', 'image', 'import', '-'], 'no tar at all')).toMatchObject({
      code: 1,
      stderr: 'ctr: unrecognized image format\n',
    });
  });
});
