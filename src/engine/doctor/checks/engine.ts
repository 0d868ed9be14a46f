import { commandLine } from '../../../config/command-line.ts';
import { DEFAULT_K3S_IMAGE } from '../../../config/default-image.ts';
import { k3sVersionOf } from '../../../config/image.ts';
import type { EngineInfo, EngineVersion } from '../../../docker/types.ts';
import { formatBytes } from '../../../text.ts';
import { type Check, clusterCheck, engineCheck } from '../check.ts';
import type { Symptom } from '../finding.ts';
import { line } from '../remedies.ts';

/** k3d's documented minimum (k3d docs, Requirements): 20.10.5, whose API is 1.41. */
const OLDEST_API = '1.41';

/** Whether the engine speaks an API that k3d and k3dui need. */
function judgeApiVersion({ Version, ApiVersion }: Pick<EngineVersion, 'Version' | 'ApiVersion'>): Symptom[] {
  if (!/^\d+\.\d+$/.test(ApiVersion) || versionNumber(ApiVersion) >= versionNumber(OLDEST_API)) return [];
  return [
    {
      severity: 'warning',
      subject: 'Docker',
      message: `Docker ${Version} is older than k3d supports (20.10.5): its API is ${ApiVersion}`,
      evidence: [`GET /version: Version ${Version}, ApiVersion ${ApiVersion}; needed: ${OLDEST_API}`],
      remedy: line('update Docker', 'curl -fsSL https://get.docker.com | sh'),
    },
  ];
}

const versionNumber = (version: string): number => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
};

/** Kubernetes 1.35's kubelet ends on cgroup v1 unless told not to (KEP-4569, failCgroupV1). */
const REFUSES_V1 = [1, 35] as const;
/** k3s of before this version cannot run on cgroup v2 (k3s release notes of v1.20). */
const FIRST_ON_V2 = [1, 20] as const;

export interface CgroupFacts {
  cluster: string;
  cgroup: string;
  image: string;
  /** Command lines of its servers and agents. */
  args: string[][];
}

const GO_ON_CGROUP_V1 = '--kubelet-arg=fail-cgroupv1=false@server:*;agent:*';

/** Whether this k3s runs on this machine's cgroups. */
function judgeCgroup({ cluster, cgroup, image, args }: CgroupFacts): Symptom[] {
  const version = /^v(\d+)\.(\d+)/.exec(k3sVersionOf(image));
  if (!version) return [];
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const before = ([x, y]: readonly [number, number]) => major < x || (major === x && minor < y);
  const evidence = [`Docker's machine uses cgroup v${cgroup}`, `image ${image}`];
  const deleted = commandLine`k3dui cluster delete ${cluster}`;
  if (cgroup === '2' && before(FIRST_ON_V2)) {
    return [
      {
        severity: 'problem',
        subject: `k3s ${version[0]}`,
        message: `k3s ${version[0]} does not run on cgroup v2`,
        evidence,
        remedy: line(
          'make the cluster anew with k3s v1.20 or newer',
          `${deleted} && ${commandLine`k3dui cluster create ${cluster} --image ${DEFAULT_K3S_IMAGE}`}`,
        ),
      },
    ];
  }
  const told = args.every(words => words.some(word => /fail-cgroupv1=false/.test(word)));
  if (cgroup !== '1' || before(REFUSES_V1) || told) return [];
  return [
    {
      severity: 'problem',
      subject: `k3s ${version[0]}`,
      message: `kubelet of k3s ${version[0]} refuses cgroup v1`,
      evidence,
      remedy: line(
        'make the cluster anew with kubelet told to go on',
        `${deleted} && ${commandLine`k3dui cluster create ${cluster} --image ${image} --k3s-arg ${GO_ON_CGROUP_V1}`}`,
      ),
    },
  ];
}

