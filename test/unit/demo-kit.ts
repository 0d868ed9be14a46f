import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import Docker from 'dockerode';
import { afterEach } from 'vitest';
import { type Demo, type DemoOptions, startDemo } from '../../src/demo/demo.ts';

const open: Demo[] = [];
afterEach(async () => {
  for (const demo of open.splice(0)) await demo.close();
});

/** A demo engine that the end of the test closes, and a client for it. At once unless told otherwise. */
export async function demoWithClient(
  options: DemoOptions = {},
): Promise<{ demo: Demo; docker: Docker; socketPath: string }> {
  const demo = await startDemo({ tempo: 0, ...options });
  open.push(demo);
  const socketPath = demo.host.replace('unix://', '');
  return { demo, docker: new Docker({ socketPath }), socketPath };
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  json(): Record<string, unknown>;
}

/** One raw HTTP call over the socket. */
export function call(socketPath: string, method: string, path: string, body?: object | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const headers = Buffer.isBuffer(body)
      ? { 'Content-Type': 'application/x-tar' }
      : { 'Content-Type': 'application/json' };
    const req = httpRequest({ socketPath, method, path, headers, agent: false }, res => {
      const chunks: Buffer[] = [];
      res.on('data', chunk => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => {
        const all = Buffer.concat(chunks);
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          body: all,
          json: () => JSON.parse(all.toString('utf8')),
        });
      });
    });
    req.on('error', reject);
    req.end(payload);
  });
}

/** GET over HTTPS, trusting nobody in particular. */
export function getSecure(
  url: string,
  options: { cert?: string; key?: string; ca?: string } = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const req = httpsRequest(url, { rejectUnauthorized: options.ca !== undefined, agent: false, ...options }, res => {
      let body = '';
      res.on('data', chunk => {
        body += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body }));
    });
    req.on('error', reject);
    req.end();
  });
}

/** Polls until `check` gives something, at most 10 s. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Runs a command in a container; what it printed and how it ended. */
export async function execIn(
  docker: Docker,
  name: string,
  argv: string[],
  stdin?: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const exec = await docker
    .getContainer(name)
    .exec({ Cmd: argv, AttachStdout: true, AttachStderr: true, AttachStdin: stdin !== undefined });
  const stream = await exec.start({ hijack: true, stdin: stdin !== undefined });
  const { PassThrough } = await import('node:stream');
  const [out, err] = [new PassThrough(), new PassThrough()];
  const texts = ['', ''];
  out.on('data', chunk => {
    texts[0] += chunk;
  });
  err.on('data', chunk => {
    texts[1] += chunk;
  });
  docker.modem.demuxStream(stream, out, err);
  if (stdin !== undefined) stream.end(stdin);
  await new Promise<void>(resolve => {
    stream.on('end', resolve);
    stream.on('close', resolve);
  });
  const { ExitCode } = await exec.inspect();
  return { code: ExitCode ?? -1, stdout: texts[0]!, stderr: texts[1]! };
}

/** The containers of a small k3d cluster, created and not started. */
export async function createCluster(
  docker: Docker,
  name: string,
  options: { agents?: number; agentToken?: string; lbPorts?: Docker.PortMap } = {},
): Promise<void> {
  await docker.createNetwork({ Name: `k3d-${name}`, Driver: 'bridge', Labels: { app: 'k3d' } });
  const node = (suffix: string, body: Docker.ContainerCreateOptions) =>
    docker.createContainer({
      name: `k3d-${name}-${suffix}`,
      Hostname: `k3d-${name}-${suffix}`,
      Labels: { app: 'k3d', 'k3d.cluster': name },
      ...body,
      HostConfig: { NetworkMode: 'bridge', RestartPolicy: { Name: 'unless-stopped' }, Init: true, ...body.HostConfig },
      NetworkingConfig: { EndpointsConfig: { [`k3d-${name}`]: {} } },
    });
  const Image = 'rancher/k3s:v1.33.5-k3s1';
  await node('server-0', {
    Image,
    Cmd: ['server', '--tls-san', '0.0.0.0'],
    Env: ['K3S_TOKEN=secret', 'K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml'],
  });
  for (let i = 0; i < (options.agents ?? 0); i++) {
    const Env = [`K3S_TOKEN=${options.agentToken ?? 'secret'}`, `K3S_URL=https://k3d-${name}-server-0:6443`];
    await node(`agent-${i}`, { Image, Cmd: ['agent'], Env });
  }
  const PortBindings = { '6443/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }], ...options.lbPorts };
  await node('serverlb', { Image: 'ghcr.io/k3d-io/k3d-proxy:5.9.0', HostConfig: { PortBindings } });
}
