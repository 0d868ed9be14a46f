import type { Controller } from './controller.ts';
import type { QuitChoice } from './dialogs/quit.tsx';

/** Leaves the app; while something runs it asks first. */
export function quit(app: Controller): void {
  if (app.running.length > 0) app.openDialog({ name: 'quit' });
  else app.end();
}

/** What was chosen when asked about leaving while something runs. */
export function leave(app: Controller, choice: QuitChoice): void {
  if (choice === 'stay') return;
  const { running } = app;
  if (choice === 'cancel') for (const operation of running) operation.cancel();
  app.say('warn', choice === 'cancel' ? 'cancelling, then quitting …' : 'quitting when everything has ended …');
  void Promise.allSettled(running.map(operation => operation.finished)).then(() => app.end());
}
