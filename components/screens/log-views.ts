import type { Docker } from '../../src/docker/docker.ts';
import { openLogs } from '../../src/engine/logs/feed.ts';
import type { Node } from '../../src/engine/model.ts';
import { sanitise } from '../../src/text.ts';
import { type Place, placeKey } from '../state/navigation.ts';
import type { Say } from './log-finder.ts';
import { keepYoungSpace } from './log-memory.ts';
import { LogView } from './log-view.ts';

/** Views that are remembered with what they had read, so that going back shows the same; each holds up to 20 MB. */
const REMEMBERED = 2;

/** The names of the containers that a place of the logs screen is about: container names hold no blanks. */
export const logNames = (place: Place): string[] => (place.subject ?? '').split(' ').filter(name => name !== '');

/** The place that shows the logs of these containers. */
export const logPlace = (names: readonly string[]): Place => ({
  screen: 'logs',
  subject: [...new Set(names)].join(' '),
});

/** The views of the logs screen. */
export class LogViews {
  readonly #docker: Docker;
  readonly #say: Say;
  readonly #views = new Map<string, LogView>();

  constructor(docker: Docker, say: Say) {
    this.#docker = docker;
    this.#say = say;
  }

  /** The view of a place; opened when it is asked for first. */
  view(place: Place, nodes: readonly Node[]): LogView {
    const key = placeKey(place);
    const known = this.#views.get(key);
    if (known !== undefined) {
      this.#views.delete(key);
      this.#views.set(key, known);
      return known;
    }
    keepYoungSpace();
    const names = logNames(place);
    const sources = names.map(name => ({ id: nodes.find(node => node.name === name)?.id ?? name, name }));
    const view = new LogView(openLogs(this.#docker, sources), names.length > 1 ? shortNames(names) : [], this.#say);
    this.#views.set(key, view);
    for (const [old, other] of this.#views) {
      if (this.#views.size <= REMEMBERED) break;
      other.close();
      this.#views.delete(old);
    }
    return view;
  }
}

/** Names without what they all begin with: `server-0`, `agent-0`. */
export function shortNames(names: readonly string[]): string[] {
  const parts = names.map(name => sanitise(name).split('-'));
  let common = 0;
  while (parts.every(words => words.length > common + 1 && words[common] === parts[0]![common])) common++;
  return parts.map(words => words.slice(common).join('-'));
}
