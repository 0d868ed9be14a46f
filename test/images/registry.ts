import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackages } from './debian.ts';
import type { Recipe } from './recipe.ts';
import { furnish, link, linkBusybox, put } from './rootfs.ts';

const configuration = `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`;

const entrypoint = `#!/bin/sh
case "$1" in *.yaml|*.yml) set -- registry serve "$@" ;; serve|garbage-collect|--*) set -- registry "$@" ;; esac
exec "$@"
`;

/** The registry's image: Debian's own docker-registry, set up as registry:2 is. */
export const registry: Recipe = {
  tags: ['k3dui-test/registry:1'],
  parts: [configuration, entrypoint, '1'],
  config: [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'VOLUME /var/lib/registry',
    'EXPOSE 5000',
    'ENTRYPOINT ["/entrypoint.sh"]',
    'CMD ["/etc/docker/registry/config.yml"]',
  ],
  make() {
    const root = unpackPackages(['docker-registry', 'libc6', 'busybox-static']);
    furnish(root);
    mkdirSync(join(root, 'var/lib/registry'), { recursive: true });
    put(root, 'etc/docker/registry/config.yml', configuration);
    put(root, 'entrypoint.sh', entrypoint, 0o755);
    link(root, 'usr/bin/registry', 'docker-registry');
    linkBusybox(root);
    return root;
  },
};
