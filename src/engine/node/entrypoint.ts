import type { ContainerFile } from '../../docker/docker.ts';
import type { EngineInfo } from '../../docker/types.ts';

/** k3d recognises a node that uses entry point scripts by this path (pkg/runtimes/docker/translate.go). */
export const ENTRYPOINT_PATH = '/bin/k3d-entrypoint.sh';
const SCRIPT_MODE = 0o744;
/**
 * A node that starts with the first of these files runs k3s only when the second is there: its container can come up
 * while its server does. What is held is the one start that follows, and for a minute at most.
 */
const HOLD_PATH = '/bin/k3d-hold';
const GO_PATH = '/bin/k3d-go';

/** Which scripts a node gets; k3d's fixes (pkg/types/fixes/fixes.go). */
export interface EntrypointFixes {
  /** Frees the root cgroup so that k3s may manage it. Needed with cgroup v2. */
  cgroupV2: boolean;
  /** Lets pods reach Docker's DNS through the network's gateway. */
  dns: boolean;
  /** Makes / a shared mount, so that mounts propagate to pods. */
  mounts: boolean;
}

/** Which fixes this engine needs. A set K3D_FIX_* is taken as k3d takes it: a parsed boolean, anything else off. */
export function entrypointFixes(
  { env, engine }: { env: NodeJS.ProcessEnv; engine: Pick<EngineInfo, 'CgroupVersion' | 'Name'> },
  hostNetwork: boolean,
): EntrypointFixes {
  const told = (name: string): boolean | undefined => {
    const value = env[name];
    return value === undefined ? undefined : /^(1|t|true)$/i.test(value);
  };
  return {
    cgroupV2: told('K3D_FIX_CGROUPV2') ?? engine.CgroupVersion === '2',
    dns: !hostNetwork && (told('K3D_FIX_DNS') ?? !/colima/i.test(engine.Name)),
    mounts: told('K3D_FIX_MOUNTS') ?? true,
  };
}

/**
 * The files a node needs before it starts: the entry point and one script per fix. Empty when no fix is on, as then
 * the image's own entry point runs.
 * @param hostIP address of the host as nodes reach it; empty: the network's gateway
 */
export function entrypointFiles(fixes: EntrypointFixes, hostIP = ''): ContainerFile[] {
  if (!usesEntrypoint(fixes)) return [];
  const file = (name: string, content: string): ContainerFile => ({ path: `/bin/${name}`, content, mode: SCRIPT_MODE });
  return [
    ...(fixes.cgroupV2 ? [file('k3d-entrypoint-cgroupv2.sh', CGROUP_V2)] : []),
    ...(fixes.dns ? [file('k3d-entrypoint-dns.sh', GATEWAY + DNS)] : []),
    ...(fixes.mounts ? [file('k3d-entrypoint-mounts.sh', MOUNTS)] : []),
    file('k3d-entrypoint-hosts.sh', GATEWAY + HOSTS.replace('@HOST_IP@', hostIP)),
    { path: ENTRYPOINT_PATH, content: MAIN, mode: SCRIPT_MODE },
  ];
}

/** Put in beside the entry point, before a start. */
export const holdFile: ContainerFile = { path: HOLD_PATH, content: '', mode: 0o644 };
/** Put in to let it go on. */
export const goFile: ContainerFile = { path: GO_PATH, content: '', mode: 0o644 };

/** True when nodes start through the entry point script. */
export function usesEntrypoint(fixes: EntrypointFixes): boolean {
  return fixes.cgroupV2 || fixes.dns || fixes.mounts;
}

/** Sets $gateway from the kernel's own table, so that nothing has to be known before the network exists. */
const GATEWAY = `#!/bin/sh
set -eu
gateway=''
while read -r _ destination hex _; do
  if [ "$destination" = 00000000 ] && [ "$hex" != 00000000 ]; then
    a=\${hex%??????}; rest=\${hex#??}; b=\${rest%????}; rest=\${rest#??}; c=\${rest%??}; d=\${rest#??}
    gateway=$(printf '%d.%d.%d.%d' "0x$d" "0x$c" "0x$b" "0x$a")
    break
  fi
done < /proc/net/route
if [ -z "$gateway" ]; then
  echo 'no default route: nothing to do'
  exit 0
fi
`;

/**
 * Docker's DNS listens on 127.0.0.11 in the node, which pods cannot reach. Its redirect rules are rewritten to hold for
 * the gateway's address and for what arrives from pods, and resolv.conf (which CoreDNS forwards to) names the gateway.
 */
