import { StatusError } from './objects.ts';

/** One served kind: where it lives and what it is called. */
export interface Resource {
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
  short: string[];
}

const table = `
v1 nodes Node - no
v1 namespaces Namespace - ns
v1 configmaps ConfigMap + cm
v1 services Service + svc
v1 pods Pod + po
v1 events Event + ev
v1 endpoints Endpoints + ep
v1 secrets Secret + -
v1 serviceaccounts ServiceAccount + sa
v1 persistentvolumes PersistentVolume - pv
v1 persistentvolumeclaims PersistentVolumeClaim + pvc
v1 replicationcontrollers ReplicationController + rc
apps/v1 deployments Deployment + deploy
apps/v1 daemonsets DaemonSet + ds
apps/v1 statefulsets StatefulSet + sts
apps/v1 replicasets ReplicaSet + rs
batch/v1 jobs Job + -
batch/v1 cronjobs CronJob + cj
networking.k8s.io/v1 ingresses Ingress + ing
networking.k8s.io/v1 ingressclasses IngressClass - -
networking.k8s.io/v1 networkpolicies NetworkPolicy + netpol
storage.k8s.io/v1 storageclasses StorageClass - sc
coordination.k8s.io/v1 leases Lease + -
discovery.k8s.io/v1 endpointslices EndpointSlice + -
policy/v1 poddisruptionbudgets PodDisruptionBudget + pdb
autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler + hpa
rbac.authorization.k8s.io/v1 clusterroles ClusterRole - -
rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding - -
rbac.authorization.k8s.io/v1 roles Role + -
rbac.authorization.k8s.io/v1 rolebindings RoleBinding + -
helm.cattle.io/v1 helmcharts HelmChart + -
helm.cattle.io/v1 helmchartconfigs HelmChartConfig + -`;

export const resources: Resource[] = table
  .trim()
  .split('\n')
  .map(line => {
    const [groupVersion = '', plural = '', kind = '', scope, short = '-'] = line.split(' ');
    const [version = '', group = ''] = groupVersion.split('/').reverse();
    return { group, version, plural, kind, namespaced: scope === '+', short: short === '-' ? [] : [short] };
  });

/** The resource a group, version and plural name, if it is served. */
export function findResource(group: string, version: string, plural: string): Resource | undefined {
  return resources.find(r => r.group === group && r.version === version && r.plural === plural);
}

/** The resource of an object's `apiVersion` and `kind`. @throws StatusError 404 when it is not served. */
export function resourceOf(apiVersion = 'v1', kind = ''): Resource {
  const [version, group = ''] = apiVersion.split('/').reverse();
  const found = resources.find(r => r.kind === kind && r.group === group && r.version === version);
  if (!found) throw new StatusError(404, 'NotFound', `no matches for kind "${kind}" in version "${apiVersion}"`);
  return found;
}

/** The resource a person means by `po`, `pod`, `pods` or `deployments.apps`. */
export function resourceNamed(word: string): Resource | undefined {
  const [plural = ''] = word.toLowerCase().split('.');
  return resources.find(r => r.plural === plural || r.kind.toLowerCase() === plural || r.short.includes(plural));
}

export const groupVersion = (r: Resource): string => (r.group === '' ? r.version : `${r.group}/${r.version}`);

/** The path below which all objects of a kind are listed. */
export function listPath(r: Resource, namespace?: string): string {
  const root = r.group === '' ? `/api/${r.version}` : `/apis/${r.group}/${r.version}`;
  return r.namespaced && namespace !== undefined
    ? `${root}/namespaces/${namespace}/${r.plural}`
    : `${root}/${r.plural}`;
}
