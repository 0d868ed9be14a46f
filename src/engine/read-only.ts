import { K3duiError } from '../errors.ts';
import type { Engine } from './engine.ts';

/** Throws READ_ONLY when nothing may be changed. `what` would have been done: `create cluster demo`. */
export function refuseReadOnly(engine: Pick<Engine, 'readOnly'>, what: string): void {
  if (!engine.readOnly) return;
  throw new K3duiError({
    code: 'READ_ONLY',
    message: `k3dui is read-only: ${what} was not done`,
    hint: 'it was started with --read-only or K3DUI_READ_ONLY, or the settings file says readOnly',
  });
}
