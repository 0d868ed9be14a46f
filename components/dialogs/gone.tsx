import { type ReactNode, useEffect } from 'react';
import { sanitise } from '../../src/text.ts';
import type { Controller } from '../controller.ts';

/** In place of a dialog about something that went while it was open: says so and closes it, so that keys reach the screen again. */
export function Gone({ app, what, name }: { app: Controller; what: string; name: string }): ReactNode {
  useEffect(() => {
    app.closeDialog();
    app.say('warn', `there is no ${what} ${sanitise(name)} any more`);
  }, [app, what, name]);
  return null;
}
