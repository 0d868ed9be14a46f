import { describe, expect, test, vi } from 'vitest';
import { completions, parseCommand } from '../../components/state/commands.ts';
import { parseFilter } from '../../components/state/filter.ts';
import {
  EMPTY_LIST,
  markRange,
  move,
  select,
  selectedIndex,
  sortBeside,
  sortBy,
  targets,
  toggleMark,
} from '../../components/state/list.ts';
import { currentPath, goTo, HOME, open, START, toLast, up, walk } from '../../components/state/navigation.ts';
import { openPrompt, type PromptStep, promptKey } from '../../components/state/prompt.ts';
import { throttled } from '../../components/state/store.ts';

const ids = ['a', 'b', 'c', 'd', 'e'];

describe('the selection', () => {
  test('stays on its row when rows come, go and move', () => {
    const list = select(EMPTY_LIST, ids, 2);
    expect(selectedIndex(list, ['e', 'd', 'c'])).toBe(2);
    expect(selectedIndex(list, ['c'])).toBe(0);
    expect(selectedIndex(list, ['x', 'y', 'z', 'c'])).toBe(3);
  });

  test('falls on the neighbour when its row is gone, and on nothing when there is none', () => {
    const list = select(EMPTY_LIST, ids, 4);
    expect(selectedIndex(list, ['a', 'b'])).toBe(1);
    expect(selectedIndex(list, [])).toBe(0);
    expect(targets(list, [])).toEqual([]);
  });

  test('does not leave the list', () => {
    expect(move(select(EMPTY_LIST, ids, 1), ids, -5).selected).toBe('a');
    expect(move(EMPTY_LIST, ids, Number.POSITIVE_INFINITY).selected).toBe('e');
  });
});

describe('marks', () => {
  test('are set and taken away, going on to the next row', () => {
    const once = toggleMark(EMPTY_LIST, ids);
    expect([...once.marks]).toEqual(['a']);
    expect(once.selected).toBe('b');
    expect([...toggleMark(move(once, ids, -1), ids).marks]).toEqual([]);
  });

  test('reach from the last mark to the selected row, in either direction', () => {
    const marked = toggleMark(select(EMPTY_LIST, ids, 3), ids);
    expect([...markRange(select(marked, ids, 1), ids).marks].sort()).toEqual(['b', 'c', 'd']);
  });

  test('say what an action is about, but only where they are seen', () => {
    const marked = toggleMark(toggleMark(EMPTY_LIST, ids), ids);
    expect(targets(marked, ids)).toEqual([0, 1]);
    expect(targets(marked, ['b', 'c'])).toEqual([0]);
    expect(targets(select(marked, ['c', 'd'], 1), ['c', 'd'])).toEqual([1]);
  });
});

test('sorting turns round at the second press and goes through the columns', () => {
  const columns = ['name', 'age'];
  const by = sortBy(EMPTY_LIST, 'name');
  expect(by.sort).toEqual({ column: 'name', descending: false });
  expect(sortBy(by, 'name').sort?.descending).toBe(true);
  expect(sortBeside(by, columns, 1).sort?.column).toBe('age');
  expect(sortBeside(by, columns, -1).sort).toBeUndefined();
  expect(sortBeside(EMPTY_LIST, columns, -1).sort?.column).toBe('age');
});

describe('the filter', () => {
  const passing = (filter: string) => ['demo', 'shop', 'k3d-demo-server-0'].filter(parseFilter(filter).passes);

  test.each([
    ['', ['demo', 'shop', 'k3d-demo-server-0']],
    ['DEMO', ['demo', 'k3d-demo-server-0']],
    ['^demo$', ['demo']],
    ['!demo', ['shop']],
    ['!', ['demo', 'shop', 'k3d-demo-server-0']],
    ['-f kds0', ['k3d-demo-server-0']],
    ['-f', ['demo', 'shop', 'k3d-demo-server-0']],
  ])('%j leaves %j', (filter, left) => {
    expect(passing(filter)).toEqual(left);
  });

  test('that is no expression says so and hides nothing', () => {
    expect(parseFilter('(').error).toMatch(/group/i);
    expect(passing('(')).toHaveLength(3);
  });
});

