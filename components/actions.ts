import type { ClusterSpec } from '../src/config/cluster-spec.ts';
import type { Cluster } from '../src/engine/model.ts';
import type { Operation } from '../src/engine/operation.ts';
import type { Plan } from '../src/engine/plan.ts';
import type { KubeconfigChoice } from './dialogs/kubeconfig.tsx';

/** What the app can do, over the engine. All may throw K3duiError. */
export interface ClusterActions {
  /** Plans a create anew: for doing it again. */
  planCreate(spec: ClusterSpec, signal: AbortSignal): Promise<Plan>;
  /** Plans to make a cluster anew. */
  planRecreate(spec: ClusterSpec, cluster: Cluster): Promise<Plan>;
  /** Keeps the request, for a cluster like this one. */
  remember(spec: ClusterSpec): Promise<void>;
  planStart(cluster: Cluster): Promise<Plan>;
  planStop(cluster: Cluster): Promise<Plan>;
  planRestart(cluster: Cluster): Promise<Plan>;
  planDelete(cluster: Cluster): Promise<Plan>;
  /** Begins to carry a plan out. */
  apply(plan: Plan): Operation;
  /** Kubeconfig's context in use. */
  currentContext(): Promise<string | undefined>;
  /** Makes the cluster's context the one in use, merging it into the default kubeconfig if it is not there. */
  switchContext(cluster: Cluster): Promise<void>;
  /** The default kubeconfig, and the file that a write would make for this cluster. */
  kubeconfigFiles(cluster: string): Promise<{ merged: string; own: string }>;
  /** Merges or writes; returns the path written to. */
  kubeconfig(clusters: readonly Cluster[], choice: KubeconfigChoice): Promise<string>;
}
