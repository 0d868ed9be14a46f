import { type ReactNode, useCallback, useLayoutEffect } from 'react';
import { sanitise } from '../../src/text.ts';
import type { Controller } from '../controller.ts';
import { usePart } from '../spoken/voice-context.ts';
import { listOf } from '../state/app-state.ts';
import { type ListState, selectedIndex } from '../state/list.ts';
import { type Place, placeKey } from '../state/navigation.ts';
import { useTheme } from '../theme.ts';
import { Table, type TableLayout } from '../widgets/table.tsx';
import { columnsAt } from './list-definition.ts';
import { LISTS } from './lists.ts';

export interface BodyProps {
  app: Controller;
  place: Place;
  /** Milliseconds; moves on while something ages. */
  now: number;
  /** First row on the screen. */
  top: number;
  width: number;
  height: number;
  /** The picture is old. */
  faint: boolean;
}

/** A screen that is a table. */
export function ListScreen({ app, place, now, top, width, height, faint }: BodyProps): ReactNode {
  const definition = LISTS[place.screen]!;
  const columns = columnsAt(definition, place);
  const list = listOf(app.state, placeKey(place));
  const shaped = app.shaped(place)!;
  const selected = selectedIndex(list, shaped.ids);
  const onLayout = useCallback(
    (table: TableLayout) => {
      app.body = { page: table.page, top, table };
    },
    [app, top],
  );
  const id = shaped.ids[selected];
  // What is selected at first, or after its row went, is remembered by id from now on.
  useLayoutEffect(() => {
    if (id !== undefined && list.selected !== id) {
      app.changeList(current => ({ ...current, selected: id, index: selected }));
    } else if (id !== undefined && list.index !== selected) {
      app.changeList(current => ({ ...current, index: selected }));
    }
  }, [app, id, selected, list.selected, list.index]);
  const empty = emptyLines(app, place, shaped.all.length, list);
  usePart({
    kind: 'list',
    title: definition.title(place),
    noun: definition.noun,
    named: definition.named,
    count: countText(shaped.rows.length, shaped.all.length, list),
    columns,
    id: definition.id,
    rows: shaped.rows,
    all: shaped.all,
    selected,
    marks: list.marks,
    wide: list.wide,
    mutable: definition.mutable === true,
    empty,
    now,
  });
  if (useTheme().spoken) return null;
  return (
    <Table
      title={sanitise(definition.title(place))}
      right={countText(shaped.rows.length, shaped.all.length, list)}
      columns={columns}
      rows={shaped.rows}
      allRows={shaped.all}
      id={definition.id}
      now={now}
      selected={selected}
      marks={list.marks}
      sort={list.sort}
      wide={list.wide ? list.shift : undefined}
      width={width}
      height={height}
      mutable={definition.mutable}
      faint={faint}
      empty={empty}
      onLayout={onLayout}
    />
  );
}

/** Why no row is shown though there are some, and what shows them again. */
function hiddenLines({ filter, faultsOnly }: ListState): readonly string[] {
  const faults = 'Ctrl-Z  shows what has no faults too';
  if (!faultsOnly) return ['Nothing passes the filter.', '', 'Esc  clears it'];
  if (filter === '') return ['Nothing has a fault.', '', faults];
  return ['Nothing that has a fault passes the filter.', '', 'Esc  clears the filter', faults];
}

function emptyLines(app: Controller, place: Place, all: number, list: ListState): readonly string[] {
  if (all > 0) return hiddenLines(list);
  const { link } = app.snapshot;
  const fromEngine = ['clusters', 'nodes', 'ports', 'expose', 'registries'].includes(place.screen);
  if (fromEngine && link === 'connecting') return ['Reading what is there …'];
  // What these found before is no longer known to be so, and their keys are of no use.
  const asked = fromEngine || ['images', 'doctor', 'leftovers'].includes(place.screen);
  if (asked && link === 'lost') return ['The engine is lost; it is asked again until it answers.', '', 'q  quits'];
  return LISTS[place.screen]?.empty(app.data, place) ?? [];
}

/** `2 of 4 · /demo · faults only · wide · 3 marked`, as far as there is something to say. */
function countText(shown: number, all: number, list: ListState): string {
  const parts = [shown === all ? String(all) : `${shown} of ${all}`];
  if (list.filter !== '') parts.push(`/${sanitise(list.filter)}`);
  if (list.faultsOnly) parts.push('faults only');
  if (list.wide) parts.push('wide ← →');
  if (list.marks.size > 0) parts.push(`${list.marks.size} marked`);
  return parts.join(' · ');
}
