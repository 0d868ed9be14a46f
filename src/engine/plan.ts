import type { ContainerFile } from '../docker/docker.ts';
import type { ContainerCreate, NetworkCreate } from '../docker/types.ts';
import type { Workload } from '../kubernetes/workloads.ts';
import type { HttpRequest } from './expose/model.ts';
import type { NodeImageAction } from './image/actions.ts';
import type { MemberChange } from './node/members.ts';
import type { ToldMemory } from './node/meminfo.ts';

/**
 * A change as a value: exactly which Docker objects and files, in which order. The app previews it, `--dry-run` prints
 * it, tests compare it with recordings, `apply` carries it out.
 */
export interface Plan {
  /** `create cluster demo` */
  title: string;
  /** The command line that does the same: `k3dui cluster create demo --agents 2`. */
  command: string;
  /** The cluster it is about, if it is about one. */
  cluster?: string;
  steps: PlannedStep[];
  /** What a person should know before saying yes. */
  warnings: string[];
  /** What to do with what this run made when a step fails. `keep` is `--no-rollback`. */
  onFailure: 'undo' | 'keep';
  /** Limit for the whole, in seconds. */
  timeoutSeconds: number;
  /** Texts that must not be shown or kept: the cluster's token. */
  secrets: string[];
  /** The network its containers join, when it exists already. */
  network?: { id: string; range: string };
}

export interface PlannedStep {
  /** Unique in the plan: `start k3d-demo-server-0`. */
  id: string;
  /** For people: `start`, `create network k3d-demo`. */
  title: string;
  /** The node (container name) it is about; the timeline groups by it. */
  subject?: string;
  /** Ids of the steps that must be done before. Steps that wait for nothing run side by side. */
  after: string[];
  action: Action;
  /** A failure is reported as a warning and the rest goes on. */
  optional?: boolean;
}

/** Every kind of change that a plan can hold. Plain data: it can be printed, compared, stored. */
export type Action =
  /** By Docker. */
  | { kind: 'image.pull'; image: string }
  | NodeImageAction
  | { kind: 'network.create'; body: NetworkCreate }
  | { kind: 'network.remove'; network: string }
  /** `ipv4`: a fixed address, which Docker gives only in a network whose subnet was chosen. */
  | { kind: 'network.connect'; network: string; container: string; ipv4?: string }
  | { kind: 'network.disconnect'; network: string; container: string }
  | { kind: 'volume.create'; name: string; labels: Record<string, string> }
  | { kind: 'volume.remove'; name: string }
  /** `forget`: servers to ask to let go of its Kubernetes node when this is undone. */
  | { kind: 'container.create'; name: string; body: ContainerCreate; forget?: { servers: string[] } }
  | { kind: 'container.start'; container: string }
  /** `restarts`: half of a restart; taken back by a start, so that a failure does not leave it stopped. */
  | { kind: 'container.stop'; container: string; graceSeconds: number; stopSignal?: string; restarts?: boolean }
  | { kind: 'container.remove'; container: string }
  | { kind: 'files.write'; container: string; files: ContainerFile[] }
  /** Files on this machine that show a node the memory it has; see engine/node/meminfo.ts. */
  | ({ kind: 'meminfo.write' } & ToldMemory)
  | { kind: 'meminfo.remove'; folder: string }
  /** Waits until the node is of use to others; see engine/cluster/ready.ts. */
  | { kind: 'ready'; what: ReadyCheck }
  /** `servers`: where CoreDNS' manifest is, none where it is disabled; `nodes`: whose own hosts files get the names. */
  | {
      kind: 'dns.inject';
      servers: string[];
      nodes?: string[];
      network: string;
      hostAliases: { ip: string; hostnames: string[] }[];
      hostIP: string;
    }
  | { kind: 'loadbalancer.reload'; container: string }
  /** Has nginx in a running container check a configuration without using it. */
  | { kind: 'loadbalancer.check'; container: string; nginx: string }
  /** Puts both files in and, when it runs, has nginx take them up without dropping a connection. */
  | { kind: 'loadbalancer.configure'; container: string; values: string; nginx: string; running: boolean }
  | ({ kind: 'loadbalancer.members' } & MemberChange)
  | ({ kind: 'loadbalancer.handover' } & HandOver)
  /** Takes away what a replacement needed: the old container, the network on which the new one waited. */
  | { kind: 'loadbalancer.tidy'; container: string; old: string; standby?: string }
  /** Moves a node's pods elsewhere, asked of the first of these servers that answers. */
  | { kind: 'kubernetes.drain'; node: string; servers: string[]; timeoutSeconds: number }
  /** Removes the Node object, and with a server's its etcd member. */
  | { kind: 'kubernetes.forget'; node: string; servers: string[]; patienceSeconds?: number }
  | ({ kind: 'kubernetes.create'; object: object } & KubernetesObject)
  | ({ kind: 'kubernetes.delete' } & KubernetesObject)
  /** Asks for a URL of the cluster from this machine until it answers. */
  | { kind: 'expose.prove'; request: HttpRequest }
  | {
      kind: 'kubeconfig.merge';
      cluster: string;
      server: string;
      api: ApiAddress;
      switchContext: boolean;
      file?: string;
    }
  /** `file`: only there, and no file of the cluster's own. */
  | { kind: 'kubeconfig.remove'; cluster: string; file?: string }
  /** A file or folder of k3d's own on this machine; see engine/leftovers/files.ts. */
  | { kind: 'host.remove'; path: string }
  | ({ kind: 'kubernetes.pull-policy' } & PullPolicy)
  | ({ kind: 'registry.tell' } & TellRegistries)
  /** Applies, in the first of these servers that answers, the ConfigMap that names the cluster's registry; or deletes it. */
  | { kind: 'registry.advertise'; servers: string[]; path: string | undefined }
  /** Removes from a registry's disk what no tag leads to. */
  | { kind: 'registry.collect'; container: string; configFile: string; untagged: boolean }
  | { kind: 'registry.delete-tag'; url: string; repository: string; tag: string }
  /** Has Docker push one of its images, under a name that leads to the registry. */
  | { kind: 'registry.push'; image: string; reference: string }
  /** Has a node's containerd pull an image, which proves that the cluster can. */
  | { kind: 'registry.pull'; container: string; reference: string };

