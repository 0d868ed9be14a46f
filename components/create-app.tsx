import type { ReactNode } from 'react';
import type { Engine } from '../src/engine/engine.ts';
import { App } from './app.tsx';
import { Controller } from './controller.ts';
import { engineActions } from './engine-actions.ts';
import { INITIAL, reduce } from './state/app-state.ts';
import { Store } from './state/store.ts';

export interface CreateAppOptions {
  engine: Engine;
  quit(): void;
  suspend(): void;
  aside<Result>(work: () => Promise<Result>): Promise<Result>;
  copy(text: string): Promise<string>;
}

/** The app over an engine. In a module of its own: what is seen before there is an engine needs none of it. */
export function createApp(options: CreateAppOptions): ReactNode {
  const store = new Store(INITIAL, reduce);
  return <App app={new Controller({ ...options, store, actions: engineActions(options.engine) })} />;
}
