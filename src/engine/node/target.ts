import { K3duiError } from '../../errors.ts';
import type { Cluster } from '../model.ts';
import type { RemoteCluster } from './request.ts';

/** What a node can join: a cluster of ours, or one elsewhere. */
export type Target = Cluster | RemoteCluster;

export const isRemote = (target: Target): target is RemoteCluster => 'url' in target;

/** The cluster, or the URL of one elsewhere, that `-c` names. Throws CLUSTER_UNKNOWN. */
export function targetNamed(name: string, clusters: readonly Cluster[]): Target {
  if (/^https:\/\//.test(name)) return { url: name };
  const cluster = clusters.find(other => other.name === name);
  if (cluster) return cluster;
  throw new K3duiError({
    code: 'CLUSTER_UNKNOWN',
    message: `no cluster named '${name}': no nodes found for it`,
    hint: 'see them all: k3dui cluster list; a cluster elsewhere is named by its URL, https://HOST:6443',
  });
}
