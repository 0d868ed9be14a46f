import { cleanup } from 'ink-testing-library';
import { afterEach, describe, expect, test } from 'vitest';
import { Controller } from '../../components/controller.ts';
import { hints } from '../../components/header.tsx';
import { ageStep } from '../../components/hooks/use-now.ts';
import { INITIAL, reduce } from '../../components/state/app-state.ts';
import { Store } from '../../components/state/store.ts';
import { createTheme } from '../../components/theme.ts';
import { K3duiError } from '../../src/errors.ts';
import { aCluster, actionsOn, aNode, anEngine } from './app-fakes.ts';
import { showApp } from './app-harness.tsx';

afterEach(cleanup);

const three = () => [aCluster('alpha', { status: 'stopped', serversRunning: 0 }), aCluster('beta'), aCluster('demo')];

/** The row of the selected cluster or node. */
const selected = (frame: string) => /▸[ *](\S+)/.exec(frame)?.[1];

describe('the list of clusters', () => {
  test('shows status in words, numbers, the API and the context in use', async () => {
    const { frame, until } = await showApp(three());
    await until('✓ in use');
    expect(frame()).toMatch(/alpha\s+○ stopped\s+0\/1/);
    expect(frame()).toMatch(/demo\s+● running\s+1\/1\s+0\/0\s+none\s+0\.0\.0\.0:6550.*✓ in use/);
    expect(frame()).toContain('3 clusters  3 nodes');
    expect(frame()).toContain('Docker 28.2 · 2 CPU 23 GiB');
  });

  test('keeps the selected row by name when others come and go', async () => {
    const { press, engine, frame, until } = await showApp(three());
    await press('j');
    expect(selected(frame())).toBe('beta');
    engine.show({ clusters: [aCluster('aaa'), aCluster('beta'), aCluster('demo')] });
    await until('aaa');
    expect(selected(frame())).toBe('beta');
    engine.show({ clusters: [aCluster('aaa'), aCluster('demo')] });
    await until(/▸ demo/);
  });

  test('takes many keys that arrive at once, one after the other', async () => {
    const { type, frame } = await showApp(three());
    await type('jkjjGgj');
    expect(selected(frame())).toBe('beta');
  });

  test('says what to do when there is none, and when the filter hides all', async () => {
    const { press, type, frame, engine, until } = await showApp([]);
    expect(frame()).toContain('No clusters on this engine yet');
    expect(frame()).toMatch(/n\s+creates one/);
    engine.show({ clusters: three() });
    await until('beta');
    await press('/');
    await type('zzz');
    expect(frame()).toContain('Nothing passes the filter');
    expect(frame()).toContain('0 of 3 · /zzz');
    // No key is told that would show nothing more.
    expect(frame()).not.toContain('Ctrl-Z');
  });

  test('shows an expression that is none as such and hides nothing', async () => {
    const { press, type, frame } = await showApp(three());
    await press('/');
    await type('(');
    expect(frame()).toMatch(/✗ .*group/i);
    expect(frame()).toContain('beta');
  });

  test('can be walked through while the filter is typed', async () => {
    const { press, type, frame } = await showApp(three());
    await press('/');
    await type('a');
    await press('Down', 'Down');
    await type('m');
    expect(frame()).toContain('0 of 3 · /am');
    await press('Backspace', 'Enter');
    expect(selected(frame())).toBe('beta');
  });

  test('marks one, a range, and none again', async () => {
    const { press, frame } = await showApp(three());
    await press('Space', 'j', 'Ctrl-Space');
    expect(frame()).toContain('3 · 3 marked');
    expect(frame()).toMatch(/ \*alpha[\s\S]* \*beta[\s\S]*▸\*demo/);
    await press('Ctrl-\\');
    expect(frame()).not.toContain('marked');
  });

  test('leaves only what has faults with Ctrl-Z, and says so', async () => {
    const broken = aCluster('gamma', { status: 'broken', faults: ['server-0 keeps restarting'] });
    const { press, frame, engine, until } = await showApp([...three(), broken]);
    await press('Ctrl-Z');
    expect(frame()).toContain('1 of 4 · faults only');
    expect(frame()).toContain('server-0 keeps restarting');
    expect(frame()).not.toContain('beta');
    engine.show({ clusters: three() });
    await until('Nothing has a fault.');
    expect(frame()).toContain('Ctrl-Z  shows what has no faults too');
    await press('Ctrl-Z');
    expect(frame()).toContain('beta');
  });

  test('never lets a name from outside reach the terminal as anything but text', async () => {
    const { app, engine, until } = await showApp([]);
    engine.show({ clusters: [aCluster('ev\x1b[31mil\x1b]0;title\x07\u202ename')] });
    await until('evilname');
    expect(app.snapshot.clusters).toHaveLength(1);
  });
});

