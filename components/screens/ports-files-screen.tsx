import { type ReactNode, useEffect } from 'react';
import { sanitise } from '../../src/text.ts';
import { useTheme } from '../theme.ts';
import type { BodyProps } from './list-screen.tsx';
import { agreement, fileLines } from './ports-pane.ts';
import { TextScreen } from './text-screen.tsx';

/** Both files of a load balancer in full. */
export function PortsFilesScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, width } = props;
  const cluster = app.snapshot.clusters.find(({ name }) => name === place.subject);
  useEffect(() => {
    if (cluster) app.portWatch.look([cluster], []);
  });
  useEffect(() => () => app.portWatch.stop(), [app]);
  const name = sanitise(place.subject ?? '');
  if (!cluster) {
    return (
      <TextScreen {...props} title={name} lines={[`There is no cluster ${name} any more.`, '', 'Esc  goes back']} />
    );
  }
  const entry = app.state.ports.readings.get(cluster.name);
  const nginx = fileLines(theme, cluster, entry, 'nginx.conf', width - 4);
  const lines =
    entry?.reading === undefined
      ? nginx
      : [
          theme.paint('title', '/etc/nginx/nginx.conf'),
          ...nginx,
          '',
          theme.paint('title', '/etc/confd/values.yaml'),
          ...fileLines(
            theme,
            cluster,
            { ...entry, reading: { ...entry.reading, differences: [] } },
            'values.yaml',
            width - 4,
          ),
        ];
  const agrees = agreement(entry);
  return (
    <TextScreen {...props} title={`Load balancer of ${name}${agrees === '' ? '' : ` · ${agrees}`}`} lines={lines} />
  );
}
