import { describe, expect, it, vi } from 'vitest';
import { Operation } from '../../src/engine/operation.ts';
import type { OperationEvent } from '../../src/engine/operation-events.ts';
import type { Step } from '../../src/engine/step.ts';
import { K3duiError } from '../../src/errors.ts';

/** A step that notes in `log` what happens to it. */
function step(log: string[], id: string, after: string[] = [], extra: Partial<Step> = {}): Step {
  return {
    id,
    title: id,
    after,
    run: async () => {
      log.push(`run ${id}`);
      return async () => {
        log.push(`undo ${id}`);
      };
    },
    ...extra,
  };
}

const failing = (code: string) => async () => {
  throw new K3duiError({ code, message: `${code} happened` });
};

const never = ({ signal }: { signal: AbortSignal }) =>
  new Promise<undefined>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

function operation(steps: Step[], extra: Partial<ConstructorParameters<typeof Operation>[0]> = {}): Operation {
  return new Operation({ id: 'op-1', title: 'test', command: 'k3dui test', steps, ...extra });
}

describe('an operation runs steps', () => {
  it('in the order they wait for each other', async () => {
    const log: string[] = [];
    await operation([step(log, 'a'), step(log, 'b', ['a']), step(log, 'c', ['b'])]).finished;
    expect(log).toEqual(['run a', 'run b', 'run c']);
  });

  it('side by side when they do not wait for each other', async () => {
    const started: string[] = [];
    let release = () => {};
    const gate = new Promise<void>(resolve => {
      release = resolve;
    });
    const waiting = (id: string): Step => ({
      id,
      title: id,
      after: [],
      run: async () => {
        started.push(id);
        if (started.length === 2) release();
        await gate;
        return undefined;
      },
    });
    await operation([waiting('a'), waiting('b')]).finished;
    expect(started).toEqual(['a', 'b']);
  });

  it('and undoes nothing that is done when somebody who is told of it fails', async () => {
    const log: string[] = [];
    const run = operation([step(log, 'a')]);
    run.subscribe(({ type }) => {
      if (type === 'operation.ended') throw new Error('cannot draw');
    });
    await expect(run.finished).rejects.toThrow('cannot draw');
    expect(log).toEqual(['run a']);
    expect(run.state).toBe('done');
  });

  it('and refuses a plan whose step waits for one that is not there', () => {
    expect(() => operation([step([], 'a', ['nowhere'])])).toThrow(/waits for 'nowhere'/);
  });
});

describe('a failed operation', () => {
  it('undoes what it did, last first, and nothing else', async () => {
    const log: string[] = [];
    const failed = operation([
      step(log, 'a'),
      step(log, 'b', ['a']),
      { id: 'c', title: 'c', after: ['b'], run: failing('BROKEN') },
      step(log, 'd', ['c']),
    ]);
    await expect(failed.finished).rejects.toMatchObject({ code: 'BROKEN' });
    expect(log).toEqual(['run a', 'run b', 'undo b', 'undo a']);
    expect(failed.steps.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'a undone',
      'b undone',
      'c failed',
      'd skipped',
    ]);
    expect(failed.state).toBe('failed');
  });

  it('also undoes a step that failed half way', async () => {
    const log: string[] = [];
    const half: Step = {
      id: 'half',
      title: 'half',
      after: [],
      run: async ({ onUndo }) => {
        onUndo(async () => {
          log.push('undo first half');
        });
        throw new Error('second half');
      },
    };
    await expect(operation([half]).finished).rejects.toThrow('second half');
    expect(log).toEqual(['undo first half']);
  });

  it('keeps everything when told so', async () => {
    const log: string[] = [];
    const steps = [step(log, 'a'), { id: 'b', title: 'b', after: ['a'], run: failing('BROKEN') }];
    await expect(operation(steps, { onFailure: 'keep' }).finished).rejects.toMatchObject({ code: 'BROKEN' });
    expect(log).toEqual(['run a']);
  });

  it('keeps the evidence before it undoes, and says where', async () => {
    const log: string[] = [];
    const keepEvidence = async () => {
      log.push('evidence');
      return '/evidence';
    };
    const steps = [step(log, 'a'), { id: 'b', title: 'b', after: ['a'], run: failing('BROKEN') }];
    await expect(operation(steps, { keepEvidence }).finished).rejects.toMatchObject({ evidence: '/evidence' });
    expect(log).toEqual(['run a', 'evidence', 'undo a']);
  });

  it('names what it could not undo', async () => {
    const stubborn: Step = {
      id: 'a',
      title: 'make a',
      subject: 'node-a',
      after: [],
      run: async () => failing('LOCKED'),
    };
    const steps = [stubborn, { id: 'b', title: 'b', after: ['a'], run: failing('BROKEN') }];
    await expect(operation(steps).finished).rejects.toThrow(/BROKEN happened; could not undo: node-a/);
  });

  it('goes on when the step was optional', async () => {
    const log: string[] = [];
    const done = operation([
      { id: 'a', title: 'a', after: [], optional: true, run: failing('MINOR') },
      step(log, 'b', ['a']),
    ]);
    await done.finished;
    expect(log).toEqual(['run b']);
    expect(done.steps[0]).toMatchObject({ state: 'failed', error: { code: 'MINOR' } });
  });
});

