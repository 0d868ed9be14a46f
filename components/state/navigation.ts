export type ScreenName =
  | 'clusters'
  | 'nodes'
  | 'node'
  | 'ports'
  | 'loadbalancer'
  | 'expose'
  | 'exposure'
  | 'cluster'
  | 'yaml'
  | 'export'
  | 'diff'
  | 'operations'
  | 'operation'
  | 'commands'
  | 'doctor'
  | 'leftovers'
  | 'images'
  | 'registries'
  | 'repositories'
  | 'tags'
  | 'contexts'
  | 'logs'
  | 'help';

/** One step of the breadcrumbs: a screen, and what it is about (a cluster's name, an operation's id, a node's name). */
export interface Place {
  screen: ScreenName;
  subject?: string;
}

/** Breadcrumbs from the root to where the person is; never empty. */
export type Path = readonly Place[];

/** Every path visited, as in a browser. */
export interface Navigation {
  visited: readonly Path[];
  at: number;
  /** Where they were before, for `-`. */
  last: number | undefined;
}

/** More than anyone walks back. */
const HISTORY_LIMIT = 100;

export const HOME: Path = [{ screen: 'clusters' }];
export const START: Navigation = { visited: [HOME], at: 0, last: undefined };

export function currentPath(navigation: Navigation): Path {
  return navigation.visited[navigation.at] ?? HOME;
}

export function currentPlace(navigation: Navigation): Place {
  return currentPath(navigation).at(-1) ?? HOME[0]!;
}

/** Where the person is, or where they were when they asked for help: that is what its keys are about. */
export function placeUnderHelp(navigation: Navigation): Place {
  return currentPath(navigation).findLast(({ screen }) => screen !== 'help') ?? HOME[0]!;
}

/** Goes to a path; what lay ahead in the history is forgotten, as in a browser. */
export function goTo(navigation: Navigation, path: Path): Navigation {
  if (samePath(path, currentPath(navigation))) return navigation;
  const before = navigation.visited.slice(Math.max(0, navigation.at + 1 - HISTORY_LIMIT), navigation.at + 1);
  return { visited: [...before, path], at: before.length, last: before.length - 1 };
}

/** Opens something inside the present place. */
export function open(navigation: Navigation, place: Place): Navigation {
  return goTo(navigation, [...currentPath(navigation), place]);
}

/** As `open`, but a screen that is open in the breadcrumbs already is gone back to, not opened again inside itself. */
export function openOnce(navigation: Navigation, place: Place): Navigation {
  const path = underGlobal(currentPath(navigation), place);
  const index = path.findIndex(crumb => placeKey(crumb) === placeKey(place));
  return goTo(navigation, index >= 0 ? path.slice(0, index + 1) : [...path, place]);
}

/** Screens that are about everything: one is opened beside another, not inside it. */
const GLOBAL = ['operations', 'operation', 'commands', 'contexts', 'help'];

function underGlobal(path: Path, place: Place): Path {
  if (!['operations', 'commands', 'contexts'].includes(place.screen)) return path;
  const last = path.findLastIndex(crumb => !GLOBAL.includes(crumb.screen));
  return last < 0 ? HOME : path.slice(0, last + 1);
}

/** Up one breadcrumb, from another screen without any to the clusters; undefined when there is nothing above. */
export function up(navigation: Navigation): Navigation | undefined {
  const path = currentPath(navigation);
  if (path.length > 1) return goTo(navigation, path.slice(0, -1));
  return samePath(path, HOME) ? undefined : goTo(navigation, HOME);
}

/** Back (-1) or forward (1) in the history. */
export function walk(navigation: Navigation, by: -1 | 1): Navigation {
  const at = navigation.at + by;
  return at < 0 || at >= navigation.visited.length ? navigation : { ...navigation, at, last: navigation.at };
}

/** To the place before this one; again: back here. */
export function toLast(navigation: Navigation): Navigation {
  const { last } = navigation;
  return last === undefined ? navigation : { ...navigation, at: last, last: navigation.at };
}

/** Names the list a place shows, so that its selection, filter and sorting are found again. */
export function placeKey(place: Place): string {
  return place.subject === undefined ? place.screen : `${place.screen} ${place.subject}`;
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((place, index) => placeKey(place) === placeKey(b[index]!));
}
