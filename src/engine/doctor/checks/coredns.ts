import { commandLine } from '../../../config/command-line.ts';
import { replicasOf } from '../../../kubernetes/workloads.ts';
import { COREDNS_MANIFEST } from '../../apply/dns.ts';
import type { Cluster } from '../../model.ts';
import { contextName } from '../../names.ts';
import type { Symptom } from '../finding.ts';
import { line, restartNodes } from '../remedies.ts';
import type { ClusterSubject } from '../subject.ts';

/** Why there is no pod of CoreDNS: its Deployment wants none, or there is no Deployment. */
export type Absence = 'none wanted' | 'no Deployment';

/** Looks why there is no pod of CoreDNS. undefined: k3s was not to run it here, or its pod is on the way. */
export async function lookForAbsence(subject: ClusterSubject): Promise<Absence | undefined> {
  const [server] = await subject.steady(subject.cluster.servers);
  if (!server) return undefined;
  // k3s writes none where it was told to leave CoreDNS out.
  const manifest = await subject.engine.docker.readFile(server.id, COREDNS_MANIFEST, subject.limited());
  if (!manifest || !/^kind: Deployment$/m.test(manifest.toString('utf8'))) return undefined;
  const replicas = await replicasOf(await subject.kubeconfig(), 'kube-system', 'coredns', subject.limited());
  if (replicas === undefined) return 'no Deployment';
  return replicas === 0 ? 'none wanted' : undefined;
}

/** k3s brings a Deployment that is gone back at its next start; how many pods it has k3s leaves to others. */
export function judgeAbsence(cluster: Cluster, absence: Absence): Symptom[] {
  const scale = commandLine`kubectl --context ${contextName(cluster.name)} -n kube-system scale deployment coredns --replicas=1`;
  return [
    {
      severity: 'problem',
      subject: 'CoreDNS',
      message: `there is no CoreDNS in ${cluster.name}: pods find no Service by its name`,
      evidence: [
        absence === 'no Deployment'
          ? `Deployment kube-system/coredns is gone, though ${COREDNS_MANIFEST} asks for it`
          : 'Deployment kube-system/coredns is scaled to 0',
      ],
      remedy:
        absence === 'no Deployment'
          ? restartNodes(cluster.servers.filter(server => server.running).slice(0, 1))
          : line('let it have a pod', scale),
    },
  ];
}
