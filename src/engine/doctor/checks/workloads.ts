import { commandLine } from '../../../config/command-line.ts';
import type { UnschedulablePod } from '../../../kubernetes/kubernetes.ts';
import { isCoreDns, type ListedPod, type NodeState, type Workload, workloadOf } from '../../../kubernetes/workloads.ts';
import { sanitise } from '../../../text.ts';
import type { Cluster } from '../../model.ts';
import { contextName } from '../../names.ts';
import { type Check, clusterCheck } from '../check.ts';
import type { Remedy, Symptom } from '../finding.ts';
import { addAgent, importImage, line, remedyOf, repair } from '../remedies.ts';
import type { ClusterSubject } from '../subject.ts';

const PULL_FAILS = /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull)$/;

/** A container that waits for an image. */
export interface WaitingImage {
  pod: ListedPod;
  container: string;
  image: string;
  pullPolicy: string;
  message: string;
  workload: Workload | undefined;
  /** Its node has that image already. */
  onNode: boolean;
  /** Docker has it. */
  inDocker: boolean;
}

export interface ImageFacts {
  cluster: Cluster;
  waiting: WaitingImage[];
  /** Where the API is asked for a change. */
  api: { host: string; port: number } | undefined;
}

/**
 * Pods that wait for an image: it was imported, but is to be pulled always (k3d #920); Docker has it, the node has not;
 * or it comes from nowhere.
 */
