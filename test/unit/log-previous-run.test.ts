import { expect, it } from 'vitest';
import { LogView } from '../../components/screens/log-view.ts';
import { createTheme } from '../../components/theme.ts';
import type { LogFeed } from '../../src/engine/logs/feed.ts';
import { LineRing } from '../../src/engine/logs/line-ring.ts';

const theme = createTheme({ TERM: 'xterm-256color' });
const line = (time: number) => ({ source: 0, time, bytes: Buffer.from(`line ${time}`), dropped: 0, note: false });

it('the end of the previous run is shown when it had to be read first', async () => {
  const ring = new LineRing();
  let tell = () => {};
  ring.push(line(100));
  const feed = {
    ring,
    previousRun: 50,
    atStart: false,
    states: ['following'],
    subscribe: (listener: () => void) => {
      tell = listener;
      return () => {};
    },
    resume() {},
    pause() {},
    keep() {},
    async seekBefore() {
      ring.clear();
      ring.push(line(40));
      tell();
      return 'more';
    },
  } as unknown as LogFeed;
  const said: string[] = [];
  const view = new LogView(feed, [], (_tone, text) => said.push(text));
  view.show();
  view.rows(theme, 40, 5);
  await view.finder.previousRun();
  expect(said.at(-1)).toContain('the end of the previous run');
  expect(view.rows(theme, 40, 5).join()).toContain('line 40');
});
