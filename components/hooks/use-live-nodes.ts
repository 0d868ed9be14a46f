import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { Node } from '../../src/engine/model.ts';
import type { LiveView } from '../../src/engine/node/live.ts';
import type { Controller } from '../controller.ts';
import { throttled } from '../state/store.ts';

/** At most so often does news of nodes draw the screen again, in milliseconds. */
const FLUSH = 500;
/** How often it is looked which rows are on the screen. */
const LOOK = 250;
/** So long after the last key nothing new is watched: who walks through a list does not wait for it. */
const CALM = 200;
/** So much is begun to be watched at a time, so that a key in between finds its turn soon. */
const ROOM = 6;

/** While a screen shows nodes or clusters, what is on it is watched, and nothing else. */
export function useLiveNodes(app: Controller): LiveView {
  const { live } = app.nodes;
  const view = useSyncExternalStore(
    useMemo(() => throttled(listener => live.subscribe(listener), FLUSH), [live]),
    () => live.view,
  );
  const { screen, subject } = app.place;
  const watching = screen === 'nodes' || screen === 'node' || screen === 'clusters' || screen === 'cluster';
  // biome-ignore lint/correctness/useExhaustiveDependencies: another subject is another thing to watch
  useEffect(() => {
    if (!watching) return live.hide();
    const look = () => live.show(wanted(app), Date.now() - app.touched < CALM ? 0 : ROOM);
    look();
    const timer = setInterval(look, LOOK);
    return () => clearInterval(timer);
  }, [app, live, watching, screen, subject]);
  useEffect(() => () => live.hide(), [live]);
  return view;
}

/** What the screen shows at this moment. */
function wanted(app: Controller): Parameters<Controller['nodes']['live']['show']>[0] {
  const { place, snapshot } = app;
  const { clusters } = snapshot;
  if (snapshot.link !== 'live') return { load: [], clusters: [], nodes: false };
  if (place.screen === 'clusters') return { load: [], clusters: onScreen(app, clusters), nodes: false };
  if (place.screen === 'cluster') {
    return { load: [], clusters: clusters.filter(({ name }) => name === place.subject), nodes: false };
  }
  const load =
    place.screen === 'node'
      ? snapshot.nodes.filter(node => node.name === place.subject)
      : onScreen(app, (app.shaped()?.rows ?? []) as Node[]);
  const names = new Set(load.map(node => node.cluster));
  // The inventory's own objects, which stay the same while nothing changes.
  const ids = new Set(load.map(node => node.id));
  return {
    load: snapshot.nodes.filter(node => ids.has(node.id)),
    clusters: clusters.filter(({ name }) => names.has(name)),
    nodes: true,
  };
}

function onScreen<Row>(app: Controller, rows: readonly Row[]): readonly Row[] {
  const { table } = app.body;
  return table === undefined ? rows.slice(0, 50) : rows.slice(table.first, table.first + table.page);
}