/** Storage drivers on which k3s' own snapshotter has trouble. k3d docs, FAQ: btrfs, zfs. */
function judgeStorage({ Driver, DriverStatus = [] }: Pick<EngineInfo, 'Driver' | 'DriverStatus'>): Symptom[] {
  const status = DriverStatus.map(([name, value]) => `${name}: ${value}`);
  const evidence = [`storage driver ${Driver}`, ...status];
  const found = (severity: Symptom['severity'], message: string, remedy: Symptom['remedy']): Symptom[] => [
    { severity, subject: 'storage driver', message, evidence, remedy },
  ];
  const noTypes = DriverStatus.some(([name, value]) => /d_type/i.test(name) && value === 'false');
  if (noTypes) {
    return found(
      'problem',
      'the file system of Docker has no d_type: overlay file systems break in odd ways',
      line('make the file system anew with ftype=1', 'mkfs.xfs -n ftype=1 DEVICE   # then move /var/lib/docker there'),
    );
  }
  if (Driver === 'zfs') {
    return found(
      'warning',
      'containerd in the nodes cannot put an overlay on zfs',
      line(
        'make clusters with the native snapshotter',
        "k3dui cluster create NAME --k3s-arg '--snapshotter=native@server:*;agent:*'",
      ),
    );
  }
  if (Driver === 'btrfs') {
    return found(
      'warning',
      'on btrfs kubelet looks for the device of its file system, which nodes do not see',
      line('give the nodes the device mapper', 'k3dui cluster create NAME --volume /dev/mapper:/dev/mapper'),
    );
  }
  if (Driver === 'vfs' || Driver === 'devicemapper' || Driver === 'aufs') {
    return found(
      'warning',
      `storage driver ${Driver} is ${Driver === 'vfs' ? 'slow and copies every layer whole' : 'no longer supported by Docker'}`,
      line(
        'use overlay2',
        'echo \'{"storage-driver": "overlay2"}\' | sudo tee /etc/docker/daemon.json && sudo systemctl restart docker',
      ),
    );
  }
  return [];
}

/** k3s evicts pods when less than 5 % is free (k3s pkg/daemons/agent: eviction-hard). */
const EVICTS_BELOW = 0.05;
const SOON_BELOW = 0.1;

/** Whether Docker's disk has room. */
function judgeDisk({ total, free, root }: { total: number; free: number; root: string }): Symptom[] {
  const share = total > 0 ? free / total : 1;
  if (share >= SOON_BELOW) return [];
  const percent = `${(share * 100).toFixed(1)} %`;
  return [
    {
      severity: share < EVICTS_BELOW ? 'problem' : 'warning',
      subject: root,
      message:
        share < EVICTS_BELOW
          ? `Docker's disk is full (${percent} free): k3s evicts pods and takes no more images`
          : `Docker's disk is nearly full (${percent} free): below 5 % k3s evicts pods`,
      evidence: [`${root}: ${formatBytes(free)} free of ${formatBytes(total)}`],
      remedy: line('remove images and build caches that nothing uses', 'docker image prune && docker builder prune'),
    },
  ];
}

/** What a node takes of each when it does little; measured on k3s, rounded up. k3d #376: 128 instances end at 30 nodes. */
const INSTANCES_PER_NODE = 6;
const WATCHES_PER_NODE = 200;

/** Whether inotify's limits are enough for the nodes that run. */
function judgeInotify(facts: { instances: number; watches: number; nodes: number }): Symptom[] {
  const { instances, watches, nodes } = facts;
  const needed = { instances: nodes * INSTANCES_PER_NODE, watches: nodes * WATCHES_PER_NODE };
  const short = instances < needed.instances || watches < needed.watches;
  if (!short) return [];
  const command = 'sudo sysctl -w fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=1048576';
  return [
    {
      severity: 'warning',
      subject: 'inotify',
      message: `the kernel's inotify limits are low for ${nodes} node${nodes === 1 ? '' : 's'}: "too many open files" comes next`,
      evidence: [
        `fs.inotify.max_user_instances = ${instances} (about ${needed.instances} needed)`,
        `fs.inotify.max_user_watches = ${watches} (about ${needed.watches} needed)`,
      ],
      remedy: line('raise the limits (a file in /etc/sysctl.d keeps them)', command),
    },
  ];
}

export interface ModuleFacts {
  /** /proc/filesystems */
  filesystems: string | undefined;
  /** Whether bridges pass packets through iptables. */
  bridge: boolean;
  conntrack: boolean;
  /** Errors of containers that Docker could not start. */
  errors: string[];
}

/** What the kernel lacks. */
function judgeModules({ filesystems, bridge, conntrack, errors }: ModuleFacts): Symptom[] {
  const found: Symptom[] = [];
  const add = (module: string, severity: Symptom['severity'], message: string, evidence: string[]) =>
    found.push({
      severity,
      subject: module,
      message,
      evidence,
      remedy: line(`load ${module}`, commandLine`sudo modprobe ${module}`),
    });
  if (filesystems !== undefined && !/\boverlay\b/.test(filesystems)) {
    add('overlay', 'problem', 'the kernel has no overlay file system: containerd cannot unpack images', [
      '/proc/filesystems does not name overlay',
    ]);
  }
  if (!bridge) {
    add('br_netfilter', 'warning', 'br_netfilter is not loaded: pods may not reach Services on their own node', [
      '/proc/sys/net/bridge/bridge-nf-call-iptables is not there',
    ]);
  }
  if (!conntrack) {
    add('nf_conntrack', 'problem', 'nf_conntrack is not loaded: kube-proxy cannot forward to pods', [
      '/proc/sys/net/netfilter/nf_conntrack_max is not there',
    ]);
  }
  const veth = errors.find(error => /veth|operation not supported/i.test(error));
  if (veth) {
    found.push({
      severity: 'problem',
      subject: 'kernel',
      message: 'the kernel cannot make network devices: it was probably updated, and the machine not started since',
      evidence: [veth],
      remedy: line('start the machine again', 'sudo reboot'),
    });
  }
  return found;
}

