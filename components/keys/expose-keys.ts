import { browsable, curlOf, exposeLine, mend, openIngress, remedyOf, removeIngress } from '../expose-actions.ts';
import { type KeyContext, type KeyDefinition, oneCluster, whenLive } from './definition.ts';

const SCREENS = ['expose', 'exposure'] as const;

type Line = NonNullable<ReturnType<typeof exposeLine>>;

const someLine = (context: KeyContext, then: (line: Line) => true | string): true | string => {
  const line = exposeLine(context.app, context.place);
  return line === undefined ? 'there is nothing selected' : then(line);
};

/** Does something with the selected way. */
const withLine = ({ app, place }: KeyContext, act: (line: Line) => void): void => {
  const line = exposeLine(app, place);
  if (line) act(line);
};

/** Keys of the expose screen, and those that lead to it. */
export const EXPOSE_KEYS: readonly KeyDefinition[] = [
  {
    id: 'expose',
    keys: ['v'],
    title: 'expose: how Services and Ingresses are visible from this machine',
    short: 'expose',
    group: 'go',
    screens: ['clusters', 'cluster', 'ports'],
    hint: 32,
    enabled: oneCluster,
    run: ({ app, clusters }) => app.open({ screen: 'expose', subject: clusters[0]?.name }),
  },
  {
    id: 'expose-mend',
    keys: ['r'],
    title: 'remedy: do what is missing: publish the port, start what stands still, make an Ingress',
    short: 'remedy',
    group: 'expose',
    screens: SCREENS,
    hint: 10,
    changes: true,
    enabled: context =>
      whenLive(
        context,
        someLine(context, line => {
          if (line.diagnosis.fault === undefined) return 'nothing is missing';
          return remedyOf(line)?.act !== undefined || 'it has to be done by hand: the lines below say how';
        }),
      ),
    run: context => withLine(context, line => mend(context.app, line)),
  },
  {
    id: 'expose-ingress',
    keys: ['a', 'n'],
    title: 'add an Ingress: give the Service a host name',
    short: 'add Ingress',
    group: 'expose',
    screens: SCREENS,
    hint: 20,
    changes: true,
    enabled: context =>
      whenLive(
        context,
        someLine(context, ({ exposure }) => exposure.service !== undefined || 'there is no Service that it leads to'),
      ),
    run: context => withLine(context, line => openIngress(context.app, line)),
  },
  {
    id: 'expose-open',
    keys: ['o'],
    title: 'open in the browser',
    short: 'open in browser',
    group: 'expose',
    screens: SCREENS,
    hint: 30,
    enabled: context =>
      someLine(context, line => browsable(line) !== undefined || 'it has no URL that a browser could open'),
    run: context =>
      withLine(context, line => {
        const url = browsable(line);
        if (url !== undefined) context.app.browse(url);
      }),
  },
  {
    id: 'expose-curl',
    keys: ['u'],
    title: 'copy a curl line that works even where the name does not resolve',
    short: 'copy curl',
    group: 'expose',
    screens: SCREENS,
    hint: 40,
    enabled: context =>
      someLine(context, line => curlOf(line) !== undefined || 'it has no URL that curl could ask for'),
    run: context =>
      withLine(context, line => {
        const curl = curlOf(line);
        if (curl !== undefined) context.app.copy(curl);
      }),
  },
  {
    id: 'expose-test',
    keys: ['t'],
    title: 'try every hop of the way again',
    short: 'try again',
    group: 'expose',
    screens: SCREENS,
    hint: 35,
    enabled: context =>
      whenLive(
        context,
        someLine(context, () => true),
      ),
    run: context => withLine(context, line => context.app.expose.test(line)),
  },
  {
    id: 'expose-ports',
    keys: ['p'],
    title: 'ports: every path into the cluster',
    short: 'ports',
    group: 'go',
    screens: SCREENS,
    hint: 45,
    enabled: context => someLine(context, () => true),
    run: context => withLine(context, line => context.app.open({ screen: 'ports', subject: line.cluster.name })),
  },
  {
    id: 'expose-remove',
    keys: ['ctrl-d'],
    title: 'remove the Ingress, and the port that was added for it, after asking',
    short: 'remove Ingress',
    group: 'expose',
    screens: SCREENS,
    hint: 50,
    changes: true,
    enabled: context =>
      whenLive(
        context,
        someLine(context, ({ exposure }) => exposure.kind === 'Ingress' || 'only an Ingress can be removed here'),
      ),
    run: context => withLine(context, line => removeIngress(context.app, line)),
  },
];
