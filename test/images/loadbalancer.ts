import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackages } from './debian.ts';
import type { Recipe } from './recipe.ts';
import { furnish, linkBusybox, put } from './rootfs.ts';

/**
 * Debian's nginx has `stream` as a module to load, and k3d's nginx.conf (written for an nginx that has it built in) has no
 * load_module line. This stands before nginx and adds it, joined with a `-g` of the caller's, of which nginx takes only one.
 */
const wrapper = `#!/bin/sh
globals='load_module /usr/lib/nginx/modules/ngx_stream_module.so;'
left=$#
while [ "$left" -gt 0 ]; do
  case $1 in
    -g) globals="$globals $2"; shift 2; left=$((left - 2)) ;;
    *) set -- "$@" "$1"; shift; left=$((left - 1)) ;;
  esac
done
exec /usr/lib/nginx/nginx -g "$globals" "$@"
`;

/** What the true image's entry point is called; here it only starts nginx. */
const start = `#!/bin/sh
exec nginx -g 'daemon off;'
`;

/** The load balancer's image: Debian's own nginx with the stream module. No confd. */
export const loadBalancer: Recipe = {
  tags: ['k3dui-test/loadbalancer:1'],
  parts: [wrapper, start, '1'],
  config: [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'ENTRYPOINT ["/bin/sh","-c","nginx-proxy"]',
    'EXPOSE 80',
    'STOPSIGNAL SIGQUIT',
  ],
  make() {
    const root = unpackPackages(
      'nginx nginx-common libnginx-mod-stream libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g busybox-static libc-bin'.split(
        ' ',
      ),
    );
    furnish(root);
    renameSync(join(root, 'usr/sbin/nginx'), join(root, 'usr/lib/nginx/nginx'));
    put(root, 'usr/sbin/nginx', wrapper, 0o755);
    put(root, 'usr/local/bin/nginx-proxy', start, 0o755);
    for (const folder of ['var/log/nginx', 'var/lib/nginx', 'etc/confd'])
      mkdirSync(join(root, folder), { recursive: true });
    if (!existsSync(join(root, 'etc/nginx'))) mkdirSync(join(root, 'etc/nginx'));
    linkBusybox(root);
    return root;
  },
};