/** Tokens and certificates go wrong when clocks differ by more. */
const SKEW_LIMIT = 30_000;

/** How far Docker's clock and ours are apart; nodes have Docker's. */
function judgeClock({ theirs, ours }: { theirs: number; ours: number }): Symptom[] {
  const skew = theirs - ours;
  if (!Number.isFinite(skew) || Math.abs(skew) < SKEW_LIMIT) return [];
  const seconds = Math.round(Math.abs(skew) / 1000);
  return [
    {
      severity: Math.abs(skew) > 5 * 60_000 ? 'problem' : 'warning',
      subject: 'clock',
      message: `Docker's clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's: certificates and tokens may not be valid yet or any more`,
      evidence: [`Docker: ${new Date(theirs).toISOString()}`, `here: ${new Date(ours).toISOString()}`],
      remedy: line(
        "set the clock of Docker's machine",
        'docker run --rm --privileged --pid=host alpine nsenter -t 1 -m -u -n -i hwclock --hctosys',
      ),
    },
  ];
}

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;

export const ENGINE_CHECKS: readonly Check[] = [
  engineCheck('engine.api', 'engine', "Docker's version and API", subject => subject.version(), judgeApiVersion),
  clusterCheck(
    'engine.cgroup',
    'engine',
    'cgroup version against k3s version',
    async subject => {
      const { info } = await subject.info();
      const [first] = subject.nodes;
      if (!first) return undefined;
      const inspects = await Promise.all(subject.nodes.map(node => subject.inspect(node)));
      return {
        cluster: subject.cluster.name,
        cgroup: info.CgroupVersion ?? '1',
        image: first.image,
        args: inspects.map(({ Path, Args }) => [Path, ...Args]),
      };
    },
    judgeCgroup,
  ),
  engineCheck('engine.storage', 'engine', 'storage driver', async subject => (await subject.info()).info, judgeStorage),
  engineCheck(
    'engine.disk',
    'engine',
    "space on Docker's disk",
    async subject => {
      const disk = await subject.dockerDisk();
      return disk && { ...disk, root: (await subject.info()).info.DockerRootDir };
    },
    judgeDisk,
  ),
  engineCheck(
    'engine.inotify',
    'engine',
    'inotify limits against the number of nodes',
    async subject => {
      const [instances, watches] = await Promise.all([
        subject.machineFile('/proc/sys/fs/inotify/max_user_instances'),
        subject.machineFile('/proc/sys/fs/inotify/max_user_watches'),
      ]);
      const [some, many] = [number(instances), number(watches)];
      if (some === undefined || many === undefined) return undefined;
      const nodes = subject.snapshot.nodes.filter(
        ({ running, role }) => running && (role === 'server' || role === 'agent'),
      ).length;
      return { instances: some, watches: many, nodes };
    },
    judgeInotify,
  ),
  engineCheck(
    'engine.modules',
    'engine',
    'kernel modules',
    async subject => {
      const [filesystems, bridge, conntrack] = await Promise.all([
        subject.machineFile('/proc/filesystems'),
        subject.machineFile('/proc/sys/net/bridge/bridge-nf-call-iptables'),
        subject.machineFile('/proc/sys/net/netfilter/nf_conntrack_max'),
      ]);
      const ended = subject.snapshot.nodes.filter(({ state }) => state === 'exited' || state === 'created');
      const inspects = await Promise.all(ended.map(node => subject.inspect(node)));
      const errors = inspects.map(({ State }) => State.Error).filter(error => error !== '');
      // Without /proc/filesystems nothing of the machine can be seen from here.
      const seen = filesystems !== undefined && (await subject.window()) !== undefined;
      return {
        filesystems,
        bridge: !seen || bridge !== undefined,
        conntrack: !seen || conntrack !== undefined,
        errors,
      };
    },
    judgeModules,
  ),
  engineCheck(
    'engine.clock',
    'engine',
    "Docker's clock against this machine's",
    async subject => {
      const { info, at } = await subject.info();
      return info.SystemTime === undefined ? undefined : { theirs: Date.parse(info.SystemTime), ours: at };
    },
    judgeClock,
  ),
];
