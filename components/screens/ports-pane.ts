import type { Cluster } from '../../src/engine/model.ts';
import { equivalentFilters } from '../../src/engine/ports/filters.ts';
import type { Probe } from '../../src/engine/ports/probe.ts';
import { noLoadBalancer } from '../../src/engine/ports/read.ts';
import { formatDuration, sanitise, sanitiseLines, truncate } from '../../src/text.ts';
import type { LoadBalancerFile, ReadingEntry } from '../state/ports.ts';
import type { Theme } from '../theme.ts';
import { wrapText } from '../widgets/wrap.ts';
import { hostText, type PortLine, portState, probeSign, probeStyle, shortNode } from './ports-list.ts';
import { paintYaml } from './yaml-screen.tsx';

/** The selected mapping in words: the path with each half as tested, and how its node filters can be written. */
export function mappingLines(theme: Theme, line: PortLine, width: number, height: number): string[] {
  const path = [hopsLine(theme, line), ...testLines(theme, line, width)];
  const room = Math.max(1, height - path.length);
  return [...path, ...filterLines(theme, line, width).slice(0, room)].map(text => truncate(text, width));
}

function hopsLine(theme: Theme, { row, cluster }: PortLine): string {
  const behind = row.upstreams.map(({ node }) => shortNode(node, cluster.name)).join(', ') || 'nothing known';
  const listener = `${row.listenerPort}/${row.protocol}`;
  const hops =
    row.kind === 'direct' || !cluster.loadBalancer
      ? [hostText(row), `${behind} ${listener}`]
      : [hostText(row), `load balancer ${listener}`, `${behind} ${listener}`];
  return hops.map(sanitise).join(theme.paint('dim', ' → '));
}

function testLines(theme: Theme, line: PortLine, width: number): string[] {
  const { probe, cluster } = line;
  const state = portState(line);
  const dim = (text: string) => [theme.paint('dim', truncate(text, width))];
  if (state === 'stopped') return dim('The container that holds the port is stopped; the port comes back with it.');
  if (state === 'not published') return dim('No port of this machine leads to this listener.');
  if (state === 'untestable')
    return dim(
      `${line.row.protocol.toUpperCase()} cannot be tested from here: no answer and nobody there look the same.`,
    );
  if (!probe?.probe) return dim('being tested …');
  const parts = [
    half(theme, 'from this machine', probe.probe.host),
    ...probe.probe.upstreams.map(one => half(theme, shortNode(one.node, cluster.name), one)),
  ];
  return [`${parts.join('   ')}${probe.testing ? theme.paint('dim', '   testing again …') : ''}`];
}

function half(theme: Theme, from: string, probe: Probe): string {
  const took = probe.state === 'open' ? ` ${formatDuration(probe.ms)}` : '';
  const why = probe.why !== undefined && probe.state !== 'open' ? ` (${sanitise(probe.why)})` : '';
  const sign = theme.paint(probeStyle(probe.state), `${probeSign(probe.state)} ${probe.state}`);
  return `${theme.paint('dim', sanitise(from))} ${sign}${took}${why}`;
}

function filterLines(theme: Theme, { row, cluster }: PortLine, width: number): string[] {
  if (row.filters === '') return [];
  const spellings = equivalentFilters(row, cluster);
  const [own = row.filters, ...others] = spellings.map(one => (one === '' ? 'no filter' : one));
  const same = others.length > 0 ? `  is the same as  ${others.join('   ')}` : '';
  return wrapText(`@${sanitise(own)}${sanitise(same)}`, width).map((text, at) =>
    at === 0
      ? theme.paint('accent', text.slice(0, own.length + 1)) + theme.paint('dim', text.slice(own.length + 1))
      : theme.paint('dim', text),
  );
}

/** Says whether nginx.conf is what values.yaml asks for. */
export function agreement(entry: ReadingEntry | undefined): string {
  const { reading } = entry ?? {};
  if (reading === undefined) return '';
  if (reading.agrees) return 'both files say the same';
  const count = reading.differences.length;
  return `differs from values.yaml in ${count} ${count === 1 ? 'point' : 'points'}`;
}

/** Why a cluster without a load balancer gets no further port, and what can be done instead. */
export function withoutLoadBalancer(theme: Theme, cluster: Cluster, width: number): string[] {
  const { message, hint = '' } = noLoadBalancer(cluster);
  const sentence = (text: string) => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
  return [
    ...wrapText(sentence(message), width),
    '',
    ...wrapText(sentence(hint), width).map(text => theme.paint('dim', text)),
  ];
}

/** One of the load balancer's files, as lines of at most `width` columns, after what there is to say of it. */
export function fileLines(
  theme: Theme,
  cluster: Cluster,
  entry: ReadingEntry | undefined,
  file: LoadBalancerFile,
  width: number,
): string[] {
  if (!cluster.loadBalancer) {
    return withoutLoadBalancer(theme, cluster, width);
  }
  if (entry?.error) {
    return [
      ...wrapText(`✗ ${entry.error.message}`, width).map(text => theme.paint('bad', text)),
      ...wrapText(entry.error.hint ?? '', width),
    ];
  }
  const { reading } = entry ?? {};
  if (!reading) return [theme.paint('dim', 'reading …')];
  const differences = reading.differences.flatMap(text =>
    wrapText(`! ${text}`, width).map(one => theme.paint('warn', one)),
  );
  const text = file === 'nginx.conf' ? reading.nginxText : reading.valuesText;
  const lines = sanitiseLines(text.trimEnd()).map(one => {
    const cut = truncate(one, width);
    return file === 'nginx.conf' ? paintNginx(theme, cut) : paintYaml(theme, cut);
  });
  return [...differences, ...lines];
}

/** Comments dim, what a line is about in colour. */
function paintNginx(theme: Theme, line: string): string {
  if (/^\s*#/.test(line)) return theme.paint('dim', line);
  const match = /^(\s*)([a-z_]+)(\s.*)$/.exec(line);
  return match ? `${match[1]}${theme.paint('accent', match[2] ?? '')}${match[3]}` : line;
}