describe('actions', () => {
  test('on marked rows are done to all of them, side by side', async () => {
    const { press, actions, until, app } = await showApp([aCluster('a'), aCluster('b'), aCluster('c')]);
    await press('Space', 'Space', 'Ctrl-K');
    await until('Stop 2 clusters?');
    await press('y');
    await until(/Operations ─+ 2/);
    expect(actions.asked).toEqual(['stop a', 'stop b']);
    expect(app.state.lists.clusters?.marks.size).toBe(0);
  });

  test('that destroy ask first, with the focus on Cancel', async () => {
    const { press, actions, until } = await showApp(three());
    await press('j', 'Ctrl-D');
    await until('▸ Cancel ◂');
    await press('Enter');
    expect(actions.asked).toEqual([]);
    await press('Ctrl-D', 'Tab', 'Enter');
    await until('delete cluster beta: done');
    expect(actions.asked).toEqual(['delete beta']);
  });

  test('that make no sense say why', async () => {
    const { press, actions, frame } = await showApp(three());
    await press('Ctrl-K');
    expect(frame()).toMatch(/stop: it is stopped already/);
    expect(actions.asked).toEqual([]);
  });

  test('are shown as a timeline by node, with the outcome and the equal command line', async () => {
    const { press, actions, until, frame } = await showApp(three());
    let finish = () => {};
    const gate = new Promise<void>(resolve => {
      finish = resolve;
    });
    actions.steps = [
      {
        id: 'start',
        title: 'start the container',
        subject: 'k3d-alpha-server-0',
        after: [],
        async run({ report }) {
          report({ text: 'pulling', bytes: 5 * 1024 ** 2, totalBytes: 20 * 1024 ** 2 });
          await gate;
          return undefined;
        },
      },
    ];
    await press('Shift-R');
    await until('5 MiB of 20 MiB  pulling');
    expect(frame()).toContain('k3d-alpha-server-0');
    expect(frame()).toMatch(/⟳ start the container\s+━+/);
    expect(frame()).toMatch(/⟳ start cluster alpha \d+s/);
    finish();
    await until('✓ start cluster alpha: done in');
    expect(frame()).toContain('k3dui cluster start alpha');
  });

  test('that fail show error, hint and where the evidence is', async () => {
    const { press, actions, until, frame } = await showApp(three());
    actions.steps = [
      {
        id: 'x',
        title: 'start',
        after: [],
        run: async () => {
          throw new K3duiError({
            code: 'X',
            message: 'port 80 is taken by nginx',
            hint: 'choose another',
            evidence: '/tmp/evidence-1',
          });
        },
      },
    ];
    await press('Shift-R');
    await until('✗ failed');
    expect(frame()).toMatch(/Error\s+port 80 is taken by nginx/);
    expect(frame()).toMatch(/What to do\s+choose another/);
    expect(frame()).toMatch(/Evidence\s+\/tmp\/evidence-1/);
  });

  test('that run are asked about when somebody quits, and can be cancelled', async () => {
    const { press, actions, until, left } = await showApp(three());
    actions.steps = [
      {
        id: 'x',
        title: 'wait',
        after: [],
        run: ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      },
    ];
    await press('Shift-R');
    await until('⟳ wait');
    await press('q', 'q');
    await until('Quit while something runs?');
    expect(left()).toBe(0);
    await press('c');
    await until('cancelled after');
    await expect.poll(left).toBe(1);
  });

  test('that run can be cancelled from their timeline, and done again', async () => {
    const { press, frame, actions, until, engine } = await showApp(three());
    const undone: string[] = [];
    actions.steps = [
      { id: 'made', title: 'make', after: [], run: async () => async () => void undone.push('made') },
      {
        id: 'x',
        title: 'wait',
        after: ['made'],
        run: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      },
    ];
    await press('Shift-R');
    await until('⟳ wait');
    await press('Ctrl-K');
    await until('What it made so far is undone');
    await press('y');
    await until('○ cancelled');
    await until('⟲ make');
    // Its state says so: it is no error beside that.
    expect(frame()).not.toMatch(/Error +cancelled/);
    expect(undone).toEqual(['made']);
    actions.steps = [];
    await press('r');
    await until('start cluster alpha: done');
    expect(engine.operations.operations.map(({ state }) => state)).toEqual(['cancelled', 'done']);
  });

  test('leave a line in the command log, and u switches the context', async () => {
    const { press, actions, until } = await showApp(three());
    await press('j', 'u');
    await until('k3d-beta is the context in use');
    expect(actions.asked).toEqual(['use beta']);
    await until(/beta .*✓ in use/);
    await press('@');
    await until(/✓ done\s+k3dui kubeconfig merge beta/);
  });

  test('copy takes the name, the menu the rest', async () => {
    const { press, copied, until } = await showApp(three());
    await press('c');
    await until('copied for the test');
    await press('Shift-C');
    await until('https://127.0.0.1:6550');
    await press('u');
    await expect.poll(() => copied).toEqual(['alpha', 'https://127.0.0.1:6550']);
  });
});

