import { expect, it } from 'vitest';
import type { Docker, InteractiveExec } from '../../src/docker/docker.ts';
import { tarFile } from '../../src/engine/image/layout.ts';
import { ImageRun, performOnImages } from '../../src/engine/image/perform.ts';
import { type TransferRequest, transferImages } from '../../src/engine/image/transfer.ts';
import { K3duiError } from '../../src/errors.ts';

const lost = new K3duiError({ code: 'DOCKER_UNREACHABLE', message: 'lost the Docker engine at tcp://far:2375' });

const { signal } = new AbortController();
/** A Docker of which every connection into a node has just broken. */
const broken = {
  exec: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
  inspectContainer: async () => Promise.reject(lost),
  execInteractive: async (): Promise<InteractiveExec> => ({
    // biome-ignore lint/correctness/useYield: it breaks before it prints anything
    output: (async function* () {
      throw lost;
    })(),
    write: async () => {},
    endInput: () => {},
    resize: async () => {},
    exitCode: async () => Promise.reject(lost),
    close: () => {},
  }),
} as unknown as Docker;

async function* archive(): AsyncGenerator<Buffer> {
  yield Buffer.concat(tarFile('one', Buffer.from('x')));
  await new Promise(resolve => setTimeout(resolve, 20));
  yield Buffer.concat(tarFile('two', Buffer.from('x')));
}

it('an import that all nodes fall away from tells what they failed with, not what the archive half read would lack', async () => {
  const request: TransferRequest = { source: { from: 'stdin' }, nodes: ['a', 'b'], rename: {}, layers: [] };
  const results = await transferImages(broken, request, signal, { stdin: archive() });
  expect([...results]).toEqual([
    ['a', lost],
    ['b', lost],
  ]);
});

it('an engine that goes away while images go into its nodes is told of as itself, not as nodes that failed', async () => {
  const run = new ImageRun();
  const context = { signal, report: () => {} };
  const settled = (): Promise<undefined> =>
    performOnImages({ kind: 'node-image.settle', nodes: 2 }, broken, run, context as never);
  const other = new K3duiError({ code: 'NODE_STOPPED', message: 'b stopped during the import' });
  run.failures.push({ node: 'b', error: other });
  await expect(settled()).rejects.toMatchObject({ code: 'SOME_NODES_FAILED' });
  run.failures.push({ node: 'a', error: lost });
  await expect(settled()).rejects.toBe(lost);
});

it('an import that ended for want of space, and whose last words were lost, is known by its exit code', async () => {
  const ended = {
    ...broken,
    inspectContainer: async () => ({ State: { Running: true } }),
    execInteractive: async () => ({
      ...(await broken.execInteractive('a', [], { tty: false })),
      exitCode: async () => 28,
    }),
  } as unknown as Docker;
  const request: TransferRequest = { source: { from: 'stdin' }, nodes: ['a'], rename: {}, layers: [] };
  const results = await transferImages(ended, request, signal, { stdin: archive() });
  expect(results.get('a')).toMatchObject({ code: 'NODE_DISK_FULL', message: 'a has no space left' });
});
