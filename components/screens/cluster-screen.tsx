import type { ReactNode } from 'react';
import { contextName } from '../../src/engine/names.ts';
import { sanitise } from '../../src/text.ts';
import { useTheme } from '../theme.ts';
import { clusterLines } from './cluster-lines.ts';
import type { BodyProps } from './list-screen.tsx';
import { schedulingTrouble } from './scheduling.ts';
import { fact, TextScreen } from './text-screen.tsx';

/** Details of a cluster. */
export function ClusterScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, now } = props;
  const name = place.subject ?? '';
  const cluster = app.snapshot.clusters.find(candidate => candidate.name === name);
  const trouble = schedulingTrouble(app.nodes.live.view.kubernetes.get(name)?.waiting, 'a');
  const waiting = trouble === '' ? [] : [fact(theme, 'Scheduling', theme.paint('bad', `✗ ${sanitise(trouble)}`)), ''];
  const lines = cluster
    ? [...waiting, ...clusterLines(theme, cluster, app.state.context === contextName(name), now)]
    : [`There is no cluster ${sanitise(name)} any more.`, '', 'Esc  goes back'];
  return <TextScreen {...props} title={`Cluster ${sanitise(name)}`} lines={lines} />;
}
