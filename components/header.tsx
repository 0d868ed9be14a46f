import { basename } from 'node:path';
import type { ReactNode } from 'react';
import { formatBytes, formatDuration, pad, sanitise, stringWidth, truncate } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { keyLabel } from './key-names.ts';
import { enabledNow, keysOf } from './keys.ts';
import { tagsSubject } from './registry-watch.ts';
import { LISTS } from './screens/lists.ts';
import { usePart } from './spoken/voice-context.ts';
import { currentPath, type Place } from './state/navigation.ts';
import { type Theme, useTheme } from './theme.ts';
import { Rows } from './widgets/rows.tsx';

/** Left and right text in one line; the left gives way. Both may hold styles. */
export function twoSides(left: string, right: string, width: number): string {
  const room = width - stringWidth(right);
  if (room < 8) return truncate(left, width);
  return pad(truncate(left, room - 1), room) + right;
}

/** Name, engine, its size; how many clusters and nodes; what runs. */
function headerLine(theme: Theme, app: Controller, now: number, width: number): string {
  const { snapshot, running } = app;
  const { endpoint } = app.engine.docker;
  const engine = snapshot.engine;
  const facts = [sanitise(endpoint.address)];
  if (engine) {
    facts.push(`Docker ${sanitise(engine.version)}`, `${engine.cpus} CPU ${formatBytes(engine.memoryBytes)}`);
  }
  const demo = endpoint.demo ? ` ${theme.paint('demo', ' DEMO ')}` : '';
  const right = [
    plural(snapshot.clusters.length, 'cluster'),
    plural(snapshot.nodes.length, 'node'),
    ...(snapshot.link === 'lost' ? [theme.paint('bad', '✗ engine lost, trying again')] : []),
    ...(running[0] ? [theme.paint('accent', runningText(running, now))] : []),
  ].join('  ');
  const readOnly = app.engine.readOnly ? ` ${theme.paint('demo', ' READ-ONLY ')}` : '';
  const name = ` ${theme.paint('title', 'k3dui')}${demo}${readOnly}  `;
  // In a narrow terminal the facts go from the right, the address last.
  while (facts.length > 1 && stringWidth(name + facts.join(' · ') + right) + 3 > width) facts.pop();
  return twoSides(name + theme.paint('dim', facts.join(' · ')), `${right} `, width);
}

/** For a screen reader: which engine it is, once. How many clusters there are the list says. */
function aboutEngine(app: Controller): string {
  const { endpoint } = app.engine.docker;
  const { engine } = app.snapshot;
  if (engine === undefined) return '';
  const kind = `${endpoint.demo ? ', demo' : ''}${app.engine.readOnly ? ', read-only' : ''}`;
  const keys = 'Question mark lists the keys, full stop says where you are, comma reads all of it';
  return `Docker ${sanitise(engine.version)} at ${sanitise(endpoint.address)}${kind}. ${keys}`;
}

function runningText(running: Controller['running'], now: number): string {
  const [first] = running;
  if (first === undefined) return '';
  const seconds = Math.max(0, Math.floor((now - first.startedAt) / 1000));
  const more = running.length > 1 ? ` +${running.length - 1}` : '';
  return `⟳ ${truncate(sanitise(first.title), 30)} ${seconds < 60 ? `${seconds}s` : formatDuration(seconds * 1000)}${more}`;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** Where the person is. */
function crumbs(theme: Theme, path: readonly Place[], operationTitle: (id: string) => string): string {
  const names = path.flatMap((place, index) => {
    const own = sanitise(crumb(place, operationTitle));
    const { subject } = place;
    // What a screen is about stands before it, unless it is the breadcrumb above.
    const about = ['nodes', 'yaml', 'export', 'ports', 'expose', 'loadbalancer', 'doctor', 'images'].includes(
      place.screen,
    )
      ? subject
      : undefined;
    return about === undefined || path[index - 1]?.subject === about ? [own] : [sanitise(about), own];
  });
  const styled = names.map((name, index) => theme.paint(index === names.length - 1 ? 'title' : 'dim', name));
  return ` ${styled.join(theme.paint('dim', ' › '))}`;
}

/** `web`, of an id `demo/service/shop/web/80/tcp`. */
const exposureCrumb = (id = ''): string => id.split('/')[3] ?? id;

function crumb(place: Place, operationTitle: (id: string) => string): string {
  switch (place.screen) {
    case 'cluster':
    case 'node':
      return place.subject ?? '';
    case 'nodes':
      return 'Nodes';
    case 'ports':
      return 'Ports';
    case 'expose':
      return 'Expose';
    case 'exposure':
      return exposureCrumb(place.subject);
    case 'loadbalancer':
      return 'Load balancer';
    case 'repositories':
      return place.subject ?? '';
    case 'tags':
      return tagsSubject(place).repository;
    case 'doctor':
      return 'Doctor';
    case 'contexts':
      return 'Docker contexts';
    case 'images':
      return 'Images';
    case 'export':
      return 'Config file';
    case 'diff':
      return `Diff ${basename(place.subject ?? '')}`;
    case 'yaml':
      return 'YAML';
    case 'operation':
      return operationTitle(place.subject ?? '');
    case 'help':
      return 'Help';
    case 'logs':
      return logCrumb(place.subject ?? '');
    default:
      return LISTS[place.screen]?.title(place) ?? place.screen;
  }
}

/** The node whose log it is, or how many. */
function logCrumb(names: string): string {
  const count = names.split(' ').length;
  return count === 1 ? `Log of ${names}` : `Logs of ${count} nodes`;
}

/** The keys that matter most here and do something now, as many as fit. */
export function hints(theme: Theme, app: Controller, width: number): string {
  const context = app.context();
  const keys = keysOf(context.place.screen, app.keys);
  const hinted = keys
    .filter(({ hint, keys: [name] }) => hint !== undefined && name !== undefined)
    .sort((a, b) => a.hint! - b.hint!);
  let out = '';
  let used = 0;
  for (const key of hinted) {
    const name = key.keys[0]!;
    const label = keyLabel(name);
    const word = key.short ?? key.title;
    const length = label.length + 1 + word.length + (used > 0 ? 3 : 0);
    if (used + length > width) continue;
    // Of two with the same key the first that does something runs: only that one is promised.
    const runs = keys.find(other => other.keys.includes(name) && enabledNow(other, context) === true);
    if (runs !== key) continue;
    out += `${used > 0 ? '   ' : ''}${theme.paint('key', label)} ${word}`;
    used += length;
  }
  return out;
}

/** The two lines above the body. */
export function Header({ app, now, width }: { app: Controller; now: number; width: number }): ReactNode {
  const theme = useTheme();
  usePart({ kind: 'line', text: aboutEngine(app) });
  if (theme.spoken) return null;
  const path = currentPath(app.state.navigation);
  const where = crumbs(theme, path, id => app.engine.operations.operations.find(one => one.id === id)?.title ?? id);
  const room = Math.max(0, width - stringWidth(where) - 4);
  return <Rows rows={[headerLine(theme, app, now, width), twoSides(where, `${hints(theme, app, room)} `, width)]} />;
}
