import { describe, expect, test } from 'vitest';
import { clustersList } from '../../components/screens/clusters-list.ts';
import { FOCUS, HINTS, ROW } from '../../components/spoken/marks.ts';
import { allOf, newsOf } from '../../components/spoken/news.ts';
import { operationWords } from '../../components/spoken/operations.ts';
import type { DialogPart, ListPart, LogPart, TextPart } from '../../components/spoken/parts.ts';
import { spoken } from '../../components/spoken/words.ts';
import { createTheme } from '../../components/theme.ts';
import { buttonLine } from '../../components/widgets/buttons.ts';
import { choiceLines } from '../../components/widgets/choice-lines.ts';
import { choiceOf } from '../../components/widgets/choice-state.ts';
import { fieldLine } from '../../components/widgets/field-line.ts';
import { fieldOf } from '../../components/widgets/field-state.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { K3duiError } from '../../src/errors.ts';
import { aCluster } from './app-fakes.ts';

const theme = createTheme({}, 'dark', true);

test.each([
  ['\x1b[31m✗ broken\x1b[39m', 'Error: broken'],
  ['! two servers are one too few', 'Warning: two servers are one too few'],
  ['8081→80/tcp', '8081 to 80/tcp'],
  ['→ publish it on port 8081  (r does it)', 'To do: publish it on port 8081, (r does it)'],
  ['… testing', 'testing'],
  ['Looking …', 'Looking …'],
  ['│ State           running │', 'State, running'],
  ['  ▁▂▃ 12%', '  12%'],
  ['╭──────╮', ''],
  ['clusters › demo › Ports', 'clusters, demo, Ports'],
  ['evil\x1b]0;title\x07\u202ename', 'evilname'],
])('what is drawn as %j is read out as %j', (drawn, said) => {
  expect(spoken(drawn)).toBe(said);
});

describe('a list', () => {
  const listOf = (clusters: Cluster[], change: Partial<ListPart> = {}): ListPart => {
    const rows = clusters.map(cluster => ({ cluster, inUse: false, trouble: '' }));
    return {
      kind: 'list',
      title: 'Clusters',
      noun: 'cluster',
      count: String(rows.length),
      columns: clustersList.columns as ListPart['columns'],
      id: row => (row as { cluster: Cluster }).cluster.name,
      rows,
      all: rows,
      selected: 0,
      marks: new Set(),
      wide: false,
      mutable: false,
      empty: ['No clusters on this engine yet.', '', 'n  creates one'],
      now: 1_700_000_060_000,
      ...change,
    };
  };

  test('is opened with its title, how many there are, and the selected row in words', () => {
    expect(newsOf(undefined, listOf([aCluster('demo'), aCluster('dev')])).lines).toEqual([
      'Clusters: 2.',
      'Cluster demo, running, 1 of 2, servers 1/1, agents 0/0, lb none, api 0.0.0.0:6550, k3s v1.31.5-k3s1, ports 8081 to 80, age 60s.',
    ]);
    expect(newsOf(undefined, listOf([])).lines).toEqual([
      'Clusters: 0.',
      'No clusters on this engine yet.',
      'n, creates one',
    ]);
  });

  test('tells the row that is gone to, and nothing while only ages move on', () => {
    const clusters = [aCluster('demo'), aCluster('dev')];
    const before = listOf(clusters);
    expect(newsOf(before, { ...before, selected: 1 }).lines[0]).toMatch(/^Cluster dev, running, 2 of 2, /);
    expect(newsOf(before, { ...before, marks: new Set(['demo']) }).lines[0]).toMatch(
      /^Cluster demo, running, marked, /,
    );
    const later = newsOf(before, { ...before, now: before.now + 10_000 });
    expect([...later.lines, ...(later.events ?? [])]).toEqual([]);
  });

  test('tells what became of rows: changed, new, gone; of many only how many', () => {
    const before = listOf([aCluster('demo'), aCluster('dev')]);
    const stopped = aCluster('demo', { status: 'stopped', serversRunning: 0 });
    expect(newsOf(before, listOf([stopped, aCluster('test')])).events).toEqual([
      'Cluster demo: stopped, servers 0/1.',
      'New: Cluster test, running.',
      'Cluster dev is gone.',
    ]);
    const many = Array.from({ length: 9 }, (_, index) => aCluster(`c${index}`));
    expect(
      newsOf(before, listOf([...many, ...before.rows.map(row => (row as { cluster: Cluster }).cluster)])).events,
    ).toEqual(['9 rows changed.']);
  });

  test('is read whole when asked for', () => {
    expect(allOf(listOf([aCluster('demo'), aCluster('dev')])).map(line => line.split(',')[0])).toEqual([
      'Clusters: 2.',
      'Cluster demo',
      'Cluster dev',
    ]);
  });
});

