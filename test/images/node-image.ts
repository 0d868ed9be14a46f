import { copyFileSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { unpackPackages } from './debian.ts';
import type { Recipe } from './recipe.ts';
import { furnish, link, linkBusybox, put } from './rootfs.ts';

/** The versions of k3s the stand-in comes as; the first is the default. */
const versions = ['v1.31.5+k3s1', 'v1.30.0+k3s1'];
const entry = join(import.meta.dirname, 'k3s/main.ts');

/** The stand-in as one file that /bin/k3s, kubectl, crictl and ctr all are. */
function bundle(): string {
  const result = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}

/** Real iptables where the kernel lets them; where not, say nothing and do no harm, for an entry point must go on. */
const iptables = (name: string) => `#!/bin/sh
for variant in nft legacy; do
  [ "${name}" = iptables-restore ] && { rules=$(cat); break; }
  out=$(/usr/sbin/xtables-$variant-multi ${name} "$@" 2>/dev/null) && case $out in *DOCKER*|*127.0.0.11*) echo "$out"; exit 0 ;; esac
done
[ -n "$rules" ] || exit 0
for variant in nft legacy; do
  case $(/usr/sbin/xtables-$variant-multi iptables-save 2>/dev/null) in
    *DOCKER*) echo "$rules" | /usr/sbin/xtables-$variant-multi ${name} "$@" && exit 0 ;;
  esac
done
exit 0
`;

const environment = [
  'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/bin/aux',
  'ENV CRI_CONFIG_FILE=/var/lib/rancher/k3s/agent/etc/crictl.yaml',
  'VOLUME /var/lib/kubelet',
  'VOLUME /var/lib/rancher/k3s',
  'VOLUME /var/lib/cni',
  'VOLUME /var/log',
  'ENTRYPOINT ["/bin/k3s"]',
  'CMD ["agent"]',
];

/** containerd and ctr go where k3s has its own, out of the PATH; what starts containers is not needed, as none is started. */
function placeContainerd(root: string): void {
  for (const name of ['containerd', 'ctr']) renameSync(join(root, 'usr/bin', name), join(root, 'usr/lib/k3s', name));
  for (const name of ['containerd-shim', 'containerd-shim-runc-v1', 'containerd-shim-runc-v2', 'containerd-stress'])
    rmSync(join(root, 'usr/bin', name), { force: true });
}

/** Node itself on Debian's C library, containerd and the small tools a k3s node has: the layer that seldom changes. */
const base: Recipe = {
  tags: ['k3dui-test/node-base:1'],
  parts: [process.version, iptables('iptables-save'), '2'],
  config: [],
  make() {
    const names =
      'libc6 libstdc++6 libgcc-s1 containerd busybox-static libc-bin iptables libxtables12 libmnl0 libnftnl11 libip4tc2 libip6tc2 libnetfilter-conntrack3 libnfnetlink0';
    const root = unpackPackages(names.split(' '));
    furnish(root);
    mkdirSync(join(root, 'usr/lib/k3s'), { recursive: true });
    copyFileSync(realpathSync(process.execPath), join(root, 'usr/lib/k3s/node'));
    placeContainerd(root);
    for (const name of ['iptables-save', 'iptables-restore']) put(root, `bin/aux/${name}`, iptables(name), 0o755);
    link(root, 'bin/aux/iptables', '/usr/sbin/xtables-nft-multi');
    linkBusybox(root);
    return root;
  },
};

/** The recipes of the node images: their base, and the stand-in for k3s once for each version. */
export function nodeImages(): Recipe[] {
  const program = `#!/usr/lib/k3s/node\n${bundle()}`;
  const layers = versions.map(version => ({
    tags: [`k3dui-test/k3s:${version.replace('+', '-')}`],
    from: 'k3dui-test/node-base:1',
    parts: [program, version],
    config: environment,
    files: { 'usr/bin/k3s': program, 'usr/lib/k3s/version': `${version}\n` },
    links: { 'usr/bin/kubectl': 'k3s', 'usr/bin/crictl': 'k3s', 'usr/bin/ctr': 'k3s' },
  }));
  return [base, ...layers];
}
