import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { load } from 'js-yaml';
import { isRecord } from './objects.ts';
import { agentDirectory, readIfThere, registriesFile, writeFile } from './paths.ts';

export const containerdSocket = '/run/k3s/containerd/containerd.sock';
const root = `${agentDirectory}/containerd`;
const configFile = `${agentDirectory}/etc/containerd/config.toml`;
const hostsDirectory = `${agentDirectory}/etc/containerd/certs.d`;
const lock = '/run/k3s/containerd.starting';

const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds));
const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
const quoted = (value: unknown): string => JSON.stringify(String(value));

/** Type of the file system that a path lies on. */
function fileSystemOf(path: string): string {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');
  const mounts = lines.map(line => ({ at: line.split(' ')[4] ?? '', type: line.split(' - ')[1]?.split(' ')[0] ?? '' }));
  const over = mounts.filter(({ at }) => at === '/' || path === at || path.startsWith(`${at}/`));
  return over.reduce((best, next) => (next.at.length >= best.at.length ? next : best)).type;
}

/** `_default` or the host itself, as containerd's folder of hosts names it. */
const folderOf = (host: string): string => `${hostsDirectory}/${host === '*' ? '_default' : host}`;

function hostsToml(endpoints: string[], configs: Record<string, unknown>): string {
  const sections = endpoints.map(endpoint => {
    const url = new URL(endpoint);
    const tls = record(record(configs[url.host]).tls);
    const more = [
      ...(tls.insecure_skip_verify === true ? ['skip_verify = true'] : []),
      ...(tls.ca_file === undefined ? [] : [`ca = [${quoted(tls.ca_file)}]`]),
    ];
    const path = url.pathname === '/' ? '/v2' : url.pathname;
    return [`[host.${quoted(`${url.origin}${path}`)}]`, 'capabilities = ["pull", "resolve"]', ...more, ''].join('\n');
  });
  return sections.join('\n');
}

/**
 * Writes containerd's configuration and, from registries.yaml, its registry hosts: once, when the node starts, as k3s does
 * (k3s v1.31 pkg/agent/containerd). The snapshots are overlays, but where that folder lies on an overlay itself.
 */
export function writeContainerdConfig(snapshotter: string | undefined): void {
  mkdirSync(root, { recursive: true });
  const text = readIfThere(registriesFile);
  const registries = record(text === undefined ? undefined : load(text));
  const configs = record(registries.configs);
  rmSync(hostsDirectory, { recursive: true, force: true });
  for (const [host, mirror] of Object.entries(record(registries.mirrors))) {
    const { endpoint } = record(mirror);
    writeFile(`${folderOf(host)}/hosts.toml`, hostsToml(Array.isArray(endpoint) ? endpoint.map(String) : [], configs));
  }
  const plugin = '[plugins."io.containerd.grpc.v1.cri"';
  const auths = Object.entries(configs).flatMap(([host, config]) => {
    const { username, password } = record(record(config).auth);
    if (username === undefined) return [];
    return [
      `${plugin}.registry.configs.${quoted(host)}.auth]`,
      `  username = ${quoted(username)}`,
      `  password = ${quoted(password)}`,
    ];
  });
  const unused = ['aufs', 'btrfs', 'devmapper', 'zfs'].map(name => `"io.containerd.snapshotter.v1.${name}"`);
  const lines = [
    'version = 2',
    `root = "${root}"`,
    'state = "/run/k3s/containerd"',
    `disabled_plugins = [${unused.join(', ')}]`,
    '[grpc]',
    `  address = "${containerdSocket}"`,
    `${plugin}]`,
    '  sandbox_image = "rancher/mirrored-pause:3.6"',
    '  disable_tcp_service = true',
    `${plugin}.containerd]`,
    `  snapshotter = "${snapshotter ?? (fileSystemOf(root) === 'overlay' ? 'native' : 'overlayfs')}"`,
    `${plugin}.registry]`,
    `  config_path = "${hostsDirectory}"`,
    ...auths,
  ];
  writeFile(configFile, `${lines.join('\n')}\n`);
}

function answers(): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(containerdSocket, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Claims the start of containerd: true for one process, false for all others meanwhile. */
function claim(): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts containerd unless it runs, and waits until it answers. It is not started with the node, because most nodes of
 * tests never need it.
 */
export async function containerdUp(): Promise<void> {
  mkdirSync('/run/k3s', { recursive: true });
  for (const until = Date.now() + 10_000; !(await answers()); await pause(10)) {
    if (Date.now() > until) throw new Error(`containerd did not come up, see ${root}/containerd.log`);
    if (!claim()) continue;
    try {
      if (readIfThere(configFile) === undefined) writeContainerdConfig(undefined);
      const log = openSync(`${root}/containerd.log`, 'a');
      const child = spawn('/usr/lib/k3s/containerd', ['-c', configFile], {
        detached: true,
        stdio: ['ignore', log, log],
      });
      child.unref();
      const ended = new Promise<boolean>(resolve => child.once('exit', () => resolve(true)));
      while (!(await answers()) && !(await Promise.race([ended, pause(10).then(() => false)])));
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}