describe('a dialog', () => {
  const dialog = (lines: string[]): DialogPart => ({ kind: 'dialog', title: 'Stop cluster demo?', lines });

  test('is opened with its title, what it says, the focus and the keys', () => {
    const buttons = (focus: number) => buttonLine(theme, [{ label: 'Cancel' }, { label: 'Stop' }], focus, 40);
    const before = dialog(['Nothing is lost.', '', buttons(0), `${HINTS}Keys: Tab other button, Esc cancel`]);
    expect(newsOf(undefined, before).lines).toEqual([
      'Dialog: Stop cluster demo?',
      'Nothing is lost.',
      'Button Cancel, 1 of 2.',
      'Keys: Tab other button, Esc cancel.',
    ]);
    expect(newsOf(before, dialog(['Nothing is lost.', '', buttons(1), ''])).lines).toEqual(['Button Stop, 2 of 2.']);
  });

  test('tells a field by label, value and problem; what is being typed waits for a pause', () => {
    const row = (text: string) => `${FOCUS}Name: ${fieldLine(theme, fieldOf(text), 10, true)}`;
    const before = dialog([row('demo'), `${ROW}Servers: 1`]);
    const typed = newsOf(before, dialog([row('demo!'), '  ✗ only letters', `${ROW}Servers: 1`]));
    expect(typed).toEqual({ lines: ['Name: demo!', 'Error: only letters'], typing: true });
    const moved = newsOf(before, dialog([`${ROW}Name: demo`, `${FOCUS}Servers: 1`]));
    expect(moved).toEqual({ lines: ['Servers: 1.'], typing: false });
  });

  test('never reads a secret, and says what an empty field means', () => {
    expect(fieldLine(theme, fieldOf('hunter2'), 20, true, { secret: true })).toBe('hidden, 7 characters');
    expect(fieldLine(theme, fieldOf(''), 20, true, { placeholder: 'a free port' })).toBe('empty, a free port');
  });

  test('says of a list which one is chosen, of how many, and its key', () => {
    const lines = choiceLines(
      theme,
      [
        { label: 'Stay', key: 's' },
        { label: 'Leave', detail: 'now' },
      ],
      choiceOf(1),
      40,
      9,
    );
    expect(lines).toEqual([`${ROW}Stay, key s, 1 of 2`, `${FOCUS}Leave, now, 2 of 2`]);
  });
});

describe('text', () => {
  const text = (lines: string[], top = 0): TextPart => ({ kind: 'text', title: 'Cluster demo', lines, top });

  test('is told a page at a time, and further ones as they are scrolled to', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    const first = newsOf(undefined, text(lines)).lines;
    expect(first).toHaveLength(42);
    expect(first.at(-1)).toBe('60 more lines: PageDown reads on, comma reads all.');
    expect(newsOf(text(lines), text(lines, 40)).lines).toEqual(lines.slice(40, 80));
    expect(newsOf(text(lines, 40), text(lines, 41)).lines).toEqual(['line 80']);
  });

  test('is told again where its words change, not where its figures do', () => {
    const before = text(['Age             71s', 'Status          ● running']);
    expect(newsOf(before, text(['Age             81s', 'Status          ● running'])).lines).toEqual([]);
    expect(newsOf(before, text(['Age             81s', 'Status          ○ stopped'])).lines).toEqual([
      'Status, stopped',
    ]);
  });
});

test('of a log only new lines are told, and of a flood the newest', () => {
  const log = (rows: string[], state = '↓ following'): LogPart => ({ kind: 'log', title: 'Log of a', state, rows });
  expect(newsOf(undefined, log(['one', 'two'])).lines).toEqual(['Log of a, following.', 'one', 'two']);
  expect(newsOf(log(['one', 'two']), log(['two', 'three'])).lines).toEqual(['three']);
  expect(newsOf(log(['one']), log(['one'], '‖ not following')).lines).toEqual(['Log of a, not following.']);
  const flood = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  expect(newsOf(log(['one']), log(flood)).lines).toEqual(['30 lines passed over.', ...flood.slice(30)]);
});

test('an operation is told step by step as its steps end', () => {
  const words = operationWords();
  const step = { step: 's', title: 'start', subject: 'k3d-demo-server-0' };
  const error = new K3duiError({ code: 'X', message: 'no such image' });
  const steps = [{ id: 's', title: 'start' }];
  expect([
    words({ type: 'operation.started', at: 0, id: '1', title: 'stop cluster demo', command: '', steps }),
    words({ type: 'step.started', at: 0, ...step }),
    words({ type: 'step.done', at: 900, ...step, milliseconds: 900 }),
    words({ type: 'step.failed', at: 0, ...step, optional: false, error }),
    words({ type: 'step.undone', at: 0, ...step }),
  ]).toEqual([
    'Started: stop cluster demo, 1 step.',
    '',
    '1 of 1: k3d-demo-server-0: start, 0.9 s.',
    'Failed: k3d-demo-server-0: start: no such image.',
    'Undone: k3d-demo-server-0: start.',
  ]);
});
