import { describe, expect, it } from 'vitest';
import { Interrupts, type Io } from '../../src/cli/io.ts';
import { formatLine, progressLines } from '../../src/cli/live-progress.ts';
import { Log } from '../../src/cli/log.ts';
import { openProgress } from '../../src/cli/progress.ts';
import { Operation } from '../../src/engine/operation.ts';
import type { Step, StepView } from '../../src/engine/step.ts';
import { K3duiError } from '../../src/errors.ts';
import { collector } from './cli-fake.ts';

function ioFor(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  const stdout = collector(isTTY);
  const stderr = collector(isTTY);
  const io: Io = {
    stdout,
    stderr,
    env,
    version: '0',
    interrupts: new Interrupts(),
    openEngine: () => Promise.reject(new Error('none')),
  };
  return { io, stdout, stderr };
}

const step = (
  id: string,
  title: string,
  subject: string | undefined,
  run: Step['run'] = async () => undefined,
): Step => ({
  id,
  title,
  subject,
  after: [],
  run,
});

async function follow(how: 'auto' | 'plain' | 'json', isTTY: boolean, steps: Step[], env?: NodeJS.ProcessEnv) {
  const { io, stdout, stderr } = ioFor(isTTY, env);
  const log = new Log({ stdout, stderr, env: io.env, json: how === 'json', now: () => 0 });
  const progress = openProgress(io, log, how);
  const operation = new Operation({ id: 'op-1', title: 'create cluster demo', command: 'x', cluster: 'demo', steps });
  progress.follow(operation);
  await operation.finished.catch(() => {});
  progress.close();
  return { stdout: stdout.text(), stderr: stderr.text() };
}

const failing: Step['run'] = async () => {
  throw new K3duiError({ code: 'BROKEN', message: 'it \x1b]0;title\x07broke' });
};

describe('progress where the output is no terminal', () => {
  it('says each step in a line of its own, wrong ones on standard error, and nothing in colour', async () => {
    const { stdout, stderr } = await follow('auto', false, [
      step('n', 'create network k3d-demo', undefined),
      step('s', 'start', 'k3d-demo-server-0'),
      step('e', 'put in the entry point', 'k3d-demo-server-0'),
      { ...step('d', 'tell pods', undefined, failing), optional: true },
    ]);
    expect(stdout.split('\n')).toEqual([
      'INFO[0000] Create network k3d-demo...',
      'INFO[0000] Start k3d-demo-server-0...',
      'INFO[0000] k3d-demo-server-0: put in the entry point...',
      'INFO[0000] Tell pods...',
      '',
    ]);
    expect(stderr).toBe('WARN[0000] Tell pods failed, going on: it broke\n');
  });

  it('says what is undone', async () => {
    const { stdout } = await follow('plain', true, [
      { ...step('a', 'create network k3d-demo', undefined, async () => async () => {}) },
      { ...step('b', 'start', 'k3d-demo-server-0', failing), after: ['a'] },
    ]);
    expect(stdout).toContain('Undoing what was done');
    expect(stdout).toContain('Undone: Create network k3d-demo');
  });

  it('gives every event as JSON when asked to', async () => {
    const { stdout, stderr } = await follow('json', true, [step('a', 'start', 'k3d-demo-server-0', failing)]);
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(stderr).toBe('');
    expect(events.map(event => event.type)).toEqual([
      'operation.started',
      'step.started',
      'step.failed',
      'operation.state',
      'operation.ended',
    ]);
    expect(events.every(event => event.cluster === 'demo' && typeof event.at === 'number')).toBe(true);
    expect(events.at(-1)).toMatchObject({ state: 'failed', error: { code: 'BROKEN' } });
  });
});

describe('progress on a terminal', () => {
  it('draws one line per node in place, leaves the cursor shown, and no colour with NO_COLOR', async () => {
    const { stdout } = await follow(
      'auto',
      true,
      [step('s', 'start', 'k3d-demo-server-0'), step('n', 'network', undefined)],
      {
        NO_COLOR: '1',
      },
    );
    expect(stdout).toContain('✓ k3d-demo-server-0');
    expect(stdout.endsWith('\x1b[?25h')).toBe(true);
    expect(stdout).not.toMatch(/\x1b\[\d*m/);
    // Every drawing after the first goes up exactly as many lines as it had drawn.
    const heights = [...stdout.matchAll(/\x1b\[(\d+)A/g)].map(match => match[1]);
    expect(new Set(heights)).toEqual(new Set(['3']));
  });

  it('sums a node’s steps up: what runs, how far, for how long', () => {
    const views: StepView[] = [
      { id: '1', title: 'create', subject: 'k3d-a-server-0', state: 'done', startedAt: 1000, endedAt: 1500 },
      { id: '2', title: 'start', subject: 'k3d-a-server-0', state: 'running', startedAt: 1500 },
      { id: '3', title: 'pull img', state: 'running', startedAt: 1000, bytes: 512, totalBytes: 1024 },
      { id: '4', title: 'start', subject: 'k3d-a-agent-0', state: 'waiting' },
      {
        id: '5',
        title: 'start',
        subject: 'k3d-a-agent-1',
        state: 'failed',
        startedAt: 1000,
        endedAt: 1100,
        error: new K3duiError({ code: 'X', message: 'no' }),
      },
    ];
    const lines = progressLines(views, 3000);
    expect(lines).toEqual([
      { state: 'running', name: 'k3d-a-server-0', text: 'start', milliseconds: 2000 },
      { state: 'running', name: 'pull img', text: '', milliseconds: 2000, bytes: 512, totalBytes: 1024 },
      { state: 'waiting', name: 'k3d-a-agent-0', text: '', milliseconds: undefined },
      { state: 'failed', name: 'k3d-a-agent-1', text: 'start: no', milliseconds: 100 },
    ]);
    expect(formatLine(lines[1]!, 10, 0, false)).toBe('  ⠋ pull img       2.0 s  [██████████░░░░░░░░░░] 512 B of 1 KiB');
  });
});