/** Tells a node of registries, also while it runs. */
export interface TellRegistries {
  container: string;
  /** registries.yaml, as it is to be. */
  registries: string;
  /** Names of registries, and where containerd finds them; only where it takes them up while it runs. */
  mirrors: { name: string; endpoints: string[] }[];
  /** Names that lead nowhere any more. */
  gone: string[];
}

/** One load balancer takes the other's place; see engine/apply/handover.ts. */
export interface HandOver {
  /** Id of the container that serves, or did last. */
  old: string;
  /** Name of the container that was made to take over. */
  fresh: string;
  /** The name that the fresh one gets. */
  name: string;
  /** The name that the old one gets if it has that name. */
  aside: string;
  /** Networks that the fresh one joins then; its ports are published on the first. */
  networks: { name: string; ipv4?: string }[];
  /** false: nothing runs and nothing is to be started. */
  running: boolean;
  standby?: string;
}

/** When a workload's pods pull an image; the workload is asked for by way of the cluster's published API. */
export interface PullPolicy {
  cluster: string;
  /** Node that has the kubeconfig. */
  server: string;
  api: ApiAddress;
  workload: Workload;
  container: string;
  policy: string;
  before: string;
}

/** An object of a cluster, or where one is to be made, and how the cluster's API is asked. */
export interface KubernetesObject {
  cluster: string;
  /** Id of a server, whose kubeconfig is used. */
  server: string;
  api: ApiAddress;
  /** `/apis/networking.k8s.io/v1/namespaces/shop/ingresses`, of one that is there with its name. */
  path: string;
}

export interface ApiAddress {
  /** What clients connect to; never 0.0.0.0. */
  host: string;
  port: number;
}

export type ReadyCheck =
  /** The Kubernetes API in this server container answers (asked from inside the node, or its log says so). */
  | { check: 'server'; container: string; cluster: string; api: ApiAddress | undefined }
  /** The published address answers /readyz with ok. */
  | { check: 'api'; cluster: string; server: string; api: ApiAddress; loadBalancer?: string }
  /** The server gives agents what they need to join, which is some time after its API answers. */
  | { check: 'admits'; container: string }
  /** These nodes are registered with the Kubernetes API. */
  | { check: 'registered'; cluster: string; server: string; api: ApiAddress; nodes: string[] }
  /** The node's own log says that it has joined; for where no API can be asked. */
  | { check: 'joined'; container: string; role: 'server' | 'agent' }
  /** nginx accepts connections on its first listener. */
  | { check: 'loadbalancer'; container: string }
  /** A registry answers: at its published address, or where this machine cannot ask it says so in its log. */
  | { check: 'registry'; container: string; url: string | undefined };

/**
 * Values that only Docker knows once the network exists. They stand in label values of a plan and are put in when the
 * step runs; in a preview they read as what they are.
 */
export const NETWORK_ID = '<network id>';
export const NETWORK_RANGE = '<network range>';

/** True when the plan changes nothing. */
export function isEmptyPlan(plan: Plan): boolean {
  return plan.steps.length === 0;
}
