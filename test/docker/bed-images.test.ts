import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { execIn, makeNetwork, publishedPort, startNode, waitForLog } from '../bed/node-container.ts';

const bed = await testDocker();

/** A file as an archive for putArchive. */
function archive(name: string, content: string): NodeJS.ReadableStream {
  const tar = pack();
  tar.entry({ name }, content);
  tar.finalize();
  return (tar as unknown as NodeJS.ReadableStream).pipe(new PassThrough());
}

/** Puts an image without layers into a registry. @returns the digest of its manifest */
async function pushEmptyImage(port: number, repository: string, tag: string, config: Buffer): Promise<string> {
  const base = `http://127.0.0.1:${port}/v2/${repository}`;
  const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  const upload = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(upload.headers.get('location') ?? '', base);
  place.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  expect((await fetch(place, { method: 'PUT', headers, body: new Uint8Array(config) })).status).toBe(201);
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const about = { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.length, digest };
  const body = JSON.stringify({ schemaVersion: 2, mediaType, config: about, layers: [] });
  const put = await fetch(`${base}/manifests/${tag}`, { method: 'PUT', headers: { 'content-type': mediaType }, body });
  expect(put.status).toBe(201);
  return put.headers.get('docker-content-digest') ?? '';
}

const nginxConf = (target: string) => `
error_log stderr notice;
worker_processes auto;
events { multi_accept on; use epoll; worker_connections 1024; }
stream {
  upstream 5000_tcp { server ${target}:5000 max_fails=1 fail_timeout=10s; }
  server { listen 5000; proxy_pass 5000_tcp; proxy_timeout 600; proxy_connect_timeout 2s; }
}
`;

const own = Object.values(bed.images).every(name => name.startsWith('k3dui-test/'));

