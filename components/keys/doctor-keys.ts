import type { Finding } from '../../src/engine/doctor/finding.ts';
import type { Leftover } from '../../src/engine/leftovers/leftover.ts';
import { type KeyContext, type KeyDefinition, whenLive } from './definition.ts';

const finding = ({ app, place }: KeyContext): Finding | undefined => app.selectedRow(place) as Finding | undefined;

/** The marked leftovers, or the selected one. */
const chosen = ({ app, place }: KeyContext): Leftover[] => app.chosenRows(place) as Leftover[];

/** Keys of the doctor's and the leftovers' screens. */
export const DOCTOR_KEYS: readonly KeyDefinition[] = [
  {
    id: 'remedy',
    keys: ['r'],
    title: 'carry the remedy out, after showing what it does',
    short: 'remedy',
    group: 'doctor',
    screens: ['doctor'],
    changes: true,
    hint: 10,
    enabled: context => {
      const found = finding(context);
      if (!found) return 'there is nothing to put right';
      if (!found.remedy) return 'nothing is known that would help';
      return whenLive(context, found.remedy.plan !== undefined || 'only you can run that line; c copies it');
    },
    run: context => {
      const found = finding(context);
      if (found) context.app.doctor.openRemedy(found);
    },
  },
  {
    id: 'finding-details',
    keys: ['d'],
    title: 'everything about the finding',
    short: 'details',
    group: 'doctor',
    screens: ['doctor'],
    hint: 20,
    enabled: context => finding(context) !== undefined || 'there is no finding',
    run: context => {
      const found = finding(context);
      if (found) context.app.openDialog({ name: 'finding', finding: found });
    },
  },
  {
    id: 'examine',
    keys: ['t'],
    title: 'look at everything again',
    short: 'look again',
    group: 'doctor',
    screens: ['doctor'],
    hint: 30,
    enabled: context => whenLive(context),
    run: ({ app, place }) => app.doctor.again(place.subject),
  },
  {
    id: 'leftovers-remove',
    keys: ['ctrl-d'],
    title: 'remove, after asking; all marked ones in one go',
    short: 'remove',
    group: 'doctor',
    screens: ['leftovers'],
    changes: true,
    hint: 10,
    enabled: context => whenLive(context, chosen(context).length > 0 || 'there is nothing to remove'),
    run: context => context.app.leftovers.openRemoval(chosen(context)),
  },
];
