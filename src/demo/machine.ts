/** The pretended machine on which the engine runs: what tests break to see whether it is noticed. */
export class Machine {
  version = '27.5.1';
  apiVersion = '1.47';
  cgroupVersion: '1' | '2' = '2';
  storageDriver = 'overlay2';
  storageStatus: [string, string][] = [
    ['Backing Filesystem', 'extfs'],
    ['Supports d_type', 'true'],
    ['Using metacopy', 'false'],
    ['Native Overlay Diff', 'true'],
    ['userxattr', 'false'],
  ];
  /** Docker's disk, in KiB. */
  diskTotal = 240_000_000;
  diskFree = 150_000_000;
  /** How far its clock is ahead of the true time, in milliseconds. */
  clockSkew = 0;
  httpProxy = '';
  httpsProxy = '';
  noProxy = '';
  /** Files of the kernel, as every container sees them. */
  readonly files = new Map([
    ['/proc/sys/fs/inotify/max_user_instances', '1024\n'],
    ['/proc/sys/fs/inotify/max_user_watches', '1048576\n'],
    ['/proc/filesystems', 'nodev\tsysfs\nnodev\ttmpfs\nnodev\toverlay\n\text4\n'],
    ['/proc/sys/net/bridge/bridge-nf-call-iptables', '1\n'],
    ['/proc/sys/net/netfilter/nf_conntrack_max', '262144\n'],
  ]);
}