function judgeImages({ cluster, waiting, api }: ImageFacts): Symptom[] {
  const seen = new Set<string>();
  return waiting.flatMap((one): Symptom[] => {
    const owner = one.workload ? `${one.workload.kind} ${one.workload.name}` : `pod ${one.pod.name}`;
    const key = `${one.pod.namespace} ${owner} ${one.container}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const evidence = [
      sanitise(
        `pod ${one.pod.namespace}/${one.pod.name} on ${one.pod.node}: ${one.message || 'its image is not pulled'}`,
      ),
      `image ${sanitise(one.image)}, imagePullPolicy ${sanitise(one.pullPolicy)}`,
    ];
    const subject = sanitise(`${one.pod.namespace}/${one.workload?.name ?? one.pod.name}`);
    if (one.onNode && one.pullPolicy === 'Always') {
      return [
        {
          severity: 'problem',
          subject,
          key: one.container,
          message: `${sanitise(owner)} pulls ${sanitise(one.image)} always, though its node has it`,
          evidence: [...evidence, `${one.pod.node} has the image`],
          remedy: ifNotPresent(cluster, one, api),
        },
      ];
    }
    if (!one.onNode && one.inDocker) {
      return [
        {
          severity: 'problem',
          subject,
          key: one.container,
          message: `${sanitise(owner)} waits for ${sanitise(one.image)}, which Docker has but ${one.pod.node} has not`,
          evidence: [...evidence, 'Docker has the image'],
          remedy: importImage(cluster, one.image),
        },
      ];
    }
    // CoreDNS is told of by the check of names in pods.
    if (one.onNode || seen.has(one.image) || isCoreDns(one.pod)) return [];
    seen.add(one.image);
    const others = waiting.filter(({ image, pod }) => image === one.image && pod !== one.pod);
    return [
      {
        severity: 'problem',
        subject,
        key: one.container,
        message: `${sanitise(owner)} waits for ${sanitise(one.image)}, which ${one.pod.node} cannot pull`,
        evidence: [
          ...evidence,
          ...others.slice(0, 8).map(({ pod }) => sanitise(`so does pod ${pod.namespace}/${pod.name}`)),
        ],
        remedy: line(
          'give the nodes its image',
          commandLine`docker pull ${one.image} && k3dui image import ${one.image} --cluster ${cluster.name}`,
        ),
      },
    ];
  });
}

function ifNotPresent(cluster: Cluster, one: WaitingImage, api: ImageFacts['api']): Remedy {
  const { workload, container, pod } = one;
  const server = cluster.servers.find(node => node.running);
  if (!workload || !api || !server || workload.kind === 'Job') {
    return line(
      'make the pod anew with imagePullPolicy IfNotPresent, or give the image a tag other than latest',
      commandLine`kubectl -n ${pod.namespace} get pod ${pod.name} -o yaml | sed 's/imagePullPolicy: Always/imagePullPolicy: IfNotPresent/' | kubectl replace --force -f -`,
    );
  }
  const { kind, namespace, name } = workload;
  const patch = JSON.stringify({
    spec: { template: { spec: { containers: [{ name: container, imagePullPolicy: 'IfNotPresent' }] } } },
  });
  return remedyOf(
    repair(
      `let ${kind} ${name} use the image that the nodes have`,
      commandLine`kubectl --context ${contextName(cluster.name)} -n ${namespace} patch ${kind.toLowerCase()} ${name} -p ${patch}`,
      cluster,
      [
        {
          id: 'pull policy',
          title: `set imagePullPolicy of ${container} to IfNotPresent`,
          subject: `${namespace}/${name}`,
          after: [],
          action: {
            kind: 'kubernetes.pull-policy',
            cluster: cluster.name,
            server: server.name,
            api,
            workload,
            container,
            policy: 'IfNotPresent',
            before: one.pullPolicy,
          },
        },
      ],
    ),
  );
}

export interface RoomFacts {
  cluster: Cluster;
  pods: UnschedulablePod[];
  /** Those that have run for a while: one that has just started may be about to be uncordoned. */
  settled: NodeState[];
}

/** Pods that find no node with room (each node counts the whole machine's processors, so one more helps). */
function judgeRoom(facts: RoomFacts): Symptom[] {
  return [...judgeHungry(facts), ...judgeBarred(facts)];
}

function judgeHungry({ cluster, pods }: RoomFacts): Symptom[] {
  const hungry = pods.filter(({ lacks }) => lacks.includes('cpu') || lacks.includes('memory'));
  const [first] = hungry;
  if (!first) return [];
  const lacks = [...new Set(hungry.flatMap(pod => pod.lacks))];
  return [
    {
      severity: 'problem',
      subject: 'room',
      message: `${hungry.length === 1 ? `pod ${sanitise(first.name)} finds` : `${hungry.length} pods find`} no node in ${cluster.name} with enough ${lacks.join(' and ')}`,
      evidence: hungry.slice(0, 8).map(({ namespace, name, message }) => sanitise(`${namespace}/${name}: ${message}`)),
      remedy: addAgent(cluster),
    },
  ];
}

/** Pods that no node lets on, as somebody cordoned or tainted those that would. */
function judgeBarred({ cluster, pods, settled }: RoomFacts): Symptom[] {
  const others = pods.filter(({ lacks }) => lacks.length === 0);
  const said = (words: string) => others.filter(({ message }) => message.includes(words));
  // What Kubernetes sets by itself it takes away by itself.
  const keys = new Set(settled.flatMap(({ taints }) => taints).filter(key => !key.startsWith('node.kubernetes.io/')));
  const because = (
    pods: UnschedulablePod[],
    why: string,
    nodes: NodeState[],
    remedy: Remedy,
    key: string,
  ): Symptom[] => {
    const [first] = pods;
    if (!first || nodes.length === 0) return [];
    const who = pods.length === 1 ? `pod ${sanitise(first.name)} finds` : `${pods.length} pods find`;
    return [
      {
        severity: 'problem',
        subject: 'room',
        key,
        message: `${who} no node in ${cluster.name} that lets it on: ${nodes.map(({ name }) => name).join(', ')} ${why}`,
        evidence: pods.slice(0, 8).map(({ namespace, name, message }) => sanitise(`${namespace}/${name}: ${message}`)),
        remedy,
      },
    ];
  };
  const context = contextName(cluster.name);
  const are = (nodes: NodeState[]) => (nodes.length === 1 ? 'is' : 'are');
  const cordoned = settled.filter(({ unschedulable }) => unschedulable);
  const uncordon = line(
    'let pods on again',
    commandLine`kubectl --context ${context} uncordon ${cordoned.map(({ name }) => name)}`,
  );
  return [
    ...because(said('unschedulable'), `${are(cordoned)} cordoned`, cordoned, uncordon, 'cordoned'),
    ...[...keys].flatMap(key => {
      const tainted = settled.filter(({ taints }) => taints.includes(key));
      const names = tainted.map(({ name }) => name);
      const untaint = line(
        `take the taint away, or let the pod tolerate it`,
        commandLine`kubectl --context ${context} taint node ${names} ${`${key}-`}`,
      );
      return because(said(`{${key}:`), `${are(tainted)} tainted with ${sanitise(key)}`, tainted, untaint, key);
    }),
  ];
}

/** Image references of a node's containerd, each in all the ways it may be written. */
async function imagesOn(subject: ClusterSubject, name: string): Promise<Set<string> | undefined> {
  const node = subject.running.find(one => one.name === name);
  if (!node) return undefined;
  return subject.own.once(`images ${name}`, async () => {
    const result = await subject.exec(node, ['crictl', 'images', '-o', 'json']);
    try {
      const { images = [] } = JSON.parse(result?.stdout ?? '{}') as { images?: { repoTags?: string[] | null }[] };
      return new Set(images.flatMap(({ repoTags }) => repoTags ?? []).map(fullReference));
    } catch {
      return undefined;
    }
  });
}

/** `nginx` → `docker.io/library/nginx:latest` */
function fullReference(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hasHost ? image : `docker.io/${rest.length === 0 ? 'library/' : ''}${image}`;
  return path.includes('@') || /:[^/]+$/.test(path) ? path : `${path}:latest`;
}

/** Milliseconds after its start until which a node may still be cordoned from its stop. */
const YOUNG = 75_000;

async function settledNodes(subject: ClusterSubject): Promise<NodeState[]> {
  const known = (await subject.kubernetesNodes()) ?? [];
  const settled = await Promise.all(
    subject.running.map(async node => {
      const { State } = await subject.inspect(node);
      return Date.now() - Date.parse(State.StartedAt) < YOUNG ? [] : known.filter(({ name }) => name === node.name);
    }),
  );
  return settled.flat();
}

export const WORKLOAD_CHECKS: readonly Check[] = [
  clusterCheck(
    'images.latest',
    'images',
    'pods that wait for an image',
    async subject => {
      const pods = await subject.pods();
      if (!pods) return undefined;
      const staying = pods.filter(({ ending }) => !ending);
      const failing = staying.flatMap(pod =>
        pod.containers.filter(({ waiting }) => PULL_FAILS.test(waiting)).map(container => ({ pod, container })),
      );
      const kubeconfig = await subject.kubeconfig();
      const waiting = await Promise.all(
        failing.slice(0, 50).map(async ({ pod, container }): Promise<WaitingImage> => {
          const { name, image, pullPolicy, message } = container;
          const there = await imagesOn(subject, pod.node);
          const onNode = there?.has(fullReference(image)) ?? false;
          const docker = onNode ? undefined : await subject.engine.docker.inspectImage(image, subject.call);
          const workload = await workloadOf(kubeconfig, pod, subject.limited());
          return { pod, container: name, image, pullPolicy, message, workload, onNode, inDocker: docker !== undefined };
        }),
      );
      return { cluster: subject.cluster, waiting, api: subject.api };
    },
    judgeImages,
    15_000,
  ),
  clusterCheck(
    'scheduling.room',
    'scheduling',
    'pods that find no node with room',
    async subject => {
      if (!(await subject.apiAnswers())) return undefined;
      const pods = await (await subject.kubernetes()).unschedulablePods(subject.limited());
      const settled = pods.length === 0 ? [] : await settledNodes(subject);
      return { cluster: subject.cluster, pods, settled };
    },
    judgeRoom,
  ),
];