const DNS = `
docker_dns=127.0.0.11
if ! grep -q "$docker_dns" /etc/resolv.conf; then
  echo "resolv.conf does not name $docker_dns: nothing to do"
  exit 0
fi
rules=$(iptables-save)
if echo "$rules" | grep -q -e "-d $docker_dns"; then
  echo "$rules" | sed \\
    -e "s/-d $docker_dns/-d $gateway/g" \\
    -e "s/--to-source :53/--to-source $gateway:53/g" \\
    -e '/^-A OUTPUT .*-j DOCKER_OUTPUT/{p;s/^-A OUTPUT/-A PREROUTING/;}' \\
    | iptables-restore
fi
# The file is a mount point: it can be rewritten, not replaced.
names=$(sed "s/$docker_dns/$gateway/g" /etc/resolv.conf)
echo "$names" > /etc/resolv.conf
echo "nodes and pods ask $gateway for names"
`;

/** Docker writes /etc/hosts anew at every start of a container, so the name is put back at every start. */
const HOSTS = `
host_ip=@HOST_IP@
grep -q ' host.k3d.internal$' /etc/hosts || echo "\${host_ip:-$gateway} host.k3d.internal" >> /etc/hosts
`;

const MOUNTS = `#!/bin/sh
set -eu
mount --make-rshared /
`;

/** With cgroup v2 controllers can only be handed down by a group that holds no processes of its own. */
const CGROUP_V2 = `#!/bin/sh
set -eu
root=/sys/fs/cgroup
[ -f $root/cgroup.controllers ] || exit 0
mkdir -p $root/init
while read -r process; do
  echo "$process" > $root/init/cgroup.procs 2>/dev/null || true
done < $root/cgroup.procs
controllers=''
for controller in $(cat $root/cgroup.controllers); do
  controllers="$controllers +$controller"
done
echo "$controllers" > $root/cgroup.subtree_control
`;

/**
 * Runs the fixes, then k3s. A server that ran before was drained when it stopped, so it is uncordoned; on TERM it is
 * drained before k3s ends. Only servers have a kubeconfig that may do either (k3d #1420). Unlike k3d's, the trap is set
 * before k3s starts, so that a stop during start is heard, and a drain has a limit below Docker's patience.
 */
const MAIN = `#!/bin/sh
set -u
log=/var/log/k3d-entrypoints_$(date +%y%m%d%H%M%S).log
for script in /bin/k3d-entrypoint-*.sh; do
  echo "[$(date)] $script" >> "$log"
  if ! "$script" >> "$log" 2>&1; then
    echo "k3d entry point: $script failed:" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
done

role=\${1:-}
node=$(cat /etc/hostname)
k3s_pid=''
uncordon_pid=''

stop() {
  trap '' TERM INT QUIT HUP
  [ -n "$uncordon_pid" ] && kill "$uncordon_pid" 2>/dev/null
  if [ "$role" = server ] && [ -s /etc/rancher/k3s/k3s.yaml ]; then
    echo "k3d entry point: draining $node"
    # Where all servers stop, etcd loses its majority meanwhile, and no request is answered any more.
    kubectl drain "$node" --force --delete-emptydir-data --ignore-daemonsets --disable-eviction \\
      --timeout=\${K3DUI_DRAIN_TIMEOUT:-20s} --request-timeout=5s
  fi
  if [ -n "$k3s_pid" ]; then
    kill -TERM "$k3s_pid" 2>/dev/null
    wait "$k3s_pid"
  fi
  exit 0
}
trap stop TERM INT QUIT HUP

if [ -e ${HOLD_PATH} ]; then
  rm -f ${HOLD_PATH}
  tries=0
  until [ -e ${GO_PATH} ] || [ $tries -ge 300 ]; do
    tries=$((tries + 1))
    sleep 0.2
  done
fi
rm -f ${GO_PATH}

ran_before=''
[ -d /var/lib/rancher/k3s/server/db ] && ran_before=yes

/bin/k3s "$@" &
k3s_pid=$!

if [ "$role" = server ] && [ -n "$ran_before" ]; then
  # kubectl is dear, and k3s needs the processor now: not before the API's own port (6444) listens, or five seconds.
  (
    tries=0
    until grep -q ':192C .* 0A ' /proc/net/tcp /proc/net/tcp6 || [ $tries -ge 10 ]; do
      tries=$((tries + 1))
      sleep 0.5
    done
    until kubectl uncordon "$node" >/dev/null 2>&1; do sleep 1; done
  ) &
  uncordon_pid=$!
fi

wait "$k3s_pid"
exit $?
`;
