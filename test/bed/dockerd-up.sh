#!/bin/sh
# Sees to it that a Docker engine answers: uses the one that is there, else installs Debian's and starts it.
# Safe to run again: with an engine up it only asks it once.
#
# Exit codes: 0 an engine answers; 3 there is none and this machine is not one where this script would install one
# (it does so only as root on Debian or its kin); 1 installing or starting it failed, the reason is on stderr.
set -u
socket=/var/run/docker.sock
log=/var/log/dockerd-test.log
say() { echo "dockerd-up: $*" >&2; }
answers() { curl -sf -m 3 --unix-socket "$socket" http://docker/_ping >/dev/null 2>&1; }

case ${DOCKER_HOST:-} in
  '' | "unix://$socket" | unix:///run/docker.sock) ;;
  unix://*)
    socket=${DOCKER_HOST#unix://}
    answers && exit 0
    say "no engine answers on $DOCKER_HOST, and only one on /var/run/docker.sock would be started here"
    exit 3
    ;;
  *) say "DOCKER_HOST is $DOCKER_HOST, which is not for this script to start"; exit 3 ;;
esac
answers && exit 0
[ "$(id -u)" = 0 ] || { say "no engine answers on $socket, and only root can install one"; exit 3; }
command -v apt-get >/dev/null 2>&1 || { say "no engine answers on $socket, and without apt-get none can be installed"; exit 3; }

# Never a second engine beside one that is there but silent: they would take each other's networks away.
other=$(cat /var/run/docker.pid 2>/dev/null)
if [ -n "$other" ] && kill -0 "$other" 2>/dev/null; then
  say "an engine is running (process $other) but does not answer on $socket"
  exit 1
fi

# What is missing. iptables: the engine makes its networks with it. procps: sysctl.
missing=''
for pair in dockerd:docker.io curl:curl iptables:iptables sysctl:procps; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>"$log.apt" </dev/null; }
if [ -n "$missing" ]; then
  say "installing$missing"
  # policy-rc.d keeps the package from starting an engine of its own, which lacks the settings below.
  held=''
  [ -e /usr/sbin/policy-rc.d ] || { held=yes; printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; }
  install || { apt-get update -qq >/dev/null 2>&1 </dev/null; install; } || failed=yes
  [ -n "$held" ] && rm -f /usr/sbin/policy-rc.d
  [ -n "${failed:-}" ] && { say "apt-get could not install$missing:"; tail -5 "$log.apt" >&2; exit 1; }
  answers && exit 0
fi

# Each k3s node takes tens of inotify instances; the usual 128 are gone after about three nodes.
sysctl -qw fs.inotify.max_user_instances=8192 fs.inotify.max_user_watches=524288 2>/dev/null || true

# Machines that boot without an init often have no cgroups mounted.
if [ -z "$(ls -A /sys/fs/cgroup 2>/dev/null)" ]; then mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null || true; fi

# A privileged container, which every k3s node is, asks for all capabilities. Where this machine's own have been cut,
# runc refuses to start one; so it gets a runc in front that asks only for what there is (see runc-within-bounds.sh).
config=$(mktemp)
bounding=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
last=$(cat /proc/sys/kernel/cap_last_cap 2>/dev/null || echo 40)
all=$(printf '%016x' $(((1 << (last + 1)) - 1)))
if [ "$bounding" = "$all" ]; then
  printf '{}' >"$config"
else
  say "this machine lacks some capabilities: privileged containers will go without them"
  wrapper=/usr/local/lib/k3dui-runc-within-bounds
  cp "$(dirname "$0")/runc-within-bounds.sh" "$wrapper" && chmod 755 "$wrapper"
  printf '{"runtimes":{"within-bounds":{"path":"%s"}},"default-runtime":"within-bounds"}' "$wrapper" >"$config"
fi

start() {
  rm -f /var/run/docker.pid
  setsid nohup dockerd --config-file "$config" -H "unix://$socket" "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  for _ in $(seq 150); do
    answers && return 0
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.2
  done
  kill "$pid" 2>/dev/null
  return 1
}
say "starting dockerd, log in $log"
start && exit 0
# overlay2 cannot lie on another overlay, as in a container; vfs can lie anywhere, only slower.
grep -qi 'overlay\|graphdriver' "$log" && say "trying again with the vfs storage driver" && start --storage-driver vfs && exit 0
say "the engine did not come up:"
tail -20 "$log" >&2
exit 1
