/** Where the load balancer's own entry point lies in its container. */
export const LB_SCRIPT_PATH = '/usr/bin/k3dui-serverlb';
export const LB_SCRIPT_MODE = 0o755;

/**
 * Entry point of the load balancer. k3d-proxy's own sleeps three times two seconds before nginx starts and starts
 * confd's watch beside nginx, whose reload then races nginx's pid file (k3d #1649). Here nginx starts at once on the
 * configuration that is already in the container, and confd's watch (which k3d's live changes need) follows when nginx
 * has its pid file.
 *
 * nginx refuses to start when one upstream's name does not resolve, and Docker only resolves running containers. So
 * lines of names that do not resolve are commented out, never removed; `refresh` looks again and reloads when
 * something changed. A bounded watch does that by itself after a start, since after a reboot Docker starts the
 * containers in any order.
 */
export const LB_SCRIPT = `#!/bin/sh
conf=/etc/nginx/nginx.conf
mark='#unresolved'
pid_file=/var/run/nginx.pid

resolves() {
  if command -v getent >/dev/null 2>&1; then
    getent hosts "$1" >/dev/null 2>&1
  elif command -v nslookup >/dev/null 2>&1; then
    nslookup "$1" >/dev/null 2>&1
  fi
}

# Reads a configuration, writes it with the lines of unresolvable names commented out and all others live.
# An upstream that would be empty refuses connections instead of keeping nginx from starting.
adjust() {
  inside='' live=''
  while IFS= read -r line || [ -n "$line" ]; do
    set -f; set -- $line; set +f
    [ "$1" = "$mark" ] && shift
    case "$1:$2" in
      server:127.0.0.1:1*) continue ;;
      server:*:*[0-9])
        host=\${2%:*}
        if resolves "$host"; then
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

refresh() {
  next=$conf.next
  adjust > "$next"
  if [ "$1" = force ] || ! cmp -s "$next" "$conf" 2>/dev/null; then
    cp "$conf" "$conf.previous"
    cat "$next" > "$conf"
    if ! nginx -t >/dev/null 2>&1; then
      nginx -t
      cat "$conf.previous" > "$conf"
      return 1
    fi
    [ -s "$pid_file" ] && nginx -s reload
  fi
  rm -f "$next" "$conf.previous"
}

watch_names() {
  pause=1
  while unresolved && [ $pause -lt 60 ]; do
    sleep $pause
    pause=$((pause * 2))
    refresh
  done
}

after_start() {
  tries=0
  until [ -s "$pid_file" ] || [ $tries -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  if command -v confd >/dev/null 2>&1 && [ -f /etc/confd/conf.d/nginx.toml ]; then
    confd -watch -backend file -file /etc/confd/values.yaml -log-level warn &
  fi
  unresolved && watch_names
}

case "$1" in
  refresh) refresh "$2"; exit $? ;;
esac

adjust > "$conf.next" && cat "$conf.next" > "$conf" && rm -f "$conf.next"
rm -f "$pid_file"
after_start &
exec nginx -g 'daemon off;'
`;
