import { App } from '../../components/app.tsx';
import { Controller } from '../../components/controller.ts';
import { INITIAL, reduce } from '../../components/state/app-state.ts';
import { Store } from '../../components/state/store.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { actionsOn, anEngine, type FakeActions, type FakeEngine } from './app-fakes.ts';
import { type Shown, show } from './dialog-harness.tsx';

export interface ShownApp extends Shown {
  app: Controller;
  engine: FakeEngine;
  actions: FakeActions;
  /** What went to the clipboard. */
  copied: string[];
  /** How often somebody left. */
  left(): number;
}

/** The whole app over an engine that is nothing but a picture. 100 columns, as ink-testing-library has. */
export async function showApp(clusters: Cluster[], demo = false): Promise<ShownApp> {
  const engine = anEngine(clusters, demo);
  const actions = actionsOn(engine);
  const copied: string[] = [];
  let left = 0;
  const app = new Controller({
    engine,
    store: new Store(INITIAL, reduce),
    actions,
    quit: () => left++,
    suspend: () => {},
    copy: async text => {
      copied.push(text);
      return 'for the test';
    },
  });
  const shown = await show(<App app={app} />, { width: 100, height: 24 });
  return { ...shown, app, engine, actions, copied, left: () => left };
}
