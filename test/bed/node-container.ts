import type Docker from 'dockerode';
import { extract } from 'tar-stream';
import { type TestDocker, until } from './docker.ts';

/** A node started by plain Docker calls, without any of k3dui's own code. */
export interface NodeRequest {
  cluster: string;
  name: string;
  command: string[];
  env?: string[];
  image?: string;
  /** Publish the Kubernetes API on a free port of 127.0.0.1. */
  publish?: boolean;
  /** False where a test must `exec` into it on an engine that gives privileged containers more than the machine has. */
  privileged?: boolean;
}

/** Makes the cluster's network, labelled so that `cleanup` finds it. */
export async function makeNetwork(bed: TestDocker, cluster: string): Promise<void> {
  await bed.docker.createNetwork({ Name: `k3d-${cluster}`, Labels: { 'k3d.cluster': cluster } });
}

/** Creates and starts a node as k3d does, labelled so that `cleanup` finds it; in place of one that an earlier try left. */
export async function startNode(bed: TestDocker, request: NodeRequest): Promise<Docker.Container> {
  const {
    cluster,
    name,
    command,
    env = [],
    image = bed.images.K3DUI_TEST_IMAGE,
    publish = false,
    privileged = true,
  } = request;
  const network = `k3d-${cluster}`;
  const left = await bed.docker.listContainers({ all: true, filters: { name: [`^/${name}$`] } });
  await Promise.all(left.map(({ Id }) => bed.docker.getContainer(Id).remove({ force: true, v: true })));
  const container = await bed.docker.createContainer({
    name,
    Hostname: name,
    Image: image,
    Cmd: command,
    Env: env,
    Labels: { 'k3d.cluster': cluster },
    ExposedPorts: { '6443/tcp': {} },
    HostConfig: {
      Init: true,
      Privileged: privileged,
      NetworkMode: network,
      Tmpfs: { '/run': '', '/var/run': '' },
      ...(publish && { PortBindings: { '6443/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } }),
    },
  });
  await container.start();
  return container;
}

/** All the container has printed, both streams, without Docker's frame headers. */
export async function logsOf(container: Docker.Container): Promise<string> {
  const raw = await container.logs({ stdout: true, stderr: true });
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; at += 8 + raw.readUInt32BE(at + 4))
    parts.push(raw.subarray(at + 8, at + 8 + raw.readUInt32BE(at + 4)));
  return Buffer.concat(parts).toString('utf8');
}

/** Waits until the container has printed the line. @returns all it has printed */
export function waitForLog(container: Docker.Container, line: string | RegExp, milliseconds?: number): Promise<string> {
  return until(
    `log line ${line}`,
    async () => {
      const log = await logsOf(container);
      return (typeof line === 'string' ? log.includes(line) : line.test(log)) ? log : undefined;
    },
    milliseconds,
  );
}

/** The text of a file in the container. */
export async function readFileIn(container: Docker.Container, path: string): Promise<string> {
  const archive = await container.getArchive({ path });
  const tar = (archive as NodeJS.ReadableStream).pipe(extract());
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  }
  throw new Error(`${path} is not there`);
}

/** Runs a program in the container to its end. */
export async function execIn(
  container: Docker.Container,
  command: string[],
): Promise<{ code: number; output: string }> {
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const { ExitCode } = await exec.inspect();
  return { code: ExitCode ?? -1, output: Buffer.concat(chunks).toString('utf8') };
}

/** The port of 127.0.0.1 on which a port of the container is published. */
export async function publishedPort(container: Docker.Container, port = '6443/tcp'): Promise<number> {
  const { NetworkSettings } = await container.inspect();
  return Number(NetworkSettings.Ports[port]?.[0]?.HostPort);
}
