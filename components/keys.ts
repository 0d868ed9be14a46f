import { CLUSTER_KEYS, OPERATION_KEYS } from './keys/cluster-keys.ts';
import { type KeyContext, type KeyDefinition, READ_ONLY } from './keys/definition.ts';
import { DOCTOR_KEYS } from './keys/doctor-keys.ts';
import { EXPOSE_KEYS } from './keys/expose-keys.ts';
import { FILE_KEYS } from './keys/file-keys.ts';
import { GENERAL_KEYS } from './keys/general-keys.ts';
import { IMAGE_KEYS } from './keys/image-keys.ts';
import { LIST_KEYS, MOVES, SORTS } from './keys/list-keys.ts';
import { LOG_KEYS } from './keys/log-keys.ts';
import { NODE_KEYS } from './keys/node-keys.ts';
import { PORT_KEYS } from './keys/port-keys.ts';
import { REGISTRY_KEYS } from './keys/registry-keys.ts';
import type { ScreenName } from './state/navigation.ts';

export type { KeyContext, KeyDefinition, KeyGroup } from './keys/definition.ts';

/** Every key there is. Of two with the same key on one screen the first that is enabled runs. */
export const KEYS: readonly KeyDefinition[] = [
  ...NODE_KEYS,
  ...CLUSTER_KEYS,
  ...FILE_KEYS,
  ...PORT_KEYS,
  ...EXPOSE_KEYS,
  ...IMAGE_KEYS,
  ...DOCTOR_KEYS,
  ...OPERATION_KEYS,
  ...REGISTRY_KEYS,
  ...LOG_KEYS,
  ...MOVES,
  ...LIST_KEYS,
  ...SORTS,
  ...GENERAL_KEYS,
];

/** The keys of a screen. */
export function keysOf(screen: ScreenName, keys = KEYS): readonly KeyDefinition[] {
  return keys.filter(({ screens }) => screens === undefined || screens.includes(screen));
}

/** True, or why the key does nothing now. */
export function enabledNow(key: KeyDefinition, context: KeyContext): true | string {
  if (key.changes && context.app.engine.readOnly) return READ_ONLY;
  return key.enabled?.(context) ?? true;
}