describe.skipIf(bed.skip !== undefined || !own)('the other images of the test bed', () => {
  const cluster = uniqueName('bedimg');
  const network = `k3d-${cluster}`;
  const labels = { 'k3d.cluster': cluster };
  let registry: Docker.Container;
  let balancer: Docker.Container;

  beforeAll(async () => {
    await makeNetwork(bed, cluster);
    registry = await bed.docker.createContainer({
      name: `${cluster}-registry`,
      Image: bed.images.K3DUI_TEST_REGISTRY_IMAGE,
      Env: ['REGISTRY_STORAGE_DELETE_ENABLED=true'],
      Labels: labels,
      HostConfig: { NetworkMode: network, PortBindings: { '5000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
    });
    await registry.start();
    balancer = await bed.docker.createContainer({
      name: `${cluster}-serverlb`,
      Image: bed.images.K3DUI_TEST_LB_IMAGE,
      Labels: labels,
      ExposedPorts: { '5000/tcp': {} },
      HostConfig: { NetworkMode: network, PortBindings: { '5000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
    });
    await balancer.putArchive(archive('nginx.conf', nginxConf(`${cluster}-registry`)), { path: '/etc/nginx' });
    await balancer.start();
  });
  afterAll(() => cleanup(cluster, bed.docker));

  const v2 = (container: Docker.Container) =>
    until('/v2/', async () => {
      const answer = await fetch(`http://127.0.0.1:${await publishedPort(container, '5000/tcp')}/v2/`);
      return answer.status === 200 ? await answer.text() : undefined;
    });

  it('the registry answers /v2/', async () => {
    expect(await v2(registry)).toBe('{}');
  });

  it('nginx with an nginx.conf of k3d forwards a stream to another container', async () => {
    await waitForLog(balancer, 'start worker processes');
    expect(await v2(balancer)).toBe('{}');
  });

  it('nginx tests a configuration and reloads when asked', async () => {
    const test = await execIn(balancer, ['nginx', '-t']);
    expect(test).toMatchObject({ code: 0, output: expect.stringContaining('test is successful') });
    expect((await execIn(balancer, ['/usr/sbin/nginx', '-s', 'reload'])).code).toBe(0);
    await waitForLog(balancer, 'reconfiguring');
    expect((await execIn(balancer, ['getent', 'ahostsv4', `${cluster}-registry`])).output).toMatch(/^\d+\.\d+/);
    const bad = await execIn(balancer, ['sh', '-c', 'echo nonsense > /tmp/bad.conf; nginx -t -c /tmp/bad.conf']);
    expect(bad).toMatchObject({ code: 1, output: expect.stringContaining('test failed') });
  });

  it('ends by itself on its stop signal, unkilled', async () => {
    await balancer.stop();
    expect((await balancer.inspect()).State.ExitCode).toBe(0);
  });

  describe.skipIf(!bed.standIn)("the stand-in's image store", () => {
    let node: Docker.Container;

    beforeAll(async () => {
      const env = ['K3S_TOKEN=swordfish'];
      node = await startNode(bed, { cluster, name: `${cluster}-server`, command: ['server'], env, privileged: true });
      await waitForLog(node, 'k3s is up and running');
    });

    it('imports what docker save writes, lists it and removes it', async () => {
      const image = bed.images.K3DUI_TEST_REGISTRY_IMAGE;
      const saved = await bed.docker.getImage(image).get();
      const exec = await node.exec({
        Cmd: ['ctr', '-n', 'k8s.io', 'images', 'import', '-'],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
      });
      const stream = await exec.start({ hijack: true, stdin: true });
      const output: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => output.push(chunk));
      saved.pipe(stream);
      await new Promise(resolve => stream.on('end', resolve));
      expect(Buffer.concat(output).toString()).toContain(`unpacking docker.io/${image}`);

      const listed = await execIn(node, ['crictl', 'images', '-o', 'json']);
      const { images } = JSON.parse(listed.output) as { images: { id: string; repoTags: string[]; size: string }[] };
      const { Id } = await bed.docker.getImage(image).inspect();
      expect(images).toMatchObject([{ id: Id, repoTags: [`docker.io/${image}`] }]);
      expect(Number(images[0]?.size)).toBeGreaterThan(1_000_000);
      expect((await execIn(node, ['crictl', 'rmi', `docker.io/${image}`])).output).toContain(
        `Deleted: docker.io/${image}`,
      );
      expect((await execIn(node, ['crictl', 'images', '-q'])).output).toBe('');
    });

    it('pulls what a registry has, by the mirrors of registries.yaml, and says so when it has not', async () => {
      const config = Buffer.from('{"architecture":"amd64","os":"linux"}');
      const manifest = await pushEmptyImage(await publishedPort(registry, '5000/tcp'), 'team/app', 'v1', config);
      const mirrors = `mirrors:\n  "bed.local:5000":\n    endpoint: ["http://${cluster}-registry:5000"]\n`;
      await execIn(node, [
        'sh',
        '-c',
        `mkdir -p /etc/rancher/k3s; echo '${mirrors}' > /etc/rancher/k3s/registries.yaml`,
      ]);
      await node.restart();
      expect(await execIn(node, ['crictl', 'pull', 'bed.local:5000/team/app:v1'])).toMatchObject({ code: 0 });
      const { images } = JSON.parse((await execIn(node, ['crictl', 'images', '-o', 'json'])).output) as {
        images: object[];
      };
      expect(images).toMatchObject([
        { repoTags: ['bed.local:5000/team/app:v1'], repoDigests: [`bed.local:5000/team/app@${manifest}`] },
      ]);
      const missing = await execIn(node, ['crictl', 'pull', 'bed.local:5000/team/app:v2']);
      expect(missing).toMatchObject({ code: 1, output: expect.stringContaining('failed to resolve reference') });
    });

    it('says what is wrong with a file that is no image', async () => {
      const result = await execIn(node, ['sh', '-c', 'echo no tar | ctr images import -']);
      expect(result).toMatchObject({ code: 1, output: expect.stringContaining('ctr: ') });
    });

    it('knows kubectl for what an entry point script does', async () => {
      const again = await execIn(node, ['sh', '-c', 'kubectl uncordon $HOSTNAME']);
      expect(again).toMatchObject({ code: 0, output: expect.stringContaining('already uncordoned') });
      const flags = ['--force', '--delete-emptydir-data', '--ignore-daemonsets', '--disable-eviction'];
      expect((await execIn(node, ['kubectl', 'drain', `${cluster}-server`, ...flags])).output).toContain('drained');
    });
  });
});
