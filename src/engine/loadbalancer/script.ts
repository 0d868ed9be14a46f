/** Where the load balancer's own entry point lies in its container. */
export const LB_SCRIPT_PATH = '/usr/bin/k3dui-serverlb';
export const LB_SCRIPT_MODE = 0o755;

/**
 * The lasting configuration of a load balancer that starts beside another to take its place. While it waits it is not
 * on the cluster's network, where names resolve, so its first nginx.conf holds addresses.
 */
export const NGINX_CONF_LATER_PATH = '/etc/nginx/nginx.conf.later';

/** A new configuration, beside nginx.conf itself: there the watch over names may at that moment put in what it made of the old one. */
export const NGINX_CONF_WANTED_PATH = '/etc/nginx/nginx.conf.wanted';

/**
 * Entry point of the load balancer. k3d-proxy's own sleeps three times two seconds before nginx starts and starts
 * confd's watch beside nginx, whose reload then races nginx's pid file (k3d #1649). Here nginx starts at once on the
 * configuration that is already in the container, and confd's watch (which k3d's live changes need) follows when nginx
 * has its pid file.
 *
 * nginx refuses to start when one upstream's name does not resolve, and Docker only resolves running containers. So
 * lines of names that do not resolve are commented out, never removed; `refresh` looks again and reloads when
 * something changed. A watch does that by itself, since after a reboot Docker starts the containers in any order.
 */
export const LB_SCRIPT = `#!/bin/sh
conf=/etc/nginx/nginx.conf
later=${NGINX_CONF_LATER_PATH}
wanted=${NGINX_CONF_WANTED_PATH}
mark='#unresolved'
known=/tmp/k3dui-resolved
lock=/tmp/k3dui-refreshing

# Looks up all upstream names at once and notes those that have an address. Docker answers for a running container at
# once; for any other name it asks the outer DNS, which may be out of reach, so a look-up has a limit.
look_up() {
  rm -rf $known
  mkdir -p $known
  looking=''
  for name in $(sed -n "s/^ *\\($1\\) *server \\([a-zA-Z0-9][^: ]*\\):[0-9]* .*/\\2/p" "$conf" | sort -u); do
    (timeout 2 getent hosts "$name" >/dev/null 2>&1 && : > "$known/$name") &
    looking="$looking $!"
  done
  # Not for all children: confd's watch never ends.
  [ -z "$looking" ] || wait $looking
}

# Prints the configuration with the lines of names that were not found commented out and all others live.
# An upstream that would be empty refuses connections instead of keeping nginx from starting.
adjusted() {
  inside='' live=''
  while IFS= read -r line || [ -n "$line" ]; do
    set -f; set -- $line; set +f
    [ "$1" = "$mark" ] && shift
    case "$1:$2" in
      server:127.0.0.1:1*) continue ;;
      server:*:*[0-9])
        if [ -f "$known/\${2%:*}" ]; then
          echo "    $*"; live=yes
        else
          echo "    $mark $*"
        fi
        continue ;;
      upstream:*) inside=yes live='' ;;
      '}:')
        if [ -n "$inside" ]; then
          [ -n "$live" ] || echo '    server 127.0.0.1:1;'
          inside=''
        fi ;;
    esac
    printf '%s\\n' "$line"
  done < "$conf"
}

unresolved() { grep -q "$mark" "$conf"; }

started() { [ -s /run/nginx.pid ] || [ -s /var/run/nginx.pid ]; }

# Only one at a time: the watch below and a command from outside may both want to. A lock that nobody gives back (its
# holder was killed) counts for five seconds.
refresh() {
  tries=0
  until mkdir $lock 2>/dev/null || [ $tries -ge 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  renew "$1"
  set -- $?
  rmdir $lock 2>/dev/null
  return $1
}

# $1: force = reload even when nothing changed, as an address may have. The file is replaced in one step, so that nobody
# reads half of it.
renew() {
  [ ! -f "$wanted" ] || mv "$wanted" "$conf"
  look_up "$mark\\|"
  adjusted > "$conf.next"
  if [ "$1" = force ] || ! cmp -s "$conf.next" "$conf"; then
    cp "$conf" "$conf.previous"
    mv "$conf.next" "$conf"
    if ! nginx -t -q; then
      mv "$conf.previous" "$conf"
      return 1
    fi
    ! started || nginx -s reload
  fi
  rm -f "$conf.next" "$conf.previous"
}

# After a reboot Docker starts containers in any order, and nodes come and go: look again, ever more seldom, while a name
# is missing.
watch_names() {
  pause=1
  while :; do
    sleep $pause
    if unresolved; then
      refresh
      [ $pause -ge 60 ] || pause=$((pause * 2))
    else
      pause=5
    fi
  done
}

# nginx runs on addresses and the cluster's network is yet to come. It is there when the routes change; then names
# resolve. The lasting configuration is put in place before, so that a restart finds it.
stand_by() {
  mv "$later" "$conf"
  tries=0
  while [ "$(cat /proc/net/route)" = "$1" ] && [ $tries -lt 600 ]; do
    tries=$((tries + 1))
    sleep 0.2
  done
  refresh force
}

after_start() {
  tries=0
  until started || [ $tries -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  [ -z "$standby" ] || stand_by "$routes"
  if command -v confd >/dev/null 2>&1 && [ -f /etc/confd/conf.d/nginx.toml ]; then
    confd -watch -backend file -file /etc/confd/values.yaml -log-level warn &
  fi
  watch_names
}

if [ "$1" = refresh ]; then
  refresh "$2"
  exit $?
fi

standby='' routes=''
if [ -f "$later" ]; then
  standby=yes
  routes=$(cat /proc/net/route)
else
  # Only names that were live are looked up before the start: the marked ones are known not to run yet.
  look_up ''
  adjusted > "$conf.next" && mv "$conf.next" "$conf"
fi
rm -rf $lock
rm -f /run/nginx.pid /var/run/nginx.pid
after_start &
exec nginx -g 'daemon off;'
`;
