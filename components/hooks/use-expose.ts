import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { Cluster } from '../../src/engine/model.ts';
import type { Controller } from '../controller.ts';
import { AT_ONCE, clusterOfExposure } from '../expose-work.ts';
import type { PortLine } from '../screens/ports-list.ts';
import { placeUnderHelp } from '../state/navigation.ts';
import { throttled } from '../state/store.ts';

/** At most so often does news of traffic draw the screen again, in milliseconds. */
const FLUSH = 50;

/** While a screen shows how clusters are reached, the traffic of those clusters is followed, and of no others. */
export function useExpose(app: Controller): void {
  const { expose, snapshot } = app;
  useSyncExternalStore(
    useMemo(() => throttled(listener => expose.subscribe(listener), FLUSH), [expose]),
    () => expose.token,
  );
  // Help tells which keys work on what is under it: that goes on being followed.
  const { screen } = placeUnderHelp(app.state.navigation);
  // Every time something was drawn, as another cluster may be selected then.
  useEffect(() => {
    if (snapshot.link === 'lost') return;
    const shown = followed(app);
    expose.feed.show(shown);
    // What the ways go through in Docker; the ports screen sees to its own.
    if (screen === 'expose' || screen === 'exposure') app.portWatch.look(shown, []);
  });
  useEffect(() => {
    if (screen !== 'expose' && screen !== 'exposure') return undefined;
    return () => app.portWatch.stop();
  }, [app, screen]);
  useEffect(() => () => expose.feed.hide(), [expose]);
}

/** The clusters whose traffic the screen is about. */
function followed(app: Controller): readonly Cluster[] {
  const { snapshot } = app;
  const place = placeUnderHelp(app.state.navigation);
  const named = (name: string | undefined) => snapshot.clusters.filter(cluster => cluster.name === name);
  switch (place.screen) {
    case 'expose':
      if (place.subject !== undefined) return named(place.subject);
      return snapshot.clusters.filter(({ servers }) => servers.some(({ running }) => running)).slice(0, AT_ONCE);
    case 'exposure':
      return named(clusterOfExposure(place.subject));
    case 'ports':
      return named(place.subject ?? (app.selectedRow(place) as PortLine | undefined)?.row.cluster);
    default:
      return [];
  }
}
