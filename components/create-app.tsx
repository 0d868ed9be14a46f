import type { ReactNode } from 'react';
import type { Settings } from '../src/config/settings/schema.ts';
import type { Engine } from '../src/engine/engine.ts';
import { toK3duiError } from '../src/errors.ts';
import { App } from './app.tsx';
import { Controller } from './controller.ts';
import { engineActions } from './engine-actions.ts';
import { errorText } from './error-text.ts';
import { keymapWith } from './keymap.ts';
import { KEYS } from './keys.ts';
import type { Voice } from './spoken/voice.ts';
import { INITIAL, reduce } from './state/app-state.ts';
import { Store } from './state/store.ts';

export interface CreateAppOptions {
  engine: Engine;
  settings: Settings;
  settingsPath: string;
  /** Tells this app from one over another engine. */
  key: string;
  /** Goes over to the engine of a Docker context; rejects when it cannot be reached, and then this one stays. */
  switchTo(context: string): Promise<void>;
  quit(): void;
  suspend(): void;
  aside<Result>(work: () => Promise<Result>): Promise<Result>;
  copy(text: string): Promise<string>;
  /** Present when the screen is read out. */
  voice?: Voice;
}

/** The app over an engine. In a module of its own: what is seen before there is an engine needs none of it. */
export function createApp({ key, settings, settingsPath, ...options }: CreateAppOptions): ReactNode {
  const store = new Store(INITIAL, reduce);
  const { keys, problem } = keysOf(settings, settingsPath);
  const app = new Controller({ ...options, keys, store, actions: engineActions(options.engine) });
  if (problem !== undefined) app.say('bad', problem);
  return <App key={key} app={app} />;
}

/** A mistake in the keys is said on the screen: the keys are only known here. */
function keysOf(settings: Settings, path: string) {
  try {
    return { keys: keymapWith(settings.keys, path) };
  } catch (error) {
    return { keys: KEYS, problem: errorText(toK3duiError(error)) };
  }
}
