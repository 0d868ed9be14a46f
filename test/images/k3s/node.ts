import { cpus, networkInterfaces, release, totalmem } from 'node:os';
import { type KubeObject, stamp } from './objects.ts';
import { version } from './paths.ts';

/** What a node tells of itself when it registers. */
export interface NodeDescription {
  name: string;
  role: 'server' | 'agent';
  etcd: boolean;
  ip: string;
  labels: Record<string, string>;
  taints: { key: string; value?: string; effect: string }[];
  args: string[];
  ready: boolean;
}

/** This machine's first outside IPv4 address. */
export function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces()))
    for (const a of addresses ?? []) if (a.family === 'IPv4' && !a.internal) return a.address;
  return '127.0.0.1';
}

/** `--node-label a=b` values as labels. */
export function parseLabels(values: string[]): Record<string, string> {
  return Object.fromEntries(
    values.flatMap(v => v.split(',')).map(v => [v.split('=')[0] ?? '', v.split('=').slice(1).join('=')]),
  );
}

/** `--node-taint key=value:effect` values as taints. */
export function parseTaints(values: string[]): NodeDescription['taints'] {
  return values.map(v => {
    const [, key = v, , value, effect = 'NoSchedule'] = /^([^=:]+)(=([^:]*))?:(.+)$/.exec(v) ?? [];
    return { key, ...(value !== undefined && { value }), effect };
  });
}

function redactedEnvironment(): string {
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('K3S_'));
  return JSON.stringify(
    Object.fromEntries(own.map(([name, value]) => [name, name === 'K3S_TOKEN' ? '********' : value])),
  );
}

/** The five conditions a kubelet reports. */
export function conditions(ready: boolean, now = stamp()): Record<string, string>[] {
  const sound = (type: string, reason: string, message: string) => ({ type, status: 'False', reason, message });
  return [
    sound('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    sound('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    sound('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    ready
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'container runtime network not ready' },
  ].map(c => ({ ...c, lastHeartbeatTime: now, lastTransitionTime: now }));
}

function roleLabels(node: NodeDescription): Record<string, string> {
  if (node.role === 'agent') return {};
  const roles = ['control-plane', 'master', ...(node.etcd ? ['etcd'] : [])];
  return Object.fromEntries(roles.map(role => [`node-role.kubernetes.io/${role}`, 'true']));
}

/** The Node object a kubelet registers. */
export function nodeObject(node: NodeDescription): KubeObject {
  const resources = { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/instance-type': 'k3s',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': 'k3s',
        ...roleLabels(node),
        ...node.labels,
      },
      annotations: {
        'flannel.alpha.coreos.com/public-ip': node.ip,
        'k3s.io/hostname': node.name,
        'k3s.io/internal-ip': node.ip,
        'k3s.io/node-args': JSON.stringify(node.args),
        'k3s.io/node-env': redactedEnvironment(),
      },
    },
    spec: { providerID: `k3s://${node.name}`, ...(node.taints.length > 0 && { taints: node.taints }) },
    status: {
      addresses: [
        { type: 'InternalIP', address: node.ip },
        { type: 'Hostname', address: node.name },
      ],
      allocatable: resources,
      capacity: resources,
      conditions: conditions(node.ready),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      images: [],
      nodeInfo: {
        architecture: 'amd64',
        containerRuntimeVersion: 'containerd://1.7.23-k3s2',
        kernelVersion: release(),
        kubeProxyVersion: version(),
        kubeletVersion: version(),
        operatingSystem: 'linux',
        osImage: 'K3s stand-in',
        bootID: '',
        machineID: '',
        systemUUID: '',
      },
    },
  };
}
