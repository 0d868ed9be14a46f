import { stringWidth } from '../../src/text.ts';
import { mark } from '../spoken/marks.ts';
import type { Style, Theme } from '../theme.ts';

export interface Button {
  label: string;
  /** Colour of what it does; `bad` for what destroys. */
  tone?: Style;
}

/** Buttons in one line, centred in `width` columns; the focused one in inverse video with `▸ … ◂`. -1: none has the focus. */
export function buttonLine(theme: Theme, buttons: readonly Button[], focused: number, width: number): string {
  if (theme.spoken) {
    const label = buttons[focused]?.label;
    return mark(label !== undefined, label === undefined ? '' : `Button ${label}, ${focused + 1} of ${buttons.length}`);
  }
  const drawn = buttons.map(({ label, tone = 'plain' }, at) => {
    return at === focused ? theme.paint('selected', `▸ ${label} ◂`) : theme.paint(tone, `[ ${label} ]`);
  });
  const total = buttons.reduce((sum, { label }) => sum + stringWidth(label) + 4, 0) + (buttons.length - 1) * 3;
  return ' '.repeat(Math.max(0, Math.floor((width - total) / 2))) + drawn.join('   ');
}

/** The focus after a key that moves between `count` buttons; undefined for any other key. */
export function moveButton(focused: number, name: string, count: number): number | undefined {
  if (name === 'tab' || name === 'right') return (focused + 1) % count;
  if (name === 'shift-tab' || name === 'left') return (focused + count - 1) % count;
  return undefined;
}
