import type { Controller } from './controller.ts';
import { errorText } from './error-text.ts';
import { READ_ONLY, whenLive } from './keys/definition.ts';
import { quit } from './leaving.ts';
import { logNamesFor, logNamesNamed } from './screens/log-actions.ts';
import { type Command, parseCommand } from './state/commands.ts';
import { goTo } from './state/navigation.ts';

/** Carries out a line typed after `:`. */
export function runTyped(app: Controller, line: string): void {
  if (line.trim() === '') return;
  // What was said of the line before is of no interest any more.
  app.store.dispatch({ type: 'status', status: undefined });
  const command: Command = parseCommand(
    line,
    app.snapshot.clusters.map(({ name }) => name),
  );
  if (command.kind !== 'error') app.store.dispatch({ type: 'remember', line: line.trim() });
  if (command.kind === 'go' && command.path.at(-1)?.screen === 'contexts') app.readContexts();
  if (command.kind === 'go') app.store.dispatch({ type: 'navigate', change: from => goTo(from, command.path) });
  else if (command.kind === 'create') createCluster(app);
  else if (command.kind === 'suspend') app.suspend();
  else if (command.kind === 'quit') quit(app);
  else if (command.kind === 'help') app.open({ screen: 'help' });
  else if (command.kind === 'export') exportCluster(app, command.cluster);
  else if (command.kind === 'diff') app.files.diff(command.file);
  else if (command.kind === 'apply') applyFile(app, command.file);
  else if (command.kind === 'logs') openLogs(app, command.name);
  else app.say('bad', errorText(command));
}

/** `:export` with a cluster's name, or of what is selected. */
function exportCluster(app: Controller, name: string | undefined): void {
  const [cluster] = name === undefined ? app.context().clusters : app.work.named([name]);
  if (cluster) app.files.openExport(cluster);
  else app.say('warn', 'no cluster is selected that could be exported');
}

function applyFile(app: Controller, file: string): void {
  if (mayChange(app)) app.files.apply(file);
}

function createCluster(app: Controller): void {
  if (mayChange(app)) app.openDialog({ name: 'create' });
}

/** Says why nothing can be changed now, as the keys do. */
function mayChange(app: Controller): boolean {
  const may = app.engine.readOnly ? READ_ONLY : whenLive(app.context());
  if (may !== true) app.say('warn', may);
  return may === true;
}

/** `:logs` with a node's or cluster's name, or of what is selected. */
function openLogs(app: Controller, name: string | undefined): void {
  const names = name === undefined ? logNamesFor(app, app.place) : logNamesNamed(app, name);
  if (names.length > 0) app.logs.open(names);
  else if (name === undefined) app.say('warn', 'nothing is selected whose logs could be shown');
  else
    app.say('bad', errorText({ message: `there is no node or cluster '${name}'`, hint: ':nodes shows what there is' }));
}