describe('the history of screens', () => {
  const nodes = [...HOME, { screen: 'nodes', subject: 'demo' }] as const;
  const there = open(START, { screen: 'nodes', subject: 'demo' });

  test('goes back, forward and to the last', () => {
    expect(currentPath(there)).toEqual(nodes);
    const back = walk(there, -1);
    expect(currentPath(back)).toEqual(HOME);
    expect(currentPath(walk(back, 1))).toEqual(nodes);
    expect(currentPath(toLast(back))).toEqual(nodes);
    expect(currentPath(toLast(toLast(back)))).toEqual(HOME);
    expect(walk(START, -1)).toBe(START);
  });

  test('forgets what lay ahead when another way is taken, and counts no step to where one is', () => {
    const other = goTo(walk(there, -1), [{ screen: 'operations' }]);
    expect(other.visited).toHaveLength(2);
    expect(goTo(other, [{ screen: 'operations' }])).toBe(other);
  });

  test('Esc goes up one breadcrumb, at last to the clusters, and stops there', () => {
    expect(currentPath(up(goTo(START, [{ screen: 'operations' }]))!)).toEqual(HOME);
    expect(currentPath(up(there)!)).toEqual(HOME);
    expect(up(START)).toBeUndefined();
  });
});

describe('a line after the colon', () => {
  test('goes to a screen by name, alias or cluster', () => {
    expect(parseCommand('nodes', [])).toEqual({ kind: 'go', path: [{ screen: 'nodes' }] });
    expect(parseCommand(' :no ', [])).toEqual({ kind: 'go', path: [{ screen: 'nodes' }] });
    expect(parseCommand('nodes demo', ['demo'])).toMatchObject({ kind: 'go' });
    expect(parseCommand('q', [])).toEqual({ kind: 'quit' });
  });

  test('that means nothing is an error that says what there is', () => {
    expect(parseCommand('frob', [])).toMatchObject({ kind: 'error', message: "there is no command 'frob'" });
    expect(parseCommand('docter', [])).toMatchObject({ kind: 'error', hint: 'did you mean :doctor?' });
    expect(parseCommand('export', [])).toEqual({ kind: 'export', cluster: undefined });
    expect(parseCommand('nodes ghost', ['demo'])).toMatchObject({ message: "there is no cluster 'ghost'" });
    expect(parseCommand('quit now', [])).toMatchObject({ kind: 'error' });
  });

  test('is completed, with the names of clusters', () => {
    expect(completions('op', [])).toEqual(['operations']);
    expect(completions('nodes d', ['demo', 'dev', 'shop'])).toEqual(['nodes demo', 'nodes dev']);
    expect(completions('quit x', ['demo'])).toEqual([]);
  });
});

describe('the prompt', () => {
  const keys = (names: string[], history: string[] = []) => {
    let prompt = openPrompt('command', '');
    let step: PromptStep = { kind: 'edited', prompt };
    for (const name of names) {
      const text = name.length === 1 ? name : '';
      step = promptKey(prompt, { name, text }, history, typed => completions(typed, ['demo', 'dev']));
      if (step.kind === 'edited') prompt = step.prompt;
    }
    return step;
  };
  const textAfter = (names: string[], history?: string[]) => {
    const step = keys(names, history);
    return step.kind === 'edited' ? step.prompt.field.text : step.kind;
  };

  test('walks through the history and back to what was typed', () => {
    const history = ['nodes', 'operations'];
    expect(textAfter(['x', 'up'], history)).toBe('operations');
    expect(textAfter(['x', 'up', 'up', 'up'], history)).toBe('nodes');
    expect(textAfter(['x', 'up', 'down'], history)).toBe('x');
  });

  test('completes round and round, in both directions', () => {
    const typed = [...'nodes ', 'd'];
    expect(textAfter([...typed, 'tab'])).toBe('nodes demo');
    expect(textAfter([...typed, 'tab', 'tab'])).toBe('nodes dev');
    expect(textAfter([...typed, 'tab', 'tab', 'tab'])).toBe('nodes demo');
    expect(textAfter([...typed, 'shift-tab'])).toBe('nodes dev');
  });

  test('is left with Esc, and with Backspace when it is empty', () => {
    expect(keys(['a', 'escape']).kind).toBe('cancelled');
    expect(keys(['a', 'backspace']).kind).toBe('edited');
    expect(keys(['a', 'backspace', 'backspace']).kind).toBe('cancelled');
  });
});

test('news reaches the screen at once, then together, and no timer runs when there is none', () => {
  vi.useFakeTimers();
  let news = () => {};
  const heard = vi.fn();
  const stop = throttled(listener => {
    news = listener;
    return () => {};
  }, 33)(heard);
  news();
  expect(heard).toHaveBeenCalledTimes(1);
  news();
  news();
  expect(heard).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(33);
  expect(heard).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(100);
  expect(heard).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);
  stop();
  vi.useRealTimers();
});
