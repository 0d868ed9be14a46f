import { expect, test } from 'vitest';
import type { Docker, InteractiveExec, LogChunk } from '../../src/docker/docker.ts';
import { runInNode } from '../../src/engine/image/run-in-node.ts';

/** A node in which a command says its number when it is let, and ends when it is killed or cut off. */
function node(onStart: () => void) {
  const killed: string[] = [];
  let say = () => {};
  let end = () => {};
  const said = new Promise<void>(resolve => {
    say = resolve;
  });
  const ended = new Promise<void>(resolve => {
    end = resolve;
  });
  async function* output(): AsyncGenerator<LogChunk> {
    await said;
    yield { stream: 'stdout', data: Buffer.from('pid 42\n') };
    await ended;
  }
  const exec: Partial<InteractiveExec> = { output: output(), endInput: () => {}, close: () => end() };
  const docker: Partial<Docker> = {
    execInteractive: async () => {
      onStart();
      return exec as InteractiveExec;
    },
    exec: async (_, command) => {
      killed.push(command.at(-1)!);
      return { exitCode: 0, stdout: '', stderr: '' };
    },
  };
  return { docker: docker as Docker, killed, say };
}

const called = new Error('called off');

test('a command that is called off while Docker still starts it is killed in the node', async () => {
  const stop = new AbortController();
  const { docker, killed, say } = node(() => stop.abort(called));
  const run = runInNode(docker, 'n', ['crictl', 'pull', 'a'], stop.signal);
  say();
  await expect(run).rejects.toBe(called);
  expect(killed).toEqual(['kill -9 42']);
});

test('one that is called off while it runs is killed once', async () => {
  const stop = new AbortController();
  const { docker, killed, say } = node(() => {});
  say();
  const run = runInNode(docker, 'n', ['crictl', 'pull', 'a'], stop.signal);
  setImmediate(() => stop.abort(called));
  await expect(run).rejects.toBe(called);
  expect(killed).toEqual(['kill -9 42']);
});
