import type { Docker } from '../docker/docker.ts';
import type { Snapshot } from './model.ts';
import type { Operation } from './operation.ts';

/** Docker's labelled objects as clusters, kept current by Docker's events. */
export interface Inventory {
  /** The picture now. Always the same object until something changes. */
  readonly snapshot: Snapshot;
  /** Calls the listener after each new picture. Returns how to stop that. */
  subscribe(listener: () => void): () => void;
  /** Reads everything again. */
  refresh(): Promise<void>;
  close(): void;
}

/** Running and finished operations of this process, newest last. */
export interface OperationLog {
  readonly operations: readonly Operation[];
  /** Counts up with every event of every operation. */
  readonly revision: number;
  /** For the next one; no other of this engine has it. */
  newId(): string;
  add(operation: Operation): void;
  subscribe(listener: () => void): () => void;
}

/** What both faces hold. */
export interface Engine {
  readonly docker: Docker;
  readonly inventory: Inventory;
  readonly operations: OperationLog;
  /** Nothing may be changed through it: plans are not carried out. */
  readonly readOnly: boolean;
  /** Environment variables, for KUBECONFIG, XDG_CONFIG_HOME, K3D_*. */
  readonly env: NodeJS.ProcessEnv;
  close(): void;
}
