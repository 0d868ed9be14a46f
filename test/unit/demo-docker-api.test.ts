import type { Readable } from 'node:stream';
import { type Pack, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { demoWithClient, execIn, until } from './demo-kit.ts';

const sleeper = { Image: 'busybox:1.36', Cmd: ['sleep', '1000'] };

async function bytesOf(tar: Pack): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('the demo engine through dockerode', () => {
  it('tells who it is', async () => {
    const { docker } = await demoWithClient();
    expect((await docker.ping()).toString()).toBe('OK');
    expect(await docker.version()).toMatchObject({ ApiVersion: '1.47', MinAPIVersion: '1.24', Os: 'linux' });
    const info = await docker.info();
    expect(info).toMatchObject({ Driver: 'overlay2', CgroupVersion: '2', OSType: 'linux' });
    expect(info.NCPU).toBeGreaterThan(0);
  });

  it('turns away a taken name, an unknown image, and a bad name', async () => {
    const { docker } = await demoWithClient();
    const first = await docker.createContainer({ name: 'one', ...sleeper });
    await expect(docker.createContainer({ name: 'one', ...sleeper })).rejects.toMatchObject({
      statusCode: 409,
      json: {
        message: expect.stringContaining(`The container name "/one" is already in use by container "${first.id}"`),
      },
    });
    await expect(docker.createContainer({ name: 'two', Image: 'nobody/nothing:1' })).rejects.toMatchObject({
      statusCode: 404,
      json: { message: 'No such image: nobody/nothing:1' },
    });
    await expect(docker.createContainer({ name: '-bad-', ...sleeper })).rejects.toMatchObject({ statusCode: 400 });
  });

  it('starts once, says 304 the second time, stops, restarts, kills and removes', async () => {
    const { docker } = await demoWithClient();
    const container = await docker.createContainer({ name: 'life', ...sleeper, HostConfig: { Init: true } });
    expect((await container.inspect()).State.Status).toBe('created');
    await container.start();
    await expect(container.start()).rejects.toMatchObject({ statusCode: 304 });
    await expect(container.remove()).rejects.toMatchObject({ statusCode: 409 });
    await container.stop();
    expect((await container.inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 143, Running: false });
    await expect(container.stop()).rejects.toMatchObject({ statusCode: 304 });
    await container.restart();
    expect((await container.inspect()).State.Running).toBe(true);
    const waiting = container.wait();
    await container.kill();
    expect((await waiting).StatusCode).toBe(137);
    await expect(container.kill()).rejects.toMatchObject({ statusCode: 409 });
    await container.rename({ name: 'renamed' });
    expect((await docker.getContainer('renamed').inspect()).Name).toBe('/renamed');
    await container.remove();
    await expect(container.inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('brings a container back that its restart policy wants, not one that was stopped by hand', async () => {
    const { docker } = await demoWithClient();
    const container = await docker.createContainer({
      name: 'again',
      Image: 'busybox:1.36',
      Cmd: ['false'],
      HostConfig: { RestartPolicy: { Name: 'unless-stopped' } },
    });
    await container.start();
    await until('two restarts', async () => (await container.inspect()).RestartCount >= 2);
    await container.stop();
    expect((await container.inspect()).State.Status).toBe('exited');
  });

  it('publishes ports: fixed, random, and one that is taken with Docker’s own words', async () => {
    const { docker } = await demoWithClient();
    const first = await docker.createContainer({
      name: 'p1',
      ...sleeper,
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }], '90': [{ HostPort: '' }] } },
    });
    await first.start();
    const { Ports } = (await first.inspect()).NetworkSettings;
    const port = Ports['80/tcp']![0]!.HostPort;
    expect(Number(port)).toBeGreaterThan(1024);
    expect(Ports['90/tcp']!.map(binding => binding.HostIp)).toEqual(['0.0.0.0', '::']);
    const second = await docker.createContainer({
      name: 'p2',
      ...sleeper,
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: port }] } },
    });
    await expect(second.start()).rejects.toMatchObject({
      statusCode: 500,
      json: {
        message: expect.stringMatching(
          new RegExp(
            `^driver failed programming external connectivity on endpoint p2 \\([0-9a-f]{64}\\): Bind for 0.0.0.0:${port} failed: port is already allocated$`,
          ),
        ),
      },
    });
    expect((await second.inspect()).State.Status).toBe('created');
    await first.stop();
    await second.start();
  });

  it('refuses to start an entry point that is not in the container', async () => {
    const { docker } = await demoWithClient();
    const container = await docker.createContainer({
      name: 'ep',
      Image: 'rancher/k3s:v1.33.5-k3s1',
      Cmd: ['server'],
      Entrypoint: ['/bin/k3d-entrypoint.sh'],
    });
    await expect(container.start()).rejects.toMatchObject({
      statusCode: 400,
      json: { message: expect.stringContaining('no such file or directory') },
    });
    expect((await container.inspect()).State.ExitCode).toBe(127);
    const tar = pack();
    tar.entry({ name: 'bin/k3d-entrypoint.sh', mode: 0o744 }, '#!/bin/sh\n');
    tar.finalize();
    await container.putArchive(await bytesOf(tar), { path: '/' });
    await container.start();
    expect((await container.inspect()).State.Running).toBe(true);
  });

  it('keeps files: put, stat, get, also while stopped, and shared through a volume', async () => {
    const { docker } = await demoWithClient();
    const one = await docker.createContainer({ name: 'f1', ...sleeper, HostConfig: { Binds: ['data:/data'] } });
    await docker.createContainer({ name: 'f2', ...sleeper, HostConfig: { Binds: ['data:/elsewhere'] } });
    const tar = pack();
    tar.entry({ name: 'data/deep/hello.txt', mode: 0o640 }, 'hello');
    tar.finalize();
    await one.putArchive(await bytesOf(tar), { path: '/' });
    const archive = (await docker.getContainer('f2').getArchive({ path: '/elsewhere/deep/hello.txt' })) as Readable;
    const bytes = Buffer.concat(await archive.toArray());
    expect(bytes.subarray(0, 9).toString()).toBe('hello.txt');
    expect(bytes.subarray(512, 517).toString()).toBe('hello');
    await expect(one.getArchive({ path: '/nothing' })).rejects.toMatchObject({ statusCode: 404 });
    await expect(docker.getVolume('data').remove()).rejects.toMatchObject({ statusCode: 409 });
  });

  it('runs commands: output, exit codes, input, unknown programs', async () => {
    const { docker } = await demoWithClient();
    const container = await docker.createContainer({ name: 'run', ...sleeper });
    await expect(container.exec({ Cmd: ['true'] })).rejects.toMatchObject({ statusCode: 409 });
    await container.start();
    expect(await execIn(docker, 'run', ['sh', '-c', 'echo "a b" && test -f /nothing || echo missing; exit 3'])).toEqual(
      {
        code: 3,
        stdout: 'a b\nmissing\n',
        stderr: '',
      },
    );
    expect(await execIn(docker, 'run', ['sh', '-c', 'cat > /etc/new'], 'from stdin')).toMatchObject({ code: 0 });
    expect(await execIn(docker, 'run', ['cat', '/etc/new', '/etc/none'])).toMatchObject({
      code: 1,
      stdout: 'from stdin',
      stderr: expect.stringContaining('No such file'),
    });
    expect(await execIn(docker, 'run', ['frobnicate'])).toMatchObject({
      code: 127,
      stdout: expect.stringContaining('executable file not found in $PATH'),
    });
  });

  it('has networks: pools, overlaps, fixed addresses, and no removal while in use', async () => {
    const { docker } = await demoWithClient();
    const network = await docker.createNetwork({
      Name: 'n1',
      IPAM: { Driver: 'default', Config: [{ Subnet: '172.30.0.0/24' }] },
    });
    await expect(
      docker.createNetwork({ Name: 'n2', IPAM: { Driver: 'default', Config: [{ Subnet: '172.30.0.128/25' }] } }),
    ).rejects.toMatchObject({
      statusCode: 403,
      json: { message: 'Pool overlaps with other one on this address space' },
    });
    await expect(docker.createNetwork({ Name: 'n1' })).rejects.toMatchObject({ statusCode: 409 });
    const container = await docker.createContainer({
      name: 'net',
      ...sleeper,
      HostConfig: { NetworkMode: 'n1' },
      NetworkingConfig: { EndpointsConfig: { n1: { IPAMConfig: { IPv4Address: '172.30.0.77' } } } },
    });
    await container.start();
    expect((await network.inspect()).Containers?.[container.id]).toMatchObject({
      Name: 'net',
      IPv4Address: '172.30.0.77/24',
    });
    await expect(network.remove()).rejects.toMatchObject({
      statusCode: 403,
      json: { message: expect.stringContaining('has active endpoints') },
    });
    await docker.getNetwork('bridge').connect({ Container: 'net' });
    expect(Object.keys((await container.inspect()).NetworkSettings.Networks).sort()).toEqual(['bridge', 'n1']);
    await network.disconnect({ Container: 'net' });
    await network.remove();
  });

  it('pulls with progress and fails a pull as a registry would', async () => {
    const { docker } = await demoWithClient();
    const stream = await docker.pull('alpine:3.20');
    const messages = await new Promise<
      { status?: string; id?: string; progressDetail?: { current?: number; total?: number } }[]
    >((resolve, reject) => {
      docker.modem.followProgress(stream, (error: Error | null, output) => (error ? reject(error) : resolve(output)));
    });
    expect(
      messages.some(message => message.status === 'Downloading' && (message.progressDetail?.current ?? 0) > 0),
    ).toBe(true);
    expect(messages.at(-1)?.status).toBe('Status: Downloaded newer image for alpine:3.20');
    expect((await docker.getImage('docker.io/library/alpine:3.20').inspect()).RepoTags).toEqual(['alpine:3.20']);
    await expect(docker.pull('private/secret:1')).rejects.toThrow(/404.*pull access denied for private\/secret/);
  });

  it('streams events by filter, and past ones by time', async () => {
    const { docker } = await demoWithClient();
    const since = Math.floor(Date.now() / 1000);
    const stream = await docker.getEvents({ filters: { type: ['container'], label: ['team=red'] } });
    const seen: string[] = [];
    stream.on('data', chunk => {
      for (const line of chunk.toString().trim().split('\n')) seen.push(JSON.parse(line).Action);
    });
    await docker.createContainer({ name: 'blue', ...sleeper, Labels: { team: 'blue' } });
    const red = await docker.createContainer({ name: 'red', ...sleeper, Labels: { team: 'red' } });
    await red.start();
    await red.remove({ force: true });
    await until('the destroy event', () => seen.includes('destroy'));
    expect(seen).toEqual(['create', 'start', 'kill', 'die', 'destroy']);
    (stream as Readable).destroy();
    const past = (await docker.getEvents({
      since,
      until: since + 1,
      filters: { event: ['create'], type: ['container'] },
    })) as Readable;
    const text = Buffer.concat(await past.toArray()).toString();
    expect(text).toContain('"name":"blue"');
    expect(text).toContain('"from":"busybox:1.36"');
  });

  it('measures: processor time grows, memory has a limit', async () => {
    const { docker } = await demoWithClient();
    const container = await docker.createContainer({
      name: 'load',
      Image: 'rancher/k3s:v1.33.5-k3s1',
      Cmd: ['server'],
    });
    await container.start();
    await new Promise(resolve => setTimeout(resolve, 30));
    const stats = await container.stats({ stream: false });
    expect(stats.cpu_stats.cpu_usage.total_usage).toBeGreaterThan(stats.precpu_stats.cpu_usage.total_usage);
    expect(stats.cpu_stats.system_cpu_usage).toBeGreaterThan(stats.precpu_stats.system_cpu_usage);
    expect(stats.memory_stats.usage).toBeGreaterThan(0);
    expect((await container.top()).Titles).toContain('CMD');
  });
});
