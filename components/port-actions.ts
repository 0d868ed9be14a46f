import type { PortChange } from '../src/engine/loadbalancer/change.ts';
import type { PortPreview } from '../src/engine/loadbalancer/edit.ts';
import type { Cluster } from '../src/engine/model.ts';
import type { Plan } from '../src/engine/plan.ts';
import type { PortProbe } from '../src/engine/ports/probe.ts';
import type { LoadBalancerReading } from '../src/engine/ports/read.ts';
import type { PortRow } from '../src/engine/ports/table.ts';

/** A host port as somebody wants it. */
export interface WantedPort {
  hostIP: string;
  port: number;
  protocol: string;
}

/** Something in the cluster that answers on a port of every node. */
export interface PortTarget {
  /** Port of the nodes. */
  port: number;
  protocol: string;
  /** `traefik in kube-system, the Ingress controller`. */
  what: string;
}

export interface PortOwners {
  /** In words who has it; undefined for a free one. The cluster's own load balancer is none. */
  owner(wanted: WantedPort): string | undefined;
  /** Stopped containers that want it as soon as they start. */
  stopped(wanted: WantedPort): string[];
}

/** What can be reached through the nodes, as far as Kubernetes says. */
export interface Targets {
  targets: PortTarget[];
  /** Services that no port of a node leads to. */
  inside: number;
}

/** A change of ports as it would be carried out. */
export interface PortEdit {
  change: PortChange;
  plan: Plan;
  preview: PortPreview;
}

/** What the ports screen and its wizard ask of the engine. All may throw K3duiError. */
export interface PortActions {
  read(cluster: Cluster, signal: AbortSignal): Promise<LoadBalancerReading>;
  probe(cluster: Cluster, row: PortRow, signal: AbortSignal): Promise<PortProbe>;
  /** Asks the cluster's Kubernetes API. */
  targets(cluster: Cluster, signal: AbortSignal): Promise<Targets>;
  /** Who has a host port, as things are now; reads once and answers for any number of ports. */
  portOwners(cluster: Cluster, ports: readonly number[], signal: AbortSignal): Promise<PortOwners>;
  plan(cluster: Cluster, change: PortChange, signal: AbortSignal): Promise<PortEdit>;
  /** Name or address by which this machine reaches a published port. */
  hostOf(hostIP: string, port: number): string;
}
