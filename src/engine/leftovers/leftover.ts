import type { Cluster } from '../model.ts';

export type LeftoverKind = 'container' | 'network' | 'volume' | 'folder' | 'file' | 'kubeconfig' | 'cluster';

/** Something that k3d or k3dui made and that nothing needs any more. */
export interface Leftover {
  /** The same as long as it is there: kind and Docker's id, or path. */
  id: string;
  kind: LeftoverKind;
  /** Container, network and volume name; path; `k3d-demo in ~/.kube/config`. */
  name: string;
  /** The cluster it was made for; empty when nobody can tell. */
  cluster: string;
  /** Why nothing needs it, in a line. */
  why: string;
  /** Unix time in seconds; 0: not known. */
  created: number;
  /** Made so lately, or of a cluster that is being worked on, that somebody may still need it: why. */
  fresh?: string;
  /** What removing takes: Docker's id or name, a path. */
  target: string;
  /** Kubeconfig file of an entry. */
  file?: string;
  /** A cluster that never came to be. */
  whole?: Cluster;
}

/** Seconds within which an operation of another k3dui or k3d may still be at it: a create with a pull takes minutes. */
export const FRESH_SECONDS = 5 * 60;
/** Seconds for which a tools node that runs may be at an import: many images, or large ones. */
export const IMPORT_SECONDS = 3600;
