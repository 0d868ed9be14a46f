import type { Call, Docker } from '../../docker/docker.ts';
import { setPullPolicy } from '../../kubernetes/workloads.ts';
import { fetchKubeconfigFrom } from '../kubeconfig/fetch.ts';
import type { PullPolicy } from '../plan.ts';
import type { Undo } from '../step.ts';

/** Changes when a workload's pods pull; Kubernetes then makes them anew. Undoing sets what was there before. */
export async function changePullPolicy(docker: Docker, action: PullPolicy, call: Call): Promise<Undo> {
  const { cluster, server, api, workload, container, policy, before } = action;
  const kubeconfig = await fetchKubeconfigFrom(docker, server, cluster, api, call);
  await setPullPolicy(kubeconfig, workload, [{ name: container, pullPolicy: policy }], call);
  return signal => setPullPolicy(kubeconfig, workload, [{ name: container, pullPolicy: before }], { signal });
}
