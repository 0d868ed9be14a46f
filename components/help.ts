import type { Controller } from './controller.ts';
import { groupTitle, keyLabels } from './key-names.ts';
import { enabledNow, keysOf } from './keys.ts';
import type { HelpRow } from './screens/help-list.ts';
import { placeUnderHelp } from './state/navigation.ts';

/** The keys of the screen under the help screen, those of one group together. */
export function helpRows(app: Controller): HelpRow[] {
  const place = placeUnderHelp(app.state.navigation);
  const context = app.context(place);
  return keysOf(place.screen, app.keys)
    .filter(key => key.id !== 'help' && key.keys.length > 0 && !key.id.startsWith('wheel'))
    .map(key => {
      const enabled = enabledNow(key, context);
      return {
        id: key.id,
        keys: keyLabels(key),
        title: key.title,
        group: groupTitle(key.group),
        off: enabled === true ? '' : enabled,
      };
    });
}
