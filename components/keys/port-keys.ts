import { portLines, scrollPortFile, testPorts } from '../port-lines.ts';
import { fixedBecause } from '../screens/ports-fixed.ts';
import type { PortLine } from '../screens/ports-list.ts';
import { portUrl } from '../screens/ports-urls.ts';
import { type KeyContext, type KeyDefinition, oneCluster, whenLive } from './definition.ts';

/** The marked paths, or the selected one. */
const lines = ({ app, place }: KeyContext): PortLine[] => portLines(app, place);

const someLine = (context: KeyContext, then: (found: PortLine[]) => true | string): true | string => {
  const found = lines(context);
  return found.length === 0 ? 'there is no port selected' : then(found);
};

const changeable = (context: KeyContext): true | string =>
  someLine(context, found => {
    const clusters = new Set(found.map(line => line.row.cluster));
    if (clusters.size > 1) return 'the marked ports belong to several clusters; mark those of one';
    return found.map(fixedBecause).find(why => why !== undefined) ?? true;
  });

const url = ({ app }: KeyContext, line: PortLine): string | undefined =>
  portUrl(line.row, app.ports.hostOf(line.row.hostIP, line.row.hostPort));

/** Keys of the ports screen, and those that lead to it. */
export const PORT_KEYS: readonly KeyDefinition[] = [
  {
    id: 'ports',
    keys: ['p'],
    title: 'ports: every path into the cluster',
    short: 'ports',
    group: 'go',
    screens: ['clusters', 'cluster'],
    hint: 31,
    enabled: oneCluster,
    run: ({ app, clusters }) => app.open({ screen: 'ports', subject: clusters[0]?.name }),
  },
  {
    id: 'port-add',
    keys: ['a', 'n'],
    title: 'add a port',
    short: 'add',
    group: 'port',
    screens: ['ports'],
    changes: true,
    hint: 10,
    enabled: context => whenLive(context, context.app.snapshot.clusters.length > 0 || 'there is no cluster yet'),
    run: ({ app, place, clusters }) =>
      app.openDialog({ name: 'port', what: { kind: 'add', cluster: place.subject, near: clusters[0]?.name } }),
  },
  {
    id: 'port-change',
    keys: ['e'],
    title: 'change: host port, address, nodes behind it',
    short: 'change',
    group: 'port',
    screens: ['ports'],
    changes: true,
    hint: 20,
    enabled: context =>
      whenLive(
        context,
        someLine(context, found => (found.length > 1 ? 'works on one port, several are marked' : changeable(context))),
      ),
    run: context => {
      const [line] = lines(context);
      if (line) {
        context.app.openDialog({ name: 'port', what: { kind: 'change', cluster: line.row.cluster, row: line.row } });
      }
    },
  },
  {
    id: 'port-remove',
    keys: ['ctrl-d'],
    title: 'remove, after asking; all marked ones in one go',
    short: 'remove',
    group: 'port',
    screens: ['ports'],
    changes: true,
    hint: 22,
    enabled: context => whenLive(context, changeable(context)),
    run: context => {
      const rows = lines(context).map(line => line.row);
      const [first] = rows;
      if (first) context.app.openDialog({ name: 'port', what: { kind: 'remove', cluster: first.cluster, rows } });
    },
  },
  {
    id: 'port-test',
    keys: ['t'],
    title: 'read and test everything in sight again',
    short: 'test',
    group: 'port',
    screens: ['ports'],
    hint: 30,
    enabled: context =>
      whenLive(
        context,
        someLine(context, () => true),
      ),
    run: ({ app }) => testPorts(app),
  },
  {
    id: 'port-open',
    keys: ['o'],
    title: 'open in the browser',
    short: 'open in browser',
    group: 'port',
    screens: ['ports'],
    hint: 40,
    enabled: context =>
      someLine(context, ([line]) => {
        if (!line || url(context, line) === undefined) return 'only a published TCP port can be opened';
        return line.testable || 'nothing listens there while it is stopped';
      }),
    run: context => {
      const [line] = lines(context);
      const address = line && url(context, line);
      if (address !== undefined) context.app.browse(address);
    },
  },
  {
    id: 'port-file',
    keys: ['y'],
    title: 'nginx.conf or values.yaml below',
    short: 'values.yaml',
    group: 'port',
    screens: ['ports'],
    hint: 45,
    run: ({ app }) => {
      const file = app.state.ports.file === 'nginx.conf' ? 'values.yaml' : 'nginx.conf';
      app.store.dispatch({ type: 'ports', ports: { file, scroll: 0 } });
    },
  },
  {
    id: 'port-file-down',
    keys: ['}', 'shift-down'],
    title: 'scroll the file below down',
    group: 'port',
    screens: ['ports'],
    run: ({ app }) => scrollPortFile(app, 3),
  },
  {
    id: 'port-file-up',
    keys: ['{', 'shift-up'],
    title: 'scroll the file below up',
    group: 'port',
    screens: ['ports'],
    run: ({ app }) => scrollPortFile(app, -3),
  },
];
