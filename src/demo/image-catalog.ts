import { Files } from './files.ts';
import { digest } from './ids.ts';
import { splitReference } from './images.ts';
import type { ContainerConfig, Image } from './types.ts';

export type ImageKind = 'k3s' | 'proxy' | 'tools' | 'registry' | 'other';

/** What an image is, told from its name: that decides which simulated process its containers run. */
export function imageKind(reference: string): ImageKind {
  const name = splitReference(reference).repository;
  if (/k3s/.test(name) && !/k3s-/.test(name)) return 'k3s';
  if (/proxy|nginx/.test(name)) return 'proxy';
  if (/k3d-tools/.test(name)) return 'tools';
  if (/(^|\/)(registry|distribution)$/.test(name)) return 'registry';
  return 'other';
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const CONFIGS: Record<ImageKind, ContainerConfig> = {
  k3s: {
    Env: [`${PATH}:/bin/aux`, 'CRI_CONFIG_FILE=/var/lib/rancher/k3s/agent/etc/crictl.yaml'],
    Cmd: ['agent'],
    Entrypoint: ['/bin/k3s'],
    Volumes: { '/var/lib/cni': {}, '/var/lib/kubelet': {}, '/var/lib/rancher/k3s': {}, '/var/log': {} },
  },
  proxy: {
    Env: [PATH, 'NGINX_VERSION=1.29.1', 'OS=linux', 'ARCH=amd64'],
    Cmd: null,
    Entrypoint: ['/bin/sh', '-c', 'nginx-proxy'],
    ExposedPorts: { '80/tcp': {} },
    StopSignal: 'SIGQUIT',
    Labels: { maintainer: 'NGINX Docker Maintainers <docker-maint@nginx.com>' },
  },
  tools: { Env: [PATH], Cmd: ['noop'], Entrypoint: ['/app/k3d-tools'] },
  registry: {
    Env: [PATH],
    Cmd: ['/etc/docker/registry/config.yml'],
    Entrypoint: ['/entrypoint.sh'],
    ExposedPorts: { '5000/tcp': {} },
    Volumes: { '/var/lib/registry': {} },
  },
  other: { Env: [PATH], Cmd: ['/bin/sh'], Entrypoint: null },
};

const SIZES: Record<ImageKind, number> = {
  k3s: 231_000_000,
  proxy: 63_400_000,
  tools: 21_700_000,
  registry: 26_000_000,
  other: 48_000_000,
};

const BASES: Record<ImageKind, Files> = {
  k3s: base({
    '/bin/k3s': '',
    '/bin/kubectl': '',
    '/bin/crictl': '',
    '/bin/ctr': '',
    '/etc/os-release': 'NAME="K3s"\n',
  }),
  proxy: base({ '/usr/bin/nginx-proxy': '', '/usr/sbin/nginx': '', '/etc/confd/conf.d/nginx.toml': '' }),
  tools: base({ '/app/k3d-tools': '' }),
  registry: base({ '/entrypoint.sh': '', '/etc/docker/registry/config.yml': 'version: 0.1\n' }),
  other: base({}),
};

/** An image's own configuration, whose digest is its id; it depends only on the name, so that two demos agree. */
export const imageConfig = ({ config, layers }: Pick<Image, 'config' | 'layers'>): string =>
  JSON.stringify({ architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: layers } });

/** Makes the image of that name, as a pull would. Sizes differ from tag to tag. */
export function makeImage(reference: string, created = Date.now() - 40 * 86_400_000): Image {
  const { familiar, repository } = splitReference(reference);
  const kind = imageKind(reference);
  const layers = ['a', 'b', 'c', 'd'].slice(0, kind === 'k3s' ? 2 : 4).map(layer => digest(`${layer} ${familiar}`));
  const config = CONFIGS[kind];
  const id = digest(imageConfig({ config, layers }));
  const spread = Number.parseInt(id.slice(7, 11), 16) / 0xffff;
  return {
    id,
    tags: familiar.includes('@') ? [] : [familiar],
    digests: [`${repository}@${digest(`manifest ${familiar}`)}`],
    created,
    size: Math.round(SIZES[kind] * (0.9 + spread * 0.2)),
    layers,
    config,
    base: BASES[kind],
  };
}

function base(files: Record<string, string>): Files {
  const tree = new Files();
  for (const folder of [
    '/bin',
    '/dev',
    '/etc',
    '/home',
    '/proc',
    '/root',
    '/run',
    '/sys',
    '/tmp',
    '/usr',
    '/var/log',
  ]) {
    tree.makeDirectory(folder);
  }
  tree.write('/bin/sh', '', 0o755);
  for (const [path, text] of Object.entries(files)) tree.write(path, text, path.startsWith('/etc') ? 0o644 : 0o755);
  return tree;
}