describe('other screens', () => {
  test('details say everything but the token', async () => {
    const { press, frame, until } = await showApp(three());
    await press('j', 'd');
    await until('Kubernetes API');
    expect(frame()).toMatch(/Clusters › beta/);
    expect(frame()).toMatch(/Address\s+https:\/\/127\.0\.0\.1:6550/);
    expect(frame()).toMatch(/Token\s+set, hidden/);
    expect(frame()).not.toContain('the-secret-token');
  });

  test('nodes of one cluster, or of all', async () => {
    const demo = aCluster('demo', {
      agents: [aNode('k3d-demo-agent-0', { fault: 'exited with 137', running: false })],
    });
    const { press, type, frame, until } = await showApp([demo, aCluster('other')]);
    await press('Enter');
    await until('Nodes of demo');
    expect(frame()).toContain('exited with 137');
    expect(frame()).not.toContain('k3d-other-server-0');
    expect(frame()).not.toContain('CLUSTER');
    await press('Shift-L');
    expect(frame()).toContain('sort by cluster: it is the same in all of them');
    await press(':');
    await type('nodes\r');
    await until('k3d-other-server-0');
    await press('Ctrl-W');
    expect(frame()).toContain('CLUSTER');
    await press('[');
    await until('Nodes of demo');
  });

  test('an age is never told later than its unit lasts', () => {
    expect(ageStep(1000, 1_030_000)).toBe(1000);
    expect(ageStep(1000, 1_119_000)).toBe(1000);
    expect(ageStep(1000, 1_200_000)).toBe(10_000);
    expect(ageStep(0, 1_200_000)).toBe(10_000);
  });

  test('Esc and a letter that arrive in one piece are those two keys', async () => {
    const { press, type, until, app } = await showApp(three());
    await press('Enter');
    await until('Nodes of alpha');
    await type('\x1bS');
    await until('SERVERS↑');
    expect(app.place.screen).toBe('clusters');
  });

  test('a hint is not given twice for one key', () => {
    const engine = anEngine([]);
    const app = new Controller({
      engine,
      store: new Store(INITIAL, reduce),
      actions: actionsOn(engine),
      quit() {},
      suspend() {},
      copy: async () => '',
    });
    app.open({ screen: 'logs', subject: 'k3d-demo-server-0' });
    const shown = hints(createTheme({ NO_COLOR: '1' }), app, 400).replace(/\x1b\[[\d;]*m/g, '');
    expect(shown).toContain('/ search');
    expect(shown).not.toContain('/ filter');
  });

  test('help lists the keys of the screen under it, says which are off, and runs one', async () => {
    const { press, type, frame, until, actions } = await showApp(three());
    await press('?');
    await until('Help: every key');
    expect(frame()).toMatch(/Ctrl-K\s+stop, after asking.*it is stopped already/);
    await press('/');
    await type('details');
    await press('Enter', 'Enter');
    await until('Kubernetes API');
    expect(actions.asked).toEqual([]);
  });

  test('the demo says that it is one', async () => {
    expect((await showApp([], true)).frame()).toContain(' DEMO ');
    expect((await showApp([])).frame()).not.toContain('DEMO');
  });

  test('a lost engine leaves the picture, says so, and takes no orders until it is back', async () => {
    const { press, engine, until, untilGone, frame } = await showApp(three());
    engine.show({ link: 'lost', linkError: 'socket closed' });
    await until('engine lost, trying again: socket closed');
    expect(frame()).toContain('beta');
    await press('Ctrl-D');
    expect(frame()).not.toContain('Delete cluster');
    engine.show({ link: 'live' });
    await untilGone('engine lost');
  });

  test.each(['create', 'apply k3d.yaml'])('a typed :%s is refused where keys that change something are', async line => {
    const { press, type, engine, until, app } = await showApp(three());
    Object.assign(engine, { readOnly: true });
    await press(':');
    await type(`${line}\r`);
    await until('read-only: nothing is changed');
    Object.assign(engine, { readOnly: false });
    engine.show({ link: 'lost' });
    await press(':');
    await type(`${line}\r`);
    await until('the engine cannot be reached at the moment');
    expect(app.state.dialog).toBeUndefined();
  });
});
