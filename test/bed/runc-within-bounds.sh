#!/bin/sh
# Stands before runc on a machine whose capabilities have been cut: takes those that are missing out of what is asked for,
# both when a container is created (config.json of its bundle) and when a process is started in one (`exec --process FILE`),
# then becomes the real runc.
names='CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT
SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'

runc=/usr/sbin/runc
[ -x "$runc" ] || runc=/usr/bin/runc
bundle='' process='' previous=''
for argument in "$@"; do
  case $previous in
    --bundle | -b) bundle=$argument ;;
    --process | -p) process=$argument ;;
  esac
  case $argument in --process=*) process=${argument#*=} ;; --bundle=*) bundle=${argument#*=} ;; esac
  previous=$argument
done
file=${process:-${bundle:+$bundle/config.json}}
if [ -n "$file" ] && [ -f "$file" ]; then
  while read -r field value; do [ "$field" = CapBnd: ] && break; done </proc/self/status
  script='' bit=0
  for name in $names; do
    [ $(((0x$value >> bit) & 1)) = 1 ] || script="${script}s/\"CAP_$name\",\{0,1\}//g;"
    bit=$((bit + 1))
  done
  [ -n "$script" ] && sed -i "${script}s/,\]/]/g" "$file"
fi
exec "$runc" "$@"
