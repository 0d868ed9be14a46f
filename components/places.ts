import type { Finding } from '../src/engine/doctor/finding.ts';
import type { Operation } from '../src/engine/operation.ts';
import type { Registry } from '../src/engine/registry/model.ts';
import type { Controller } from './controller.ts';
import { inspect } from './inspect.ts';
import { quit } from './leaving.ts';
import { portLines } from './port-lines.ts';
import { listOf } from './state/app-state.ts';
import { selectedIndex } from './state/list.ts';
import { type Place, up } from './state/navigation.ts';

/** Whether Enter leads anywhere. */
export function canOpen(app: Controller, place: Place): boolean {
  if (place.screen === 'leftovers' || place.screen === 'tags') return false;
  return place.screen === 'commands'
    ? commandOperation(app, place) !== undefined
    : app.selectedRow(place) !== undefined;
}

/** The operation of the selected line of the command log. */
function commandOperation(app: Controller, place: Place): string | undefined {
  return (app.selectedRow(place) as { operation?: Operation } | undefined)?.operation?.id;
}

/** Enter: opens the selected row; in help runs the key. */
export function enter(app: Controller): void {
  const { place } = app;
  const ids = app.shaped(place)?.ids ?? [];
  const id = ids[selectedIndex(listOf(app.state), ids)];
  if (place.screen === 'cluster') app.open({ screen: 'nodes', subject: place.subject });
  else if (place.screen === 'clusters') app.open({ screen: 'nodes', subject: id });
  else if (place.screen === 'nodes') inspect(app);
  else if (place.screen === 'expose') app.open({ screen: 'exposure', subject: id });
  else if (place.screen === 'ports') {
    app.open({ screen: 'loadbalancer', subject: portLines(app, place)[0]?.row.cluster });
  } else if (place.screen === 'operations') app.open({ screen: 'operation', subject: id });
  else if (place.screen === 'doctor') openFinding(app);
  else if (place.screen === 'images') app.press('', 'image-details');
  else if (place.screen === 'registries') {
    app.open({ screen: 'repositories', subject: (app.selectedRow() as Registry | undefined)?.node.name });
  } else if (place.screen === 'repositories') app.open({ screen: 'tags', subject: `${place.subject} ${id}` });
  else if (place.screen === 'commands') app.open({ screen: 'operation', subject: commandOperation(app, place) });
  else if (place.screen === 'contexts' && id !== undefined) app.switchTo(id);
  else if (place.screen === 'help' && id !== undefined) {
    app.changeList(list => ({ ...list, filter: '' }));
    goUp(app);
    app.press('', id);
  }
}

/** The remedy, where there is one that can be carried out here; else everything about the finding. */
function openFinding(app: Controller): void {
  const finding = app.selectedRow() as Finding | undefined;
  if (!finding) return;
  if (finding.remedy?.plan && !app.engine.readOnly && app.snapshot.link !== 'lost') app.doctor.openRemedy(finding);
  else app.openDialog({ name: 'finding', finding });
}

/** Esc: first the filter goes, then the marks, then one breadcrumb. */
export function back(app: Controller): void {
  const list = listOf(app.state);
  if (list.filter !== '') app.changeList(current => ({ ...current, filter: '' }));
  else if (list.marks.size > 0) app.changeList(current => ({ ...current, marks: new Set(), anchor: undefined }));
  else goUp(app);
}

/** q: one breadcrumb up, and from the root out; while an operation runs it asks. */
export function backOrQuit(app: Controller): void {
  if (up(app.state.navigation) === undefined) quit(app);
  else goUp(app);
}

function goUp(app: Controller): void {
  app.store.dispatch({ type: 'navigate', change: navigation => up(navigation) ?? navigation });
}
