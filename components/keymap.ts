import type { Settings } from '../src/config/settings/schema.ts';
import { K3duiError } from '../src/errors.ts';
import { nearest } from '../src/nearest.ts';
import { KEYS, type KeyDefinition } from './keys.ts';

/** Keys that a terminal tells by a name; see KeyPress. */
const NAMED =
  /^(?:(?:ctrl|alt|shift)-)?(?:up|down|left|right|home|end|pageup|pagedown|enter|escape|tab|backspace|delete|space)$/;
const TYPED = /^(?:(?:ctrl|alt)-)?[!-~]$/;

/**
 * All keys with a person's own in place. Theirs win: what had one of them on the same screen loses it. Throws
 * SETTINGS_INVALID for an id or the name of a key that there is not.
 */
export function keymapWith(own: Settings['keys'], path: string): readonly KeyDefinition[] {
  let keys = KEYS;
  for (const { does, keys: names } of own) {
    const changed = keys.find(({ id }) => id === does);
    if (!changed) throw noSuchId(does, path);
    for (const name of names) if (!NAMED.test(name) && !TYPED.test(name)) throw noSuchKey(name, does, path);
    keys = keys.map(key => {
      if (key === changed) return { ...key, keys: names };
      return meet(key, changed) ? { ...key, keys: key.keys.filter(name => !names.includes(name)) } : key;
    });
  }
  return keys;
}

/** Whether there is a screen on which both exist. */
function meet(a: KeyDefinition, b: KeyDefinition): boolean {
  return a.screens === undefined || b.screens === undefined || a.screens.some(screen => b.screens?.includes(screen));
}

function noSuchId(does: string, path: string): K3duiError {
  const near = nearest(
    does,
    KEYS.map(({ id }) => id),
  );
  return new K3duiError({
    code: 'SETTINGS_INVALID',
    message: `${path}: no key does '${does}'`,
    hint: `${near ? `did you mean '${near}'? ` : ''}in the help screen (?) Ctrl-W shows the ids`,
  });
}

function noSuchKey(name: string, does: string, path: string): K3duiError {
  return new K3duiError({
    code: 'SETTINGS_INVALID',
    message: `${path}: '${name}', for '${does}', is not the name of a key`,
    hint: 'keys are written x, X, ctrl-x, alt-x, shift-left, pageup, space, enter …',
  });
}
