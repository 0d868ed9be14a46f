/** How a person looks at one list: what is selected, marked, filtered, sorted. Kept while they are elsewhere. */
export interface ListState {
  /** Id of the selected row; it stays selected wherever it moves to. */
  selected: string | undefined;
  /** Where the selected row was, for when it disappears; in a text, the first line shown. */
  index: number;
  marks: ReadonlySet<string>;
  /** Where a range of marks begins. */
  anchor: string | undefined;
  filter: string;
  sort: { column: string; descending: boolean } | undefined;
  wide: boolean;
  /** In wide mode: columns scrolled out on the left, after the first. */
  shift: number;
  faultsOnly: boolean;
}

export const EMPTY_LIST: ListState = {
  selected: undefined,
  index: 0,
  marks: new Set(),
  anchor: undefined,
  filter: '',
  sort: undefined,
  wide: false,
  shift: 0,
  faultsOnly: false,
};

/** Index of the selected row among these ids: where its id is, else where it was, as near as there are rows. */
export function selectedIndex(list: ListState, ids: readonly string[]): number {
  const found = list.selected === undefined ? -1 : ids.indexOf(list.selected);
  return found >= 0 ? found : Math.max(0, Math.min(list.index, ids.length - 1));
}

/** Moves the selection to a row, as near as there is one. */
export function select(list: ListState, ids: readonly string[], index: number): ListState {
  const to = Math.max(0, Math.min(index, ids.length - 1));
  return { ...list, selected: ids[to], index: to };
}

export function move(list: ListState, ids: readonly string[], by: number): ListState {
  return select(list, ids, selectedIndex(list, ids) + by);
}

/** Marks the selected row, or takes its mark away, and goes on to the next. */
export function toggleMark(list: ListState, ids: readonly string[]): ListState {
  const at = selectedIndex(list, ids);
  const id = ids[at];
  if (id === undefined) return list;
  const marks = new Set(list.marks);
  if (!marks.delete(id)) marks.add(id);
  return { ...select(list, ids, at + 1), marks, anchor: id };
}

/** Marks everything from the last marked row to the selected one. */
export function markRange(list: ListState, ids: readonly string[]): ListState {
  const at = selectedIndex(list, ids);
  const id = ids[at];
  if (id === undefined) return list;
  const anchor = list.anchor === undefined ? -1 : ids.indexOf(list.anchor);
  const from = anchor < 0 ? at : anchor;
  const range = ids.slice(Math.min(from, at), Math.max(from, at) + 1);
  return { ...list, marks: new Set([...list.marks, ...range]), anchor: id };
}

export function clearMarks(list: ListState): ListState {
  return { ...list, marks: new Set(), anchor: undefined };
}

/** Sorts by a column; a second time turns the direction. */
export function sortBy(list: ListState, column: string): ListState {
  const descending = list.sort?.column === column ? !list.sort.descending : false;
  return { ...list, sort: { column, descending } };
}

/** Sorts by the column to the left (-1) or right (1) of the present one; beyond the ends there is no sorting. */
export function sortBeside(list: ListState, columns: readonly string[], by: -1 | 1): ListState {
  const at = list.sort === undefined ? (by === 1 ? -1 : columns.length) : columns.indexOf(list.sort.column);
  const column = columns[at + by];
  return { ...list, sort: column === undefined ? undefined : { column, descending: false } };
}

/** Where the rows stand that an action is about: the marked ones that are shown, else the selected one. */
export function targets(list: ListState, ids: readonly string[]): number[] {
  // Asked for at every key, and mostly nothing is marked: then not every row is looked at.
  const marked = list.marks.size === 0 ? [] : [...ids.keys()].filter(at => list.marks.has(ids[at]!));
  if (marked.length > 0) return marked;
  return ids.length === 0 ? [] : [selectedIndex(list, ids)];
}
