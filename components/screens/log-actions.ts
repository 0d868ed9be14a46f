import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { stampText } from '../../src/engine/logs/stamp.ts';
import type { Controller } from '../controller.ts';
import type { Place } from '../state/navigation.ts';
import type { LogView } from './log-view.ts';
import { logNames } from './log-views.ts';

/** The containers that `l` is about: marked or selected nodes, those of the marked clusters, or those already shown. */
export function logNamesFor(app: Controller, place: Place): string[] {
  if (place.screen === 'logs') return logNames(place);
  if (place.screen === 'node') return place.subject === undefined ? [] : [place.subject];
  if (place.screen === 'nodes') return app.nodes.chosen(place).map(node => node.name);
  const clusters = new Set(app.context(place).clusters.map(cluster => cluster.name));
  return app.snapshot.nodes.filter(node => clusters.has(node.cluster)).map(node => node.name);
}

/** The containers that a name typed after `:logs` means: a node's own, or all of a cluster. */
export function logNamesNamed(app: Controller, name: string): string[] {
  const { nodes } = app.snapshot;
  const node = nodes.find(one => one.name === name) ?? nodes.find(one => one.name === `k3d-${name}`);
  const cluster = nodes.filter(one => one.cluster === name).map(one => one.name);
  return cluster.length > 0 ? cluster : node === undefined ? [] : [node.name];
}

/** Where something is saved unless another path is typed: in the folder in which k3dui was started. */
export function proposedPath(kind: 'save-log' | 'export-logs', names: readonly string[], now = new Date()): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[:-]/g, '');
  const what = (names.length === 1 ? names[0]! : (commonName(names) ?? 'k3d')).replaceAll(/[^\w.-]+/g, '_');
  return kind === 'save-log' ? `${what}-${stamp}.log` : `${what}-logs-${stamp}`;
}

/** `k3d-demo` of `k3d-demo-server-0 k3d-demo-agent-0`. */
function commonName(names: readonly string[]): string | undefined {
  const parts = names.map(name => name.split('-'));
  const first = parts[0] ?? [];
  let common = 0;
  while (common < first.length && parts.every(words => words[common] === first[common])) common++;
  return common > 1 ? first.slice(0, common).join('-') : undefined;
}

/**
 * Writes the lines that are loaded and pass the filter into a file that only its owner can read, as they came, with
 * their times when those are shown. Throws what writing throws; a file that exists is not written over.
 */
export async function saveLog(view: LogView, names: readonly string[], path: string): Promise<number> {
  const { ring } = view.feed;
  const { list } = view.lines;
  await mkdir(dirname(path), { recursive: true });
  const file = createWriteStream(path, { mode: 0o600, flags: 'wx' });
  const done = finished(file);
  let lines = 0;
  const { epoch } = ring;
  let parts: Buffer[] = [];
  for (let line = list.first(); line !== undefined && epoch === ring.epoch; line = list.next(line)) {
    const time = view.times ? `${stampText(ring.time(line))} ` : '';
    const name = names.length > 1 && !ring.isNote(line) ? `${names[ring.source(line)] ?? ''} ` : '';
    parts.push(Buffer.from(time + name), ring.bytesOf(line), NEWLINE);
    lines++;
    if (lines % 1000 !== 0) continue;
    // A write at a time: what is loaded may move on meanwhile, which leaves out nothing but what was pushed out.
    if (!file.write(Buffer.concat(parts))) await Promise.race([drained(file), done]);
    parts = [];
  }
  file.end(Buffer.concat(parts));
  await done;
  return lines;
}

const NEWLINE = Buffer.from('\n');

const drained = (file: NodeJS.WritableStream): Promise<void> =>
  new Promise(resolve => file.once('drain', () => resolve()));
