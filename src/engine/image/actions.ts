import type { TransferRequest } from './transfer.ts';

/** What plans do to the images in nodes. */
export type NodeImageAction =
  /**
   * Reads images once and hands them to the nodes of the request; each node's own step tells how it fares. `unread`: which
   * images they are only shows then.
   */
  | { kind: 'node-image.send'; transfer: string; request: TransferRequest; unread: boolean }
  /** One node's side of that transfer; `bytes`: how many there will be, about. */
  | { kind: 'node-image.receive'; transfer: string; node: string; bytes?: number }
  /** Gives an image in a node another name. */
  | { kind: 'node-image.tag'; node: string; from: string; to: string }
  /** Takes a name off an image, or removes the image with all its names; `called`: what people call it. */
  | { kind: 'node-image.remove'; node: string; image: string; called: string; name?: string }
  | { kind: 'node-image.pull'; node: string; image: string }
  /** Looks whether everything that an image consists of is there. */
  | { kind: 'node-image.verify'; node: string; name: string }
  /** Fails when a step before it did: those are optional, so that one node does not stop the others. */
  | { kind: 'node-image.settle'; nodes: number };
