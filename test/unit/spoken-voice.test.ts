import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Part } from '../../components/spoken/parts.ts';
import { Voice } from '../../components/spoken/voice.ts';

let lines: string[];
let voice: Voice;
beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  voice = new Voice(text => lines.push(text));
});
afterEach(() => {
  voice.close();
  vi.useRealTimers();
});

const prompt = (text: string): Part => ({ kind: 'prompt', label: 'Filter', text, note: '' });
const status = (text: string, at = 0): Part => ({ kind: 'line', text, at });

test('the same screen drawn again is not told again', () => {
  for (let frame = 0; frame < 100; frame++) {
    voice.tell('status', status('Done: stopped demo'));
    vi.advanceTimersByTime(100);
  }
  expect(lines).toEqual(['Done: stopped demo.\n']);
});

test('what is typed is told once, after a pause, however often something else is drawn', () => {
  voice.tell('prompt', prompt(''));
  vi.advanceTimersByTime(100);
  for (const text of ['d', 'de', 'dem', 'demo']) {
    voice.tell('prompt', prompt(text));
    vi.advanceTimersByTime(200);
  }
  for (let frame = 0; frame < 20; frame++) {
    voice.tell('prompt', prompt('demo'));
    vi.advanceTimersByTime(50);
  }
  expect(lines).toEqual(['Filter: empty.\n', 'Filter: demo.\n']);
});

test('a log that is flooded is told once a second', () => {
  const log = (from: number): Part => ({
    kind: 'log',
    title: 'Log of a',
    state: 'following',
    rows: Array.from({ length: 50 }, (_, row) => `line ${from + row}`),
  });
  for (let tick = 0; tick < 100; tick++) {
    voice.tell('log', log(tick * 1000));
    vi.advanceTimersByTime(50);
  }
  // Five seconds: the first page, then at most 20 lines and one that says how many were passed over, each second.
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.length).toBeLessThanOrEqual(51 + 5 * 21);
});

test('nothing that is written moves the cursor or changes what stands there', () => {
  voice.say('evil\x1b[2J\x1b[1;1H\rname\x07');
  expect(lines).toEqual(['name\n']);
});

test('when it is closed nothing runs on', () => {
  voice.tell('prompt', prompt('x'));
  voice.close();
  expect(vi.getTimerCount()).toBe(0);
});