describe('a cancelled operation', () => {
  it('stops the running step, undoes and says so', async () => {
    const log: string[] = [];
    const cancelled = operation([step(log, 'a'), { id: 'b', title: 'b', after: ['a'], run: never }]);
    await vi.waitFor(() => expect(cancelled.steps[1]?.state).toBe('running'));
    cancelled.cancel();
    await expect(cancelled.finished).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    expect(log).toEqual(['run a', 'undo a']);
    expect(cancelled.state).toBe('cancelled');
  });

  it('from which there is no way back any more goes on to its end, when only optional steps are left', async () => {
    const log: string[] = [];
    const handedOver: Step = {
      ...step(log, 'a'),
      run: async ({ commit }) => {
        commit();
        return async () => void log.push('undo a');
      },
    };
    const steps = [
      handedOver,
      { id: 'b', title: 'b', after: ['a'], optional: true, run: never },
      step(log, 'c', ['b'], { optional: true }),
    ];
    const done = operation(steps);
    await vi.waitFor(() => expect(done.steps[1]?.state).toBe('running'));
    done.cancel();
    await done.finished;
    expect([done.state, log]).toEqual(['done', ['run c']]);

    const cancelled = operation([...steps, step(log, 'd', ['c'])]);
    await vi.waitFor(() => expect(cancelled.steps[1]?.state).toBe('running'));
    cancelled.cancel();
    await expect(cancelled.finished).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(log).not.toContain('run d');
    expect(log).toContain('undo a');
  });

  it('is cancelled by its outer signal too', async () => {
    const abort = new AbortController();
    const cancelled = operation([{ id: 'a', title: 'a', after: [], run: never }], { signal: abort.signal });
    await vi.waitFor(() => expect(cancelled.steps[0]?.state).toBe('running'));
    abort.abort();
    await expect(cancelled.finished).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('gives up undoing on the second call', async () => {
    const slowUndo: Step = {
      id: 'a',
      title: 'a',
      after: [],
      run: async () => signal =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    };
    const cancelled = operation([slowUndo, { id: 'b', title: 'b', after: ['a'], run: never }]);
    await vi.waitFor(() => expect(cancelled.steps[1]?.state).toBe('running'));
    cancelled.cancel();
    await vi.waitFor(() => expect(cancelled.state).toBe('undoing'));
    cancelled.cancel();
    await expect(cancelled.finished).rejects.toThrow(/could not undo: a/);
  });

  it('says what it was still waiting for when the time limit ends it', async () => {
    const late = operation([{ id: 'a', title: 'ready', subject: 'node-a', after: [], run: never }], {
      timeoutSeconds: 0.05,
    });
    await expect(late.finished).rejects.toThrow(/still at: ready node-a/);
    expect(late.error?.code).toBe('TIMEOUT');
  });
});

describe('the events of an operation', () => {
  it('tell a late reader the whole story', async () => {
    const log: string[] = [];
    const reported: Step = {
      id: 'b',
      title: 'pull',
      after: ['a'],
      run: async ({ report }) => {
        report({ bytes: 5, totalBytes: 10 });
        return undefined;
      },
    };
    const done = operation([step(log, 'a'), reported]);
    const seen: OperationEvent[] = [];
    done.subscribe(event => seen.push(event));
    await done.finished;
    expect(seen).toEqual(done.events);
    expect(seen.map(({ type }) => type)).toEqual([
      'operation.started',
      'step.started',
      'step.done',
      'step.started',
      'step.progress',
      'step.done',
      'operation.ended',
    ]);
  });
});
