import { between } from './ids.ts';
import { clusterOf } from './programs/k3s.ts';
import { K3sLog } from './programs/k3s-log.ts';
import type { Container } from './types.ts';
import type { World } from './world.ts';

const SERVER_LINES: [level: 'I' | 'W' | 'E', place: string, text: string][] = [
  ['I', 'controller.go:667', 'quota admission added evaluator for: replicasets.apps'],
  ['I', 'event.go:377', '"Event occurred" object="kube-system/traefik" kind="Service" reason="UpdatedLoadBalancer"'],
  ['I', 'trace.go:236', 'Trace[1298498081]: "Get" url:/api/v1/namespaces/kube-system/configmaps (total time: 502ms)'],
  ['I', 'replica_set.go:679', '"Finished syncing" kind="ReplicaSet" key="kube-system/coredns" duration="71.3µs"'],
  [
    'W',
    'garbagecollector.go:830',
    'failed to discover some groups: metrics.k8s.io/v1beta1: stale GroupVersion discovery',
  ],
  ['I', 'iptables.go:421', 'Some iptables rules are missing; deleting and recreating rules'],
];
const AGENT_LINES: typeof SERVER_LINES = [
  ['I', 'kubelet.go:2405', '"SyncLoop (PLEG): event for pod" event={"Type":"ContainerStarted"}'],
  ['I', 'pod_startup_latency_tracker.go:104', '"Observed pod startup duration" podStartSLOduration=1.204'],
  ['I', 'reconciler_common.go:251', '"operationExecutor.VerifyControllerAttachedVolume started for volume"'],
  ['W', 'machine.go:65', 'Cannot read vendor id correctly, set empty.'],
];

/** Keeps a demo alive: about every second a few nodes say something, now and then a cluster has an event. Returns what ends it. */
export function startPulse(world: World): () => void {
  let beats = 0;
  const timer = setInterval(() => {
    beats++;
    const lively = [...world.containers.values()].filter(container => container.program && container.listens);
    for (let i = 0; i < Math.max(1, lively.length / 3); i++) speak(lively[between(0, lively.length - 1)]);
    if (beats % 9 === 0) happen(lively[between(0, lively.length - 1)]);
  }, 1000);
  timer.unref();
  return () => clearInterval(timer);
}

function speak(container: Container | undefined): void {
  if (!container || container.status === 'paused') return;
  const role = container.config.Cmd?.find(word => word === 'server' || word === 'agent');
  if (!role || !clusterOf(container)) return;
  const lines = role === 'server' ? SERVER_LINES : AGENT_LINES;
  const log = new K3sLog({ err: (line: string) => container.log.add(2, line) });
  log.klog(...lines[between(0, lines.length - 1)]!);
}

function happen(container: Container | undefined): void {
  const cluster = container && clusterOf(container);
  const pods = cluster?.store.list('pods') ?? [];
  const pod = pods[between(0, pods.length - 1)];
  if (!cluster || !pod) return;
  const { name, namespace } = pod.metadata;
  const [type, reason, message] = [
    ['Normal', 'Pulled', 'Container image already present on machine'],
    ['Normal', 'Started', 'Started container'],
    ['Warning', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503'],
  ][between(0, 2)]!;
  cluster.event('Pod', name, type!, reason!, message!, namespace);
}
