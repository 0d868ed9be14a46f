import { loadAll } from 'js-yaml';
import type { KubeCluster } from './kubernetes-cluster.ts';
import { type KubeObject, RESOURCES } from './kubernetes-objects.ts';

/** Puts the objects of a manifest into the cluster; kinds that the simulation does not know are left out. Throws for bad YAML. */
export function applyManifest(
  cluster: KubeCluster,
  text: string,
  namespace = 'default',
): { kind: string; name: string; known: boolean }[] {
  return (loadAll(text) as (KubeObject | null)[]).flatMap(object => {
    const resource = object && Object.keys(RESOURCES).find(key => RESOURCES[key]![1] === object.kind);
    if (!object?.metadata?.name || !resource) return [];
    const place = RESOURCES[resource]![2] ? (object.metadata.namespace ?? namespace) : undefined;
    const { name } = object.metadata;
    const old = cluster.store.get(resource, name, place);
    cluster.store.put(resource, {
      ...old,
      ...object,
      metadata: { ...object.metadata, ...(place ? { namespace: place } : {}) },
    });
    return [{ kind: object.kind, name, known: old !== undefined }];
  });
}
