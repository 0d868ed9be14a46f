import type { ContainerState } from '../docker/types.ts';

export type NodeRole = 'server' | 'agent' | 'loadbalancer' | 'registry' | 'tools' | 'unknown';

/** A host port as it is bound, or will be when the container starts. */
export interface NodePort {
  hostIP: string;
  /** 0 when Docker has not chosen one yet. */
  hostPort: number;
  containerPort: number;
  protocol: string;
}

/** One container that belongs to k3d's world. */
export interface Node {
  /** Docker's id. */
  id: string;
  /** Container name without the slash: `k3d-demo-server-0`. */
  name: string;
  role: NodeRole;
  /** Cluster name; empty for a registry that belongs to none. */
  cluster: string;
  state: ContainerState;
  /** Docker's own words: `Up 3 minutes`. */
  status: string;
  running: boolean;
  image: string;
  imageId: string;
  /** Unix time in seconds. */
  created: number;
  ports: NodePort[];
  labels: Record<string, string>;
  networks: { name: string; id: string; ip: string }[];
  /** First server of several: the one that formed etcd. */
  init: boolean;
  /** What is wrong with it, in one line. */
  fault?: string;
}

export type ClusterStatus = 'running' | 'stopped' | 'degraded' | 'starting' | 'broken';

export interface Cluster {
  name: string;
  status: ClusterStatus;
  /** In k3d's order: servers, agents by index. */
  servers: Node[];
  agents: Node[];
  /** undefined: made with --no-lb, or lost. */
  loadBalancer: Node | undefined;
  registries: Node[];
  /** Tools nodes and what else carries the cluster's label. */
  others: Node[];
  serversRunning: number;
  agentsRunning: number;
  network: { name: string; id: string; external: boolean; subnet: string } | undefined;
  imageVolume: string;
  /** Volumes that carry the cluster's label. */
  volumes: string[];
  token: string;
  /** As labelled: what `--api-port` said. */
  api: { host: string; hostIP: string; port: number } | undefined;
  /** k3s version as far as the image's tag tells: `v1.31.5-k3s1`, else the image reference. */
  k3sVersion: string;
  /** Published ports other than the API's. */
  ports: NodePort[];
  /** Unix time in seconds of the oldest node. */
  created: number;
  /** Who made it, by its nodes' labels: `k3d v5.9.0`, `k3dui v0.1.0`. */
  madeBy: string;
  faults: string[];
}

export type Link = 'connecting' | 'live' | 'lost';

/** The whole picture at one moment. Immutable: a change makes a new one. */
export interface Snapshot {
  link: Link;
  /** Why the link is lost. */
  linkError?: string;
  /** Hint that goes with it. */
  linkHint?: string;
  clusters: Cluster[];
  /** All nodes of all clusters and the registries, in list order. */
  nodes: Node[];
  registries: Node[];
  engine:
    | {
        version: string;
        apiVersion: string;
        cpus: number;
        memoryBytes: number;
        name: string;
        cgroupVersion: string;
        operatingSystem: string;
      }
    | undefined;
  /** Counts up with each new picture. */
  revision: number;
}
