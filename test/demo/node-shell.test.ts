import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachTo } from '../../src/engine/shell/attach.ts';
import { runShell, type ShellPeer } from '../../src/engine/shell/shell.ts';
import { type Bench, create, openBench, spec } from './engine.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  await (await create(bench.engine, spec('demo'))).finished;
});
afterEach(() => bench.close());

const NODE = { id: 'k3d-demo-server-0', name: 'k3d-demo-server-0' };

/** A person's end that is written down. */
function peer(tty: boolean): ShellPeer & { typed: PassThrough; stdout: string; stderr: string; resized: () => void } {
  const typed = new PassThrough();
  const end = {
    tty,
    term: 'xterm-256color',
    typed,
    stdout: '',
    stderr: '',
    resized: () => {},
    size: () => (tty ? { columns: 101, rows: 33 } : undefined),
    onResize(listener: () => void) {
      end.resized = listener;
      return () => {};
    },
    input: typed,
    write(chunk: { stream: 'stdout' | 'stderr'; data: Buffer }) {
      end[chunk.stream] += chunk.data.toString();
    },
  };
  return end;
}

describe('a shell in a node', () => {
  it('one command: its output, its errors apart, its exit code', async () => {
    const end = peer(false);
    const code = await runShell(bench.engine.docker, NODE, ['sh', '-c', 'echo out; cat /no/such/file'], end);
    expect(code).toBe(1);
    expect(end.stdout).toBe('out\n');
    expect(end.stderr).toMatch(/no such file/i);
  });

  it('what is piped in reaches it, to the end', async () => {
    const end = peer(false);
    const running = runShell(bench.engine.docker, NODE, ['cat'], end);
    end.typed.write('one\n');
    end.typed.end('two\n');
    expect(await running).toBe(0);
    expect(end.stdout).toBe('one\ntwo\n');
  });

  it('on a terminal it is talked to, told sizes, and its exit code is ours', async () => {
    const end = peer(true);
    const first = bench.demo.calls.length;
    const running = runShell(bench.engine.docker, NODE, [], end);
    await expect.poll(() => end.stdout).toContain('#');
    end.resized();
    end.typed.write('exit 3\r');
    expect(await running).toBe(3);
    const resizes = bench.demo.calls.slice(first).filter(({ path }) => path.includes('/resize'));
    expect(resizes.length).toBeGreaterThan(1);
  });

  it('a command that is not there says so with 127', async () => {
    const end = peer(false);
    expect(await runShell(bench.engine.docker, NODE, ['no-such-program'], end)).toBe(127);
    expect(end.stdout + end.stderr).toContain('no-such-program');
  });

  it('a node that does not run says so', async () => {
    await bench.engine.docker.stopContainer(NODE.id, { timeoutSeconds: 0 });
    await expect(runShell(bench.engine.docker, NODE, [], peer(true))).rejects.toMatchObject({
      code: 'NODE_NOT_RUNNING',
      hint: 'start it first: k3dui node start k3d-demo-server-0',
    });
  });

  it('a cancel ends it', async () => {
    const end = peer(true);
    const abort = new AbortController();
    const running = runShell(bench.engine.docker, NODE, [], end, { signal: abort.signal });
    await expect.poll(() => end.stdout).toContain('#');
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('attached to a node', () => {
  it('what its process prints from now on is passed on, until it ends, with its exit code', async () => {
    const { docker } = bench.engine;
    let said = '';
    const attached = attachTo(docker, NODE, ({ data }) => {
      said += data.toString();
    });
    await docker.stopContainer(NODE.id, { timeoutSeconds: 5 });
    expect(await attached).toBe((await docker.inspectContainer(NODE.id)).State.ExitCode);
    expect(said).not.toContain('Starting k3s');
  });
});
