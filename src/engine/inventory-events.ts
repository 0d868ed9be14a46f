import type { DockerEvent } from '../docker/types.ts';
import type { Snapshot } from './model.ts';

/** Kinds of events that can change the picture. */
export const TYPES = ['container', 'network', 'volume'];

/** Leaves out what comes in floods and changes nothing: exec_*, top, resize, attach, health_status, mount. */
export const ACTIONS = [
  'create',
  'start',
  'die',
  'destroy',
  'remove',
  'rename',
  'pause',
  'unpause',
  'restart',
  'stop',
  'update',
  'connect',
  'disconnect',
];

/**
 * True when the event may have changed k3d's part of the engine. Container events carry the container's labels;
 * network and volume events carry none, so a new one might be ours and an old one is when we know it.
 */
export function isRelevant(event: DockerEvent, snapshot: Snapshot): boolean {
  const { Type: type, Action: action, Actor: actor } = event;
  if (!TYPES.includes(type) || !ACTIONS.includes(action)) return false;
  const attributes = actor?.Attributes ?? {};
  const id = actor?.ID ?? '';
  if (type === 'container') return attributes.app === 'k3d' || hasNode(snapshot, id);
  if (type === 'volume') return action === 'create' || snapshot.clusters.some(({ volumes }) => volumes.includes(id));
  if (action === 'connect' || action === 'disconnect') return hasNode(snapshot, attributes.container ?? '');
  return action === 'create' || snapshot.clusters.some(({ network }) => network?.id === id);
}

function hasNode(snapshot: Snapshot, id: string): boolean {
  return snapshot.nodes.some(node => node.id === id);
}
