import type { DockerContext } from '../../src/engine/docker-contexts.ts';
import type { Snapshot } from '../../src/engine/model.ts';
import type { LiveView } from '../../src/engine/node/live.ts';
import type { Operation } from '../../src/engine/operation.ts';
import type { DoctorView } from '../doctor-work.ts';
import type { ExposeWork } from '../expose-work.ts';
import type { ImagesView } from '../image-work.ts';
import type { LeftoversView } from '../leftovers-work.ts';
import type { RegistryView } from '../registry-watch.ts';
import type { AppState } from '../state/app-state.ts';
import { parseFilter } from '../state/filter.ts';
import type { ListState } from '../state/list.ts';
import type { Place } from '../state/navigation.ts';
import type { Column } from '../widgets/columns.ts';
import type { HelpRow } from './help-list.ts';

/** What screens are made of. */
export interface AppData {
  snapshot: Snapshot;
  operations: readonly Operation[];
  /** Load of nodes and what Kubernetes says of them, as far as it is on the screen. */
  live?: LiveView;
  state: AppState;
  /** How clusters are reached. */
  expose?: ExposeWork;
  /** Docker's contexts, as they were when the screen was opened. */
  contexts?: readonly DockerContext[];
  /** What the doctor found, and what is left over, as far as their screens were shown. */
  doctor?: DoctorView;
  leftovers?: LeftoversView;
  /** What the nodes hold, as far as the screen was shown. */
  images?: ImagesView;
  /** What registries hold and which of their names were tried, as far as their screens were shown. */
  registries?: RegistryView;
  /** Keys of the screen under the help screen; the same array while nothing changed. */
  help(): readonly HelpRow[];
}

/** A screen that is a table. */
export interface ListDefinition<Row> {
  title(place: Place): string;
  /** What one row is called, for a screen reader: `cluster`. */
  noun: string;
  /** Id of the column that names a row; default: the first. */
  named?: string;
  columns: readonly Column<Row>[];
  /** Those of a list that is about one thing only; absent: the same. */
  inOne?: readonly Column<Row>[];
  /** The same array while nothing changed. */
  rows(data: AppData, place: Place): readonly Row[];
  id(row: Row): string;
  /** Row objects change while they stay the same objects. */
  mutable?: true;
  /** What Ctrl-Z leaves; absent: rows of this kind have no faults. */
  faulty?(row: Row): boolean;
  /** What is wrong with a row, in full: said at the bottom while it is selected and nothing else is to be said. */
  fault?(row: Row): string;
  /** What a row says of itself whose columns may be cut: said at the bottom while it is selected, nothing is wrong with it and nothing else is to be said. */
  whole?(row: Row): string;
  /** What stands in place of rows when there are none at all, and what to do next. */
  empty(data: AppData, place: Place): readonly string[];
}

/** The columns that a list has in a place. */
export const columnsAt = <Row>({ columns, inOne }: ListDefinition<Row>, place: Place): readonly Column<Row>[] =>
  place.subject === undefined ? columns : (inOne ?? columns);

/** Columns for the screen of one cluster: none says in each row what the title says. */
export const withoutCluster = <Row>(columns: readonly Column<Row>[]): readonly Column<Row>[] =>
  columns.filter(({ id }) => id !== 'cluster');

/** A list as it is shown. */
export interface ShapedList<Row> {
  all: readonly Row[];
  /** Filtered and sorted. */
  rows: readonly Row[];
  ids: readonly string[];
  filterError: string | undefined;
}

/** Filters and sorts. Rows that compare as equal keep their order. */
function shapeList<Row>(
  definition: ListDefinition<Row>,
  columns: readonly Column<Row>[],
  all: readonly Row[],
  list: Pick<ListState, 'filter' | 'sort' | 'faultsOnly'>,
  now: number,
): ShapedList<Row> {
  const { id, faulty } = definition;
  const filter = parseFilter(list.filter);
  let rows = all;
  if (list.faultsOnly && faulty) rows = rows.filter(row => faulty(row));
  if (list.filter !== '') {
    rows = rows.filter(row => filter.passes(columns.map(column => column.text(row, now)).join(' ')));
  }
  const column = columns.find(candidate => candidate.id === list.sort?.column);
  if (column) {
    const compare = column.compare ?? ((a: Row, b: Row) => byText(column.text(a, now), column.text(b, now)));
    const direction = list.sort?.descending ? -1 : 1;
    rows = [...rows].sort((a, b) => direction * compare(a, b));
  }
  return { all, rows, ids: rows.map(id), filterError: filter.error };
}

/** `shapeList` that remembers its last result: one for each list. */
export function rememberedShape() {
  return remember(
    (
      definition: ListDefinition<unknown>,
      columns: readonly Column<unknown>[],
      all: readonly unknown[],
      filter: string,
      sort: ListState['sort'],
      faultsOnly: boolean,
      now: number,
    ): ShapedList<unknown> => shapeList(definition, columns, all, { filter, sort, faultsOnly }, now),
  );
}

const collator = new Intl.Collator('en', { numeric: true });

/** Text order in which `agent-10` follows `agent-9`. */
function byText(a: string, b: string): number {
  return collator.compare(a, b);
}

/** Remembers the last result while the arguments stay the same. */
export function remember<Arguments extends readonly unknown[], Result>(
  compute: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  let last: { args: Arguments; result: Result } | undefined;
  return (...args) => {
    if (last === undefined || args.some((argument, index) => argument !== last?.args[index])) {
      last = { args, result: compute(...args) };
    }
    return last.result;
  };
}
