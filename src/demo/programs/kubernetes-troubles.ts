import { splitReference } from '../images.ts';
import type { KubeCluster } from './kubernetes-cluster.ts';
import { type KubeObject, makeObject, now, randomSuffix } from './kubernetes-objects.ts';
import { specOf } from './kubernetes-shapes.ts';

interface PodSpec {
  nodeName?: string;
  containers: { name: string; image: string; imagePullPolicy?: string }[];
}

/**
 * A Deployment of one pod that pulls its image always, from a registry that does not have it: what becomes of an image
 * that was imported under the tag latest.
 */
export function addStuckPull(cluster: KubeCluster, namespace: string, app: string, image: string): void {
  const containers = [{ name: app, image, imagePullPolicy: 'Always' }];
  const labels = { app };
  const hash = randomSuffix(9);
  cluster.store.put(
    'deployments',
    makeObject('deployments', app, namespace, {
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
      status: { replicas: 1, unavailableReplicas: 1 },
    }),
  );
  const owned = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });
  const set = makeObject('replicasets', `${app}-${hash}`, namespace, { spec: { replicas: 1 } });
  cluster.store.put('replicasets', { ...set, metadata: { ...set.metadata, ...owned('Deployment', app) } });
  const waiting = {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "${image}": ErrImagePull: failed to pull and unpack image: pull access denied, repository does not exist`,
  };
  const pod = makeObject('pods', `${app}-${hash}-${randomSuffix(5)}`, namespace, {
    spec: { nodeName: [...cluster.nodes.keys()].at(-1) ?? '', containers },
    status: {
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: 'False' },
      ],
      startTime: now(),
      containerStatuses: [{ name: app, image, imageID: '', ready: false, restartCount: 0, state: { waiting } }],
    },
  });
  const metadata = { ...pod.metadata, labels, ...owned('ReplicaSet', `${app}-${hash}`) };
  cluster.store.put('pods', { ...pod, metadata });
}

/** A Deployment's template changed: its waiting pods are made anew, and run when they need not pull. */
export function rollOut(cluster: KubeCluster, deployment: KubeObject): void {
  const { name, namespace } = deployment.metadata;
  const { template } = specOf<{ template?: { spec?: PodSpec } }>(deployment);
  const wanted = template?.spec?.containers ?? [];
  if (wanted.length === 0 || wanted.some(({ imagePullPolicy }) => imagePullPolicy === 'Always')) return;
  for (const pod of cluster.store.list('pods', namespace)) {
    const owners = (pod.metadata.ownerReferences ?? []) as { name: string }[];
    if (!owners.some(owner => owner.name.replace(/-[^-]+$/, '') === name)) continue;
    run(cluster, { ...pod, spec: { ...specOf<PodSpec>(pod), containers: wanted } });
  }
}

/** A node came: pods that found no room are placed on it. */
export function placeWaiting(cluster: KubeCluster, nodeName: string): void {
  for (const pod of cluster.store.list('pods')) {
    const { conditions = [] } = pod.status as { conditions?: { reason?: string; message?: string }[] };
    if (!conditions.some(({ reason, message }) => reason === 'Unschedulable' && /Insufficient/.test(message ?? '')))
      continue;
    run(cluster, { ...pod, spec: { ...specOf<PodSpec>(pod), nodeName } });
  }
}

function run(cluster: KubeCluster, pod: KubeObject): void {
  const { containers = [] } = specOf<Partial<PodSpec>>(pod);
  const conditions = ['PodScheduled', 'Initialized', 'Ready', 'ContainersReady'].map(type => ({
    type,
    status: 'True',
  }));
  const containerStatuses = containers.map(({ name, image }) => ({
    ...{ name, image, imageID: splitReference(image).full, ready: true, started: true, restartCount: 0 },
    state: { running: { startedAt: now() } },
  }));
  cluster.store.put('pods', { ...pod, status: { phase: 'Running', conditions, startTime: now(), containerStatuses } });
}
