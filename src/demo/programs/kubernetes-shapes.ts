import { type KubeObject, makeObject, now } from './kubernetes-objects.ts';

/** Where pods do not listen on their Service's own port. */
const TARGETS: Record<string, number> = { 'traefik 80': 8000, 'traefik 443': 8443, 'kubernetes 443': 6443 };
/** Services that are not named as the pods they select. */
const APPS: Record<string, string> = { 'kube-dns': 'coredns', 'metrics-server': 'metrics' };

/** An object's `spec`, taken as what its kind says. */
export const specOf = <Spec>({ spec }: KubeObject): Spec => (spec ?? {}) as Spec;

export const podIsReady = ({ status }: KubeObject): boolean =>
  ((status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? []).some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  );

export function service(
  name: string,
  namespace: string,
  clusterIP: string,
  ports: number[],
  type = 'ClusterIP',
): KubeObject {
  const list = ports.map(port => ({
    name: `p${port}`,
    port,
    targetPort: TARGETS[`${name} ${port}`] ?? port,
    protocol: 'TCP',
  }));
  return makeObject('services', name, namespace, {
    spec: { type, clusterIP, ports: list, ...(name === 'kubernetes' ? {} : { selector: { app: APPS[name] ?? name } }) },
    status: { loadBalancer: {} },
  });
}

export function nodeLabels(name: string, role: 'server' | 'agent', etcd: boolean): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': 'k3s',
    ...(role === 'server'
      ? { 'node-role.kubernetes.io/control-plane': 'true', 'node-role.kubernetes.io/master': 'true' }
      : {}),
    ...(role === 'server' && etcd ? { 'node-role.kubernetes.io/etcd': 'true' } : {}),
  };
}

export function nodeStatus(name: string, ip: string, kubeletVersion: string, up: boolean): object {
  const resources = { cpu: '4', memory: '16384000Ki', pods: '110', 'ephemeral-storage': '100000000Ki' };
  const at = now();
  const pressure = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].map(type => ({
    type,
    status: up ? 'False' : 'Unknown',
    lastHeartbeatTime: at,
    lastTransitionTime: at,
    reason: 'Kubelet',
    message: '',
  }));
  const ready = up
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : {
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      };
  return {
    addresses: [
      { address: ip, type: 'InternalIP' },
      { address: name, type: 'Hostname' },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: [...pressure, { ...ready, lastHeartbeatTime: at, lastTransitionTime: at }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'containerd://2.1.4-k3s1',
      kernelVersion: '6.8.0-demo',
      kubeProxyVersion: kubeletVersion,
      kubeletVersion,
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'K3s dev',
      systemUUID: '',
    },
  };
}
