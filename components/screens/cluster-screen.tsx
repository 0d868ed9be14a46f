import type { ReactNode } from 'react';
import { sanitise } from '../../src/text.ts';
import { useTheme } from '../theme.ts';
import { clusterLines } from './cluster-lines.ts';
import { contextName } from './clusters-list.ts';
import type { BodyProps } from './list-screen.tsx';
import { TextScreen } from './text-screen.tsx';

/** Details of a cluster. */
export function ClusterScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, now } = props;
  const name = place.subject ?? '';
  const cluster = app.snapshot.clusters.find(candidate => candidate.name === name);
  const lines = cluster
    ? clusterLines(theme, cluster, app.state.context === contextName(name), now)
    : [`There is no cluster ${sanitise(name)} any more.`, '', 'Esc  goes back'];
  return <TextScreen {...props} title={`Cluster ${sanitise(name)}`} lines={lines} />;
}
