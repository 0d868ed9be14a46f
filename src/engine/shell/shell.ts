import type { Call, Docker, InteractiveExec, LogChunk } from '../../docker/docker.ts';
import { isK3duiError, K3duiError } from '../../errors.ts';
import type { Node } from '../model.ts';

/** What is at the person's end: a terminal, or a pipe. */
export interface ShellPeer {
  /** A terminal on both sides; then keys go to the command as they are, Ctrl-C too. */
  tty: boolean;
  /** `xterm-256color`, for the command's own drawing. */
  term: string;
  /** Cells; undefined for a pipe. */
  size(): { columns: number; rows: number } | undefined;
  /** Calls the listener whenever the size changes. Returns how to stop that. */
  onResize(listener: () => void): () => void;
  /** What the person types or sends; ends when there is no more. */
  input: AsyncIterable<Buffer>;
  write(chunk: LogChunk): void;
}

/** What a node's containers all have; k3s' and nginx' images know no other. */
export const SHELL = ['/bin/sh'];
/** Ctrl-C, Ctrl-D: a shell that is left alone with its terminal ends by these. */
const FAREWELL = '\x03\x04';

/**
 * Runs a command in the node, a shell unless told otherwise, and connects it with the peer: input, output, size. Returns
 * its exit code. When the call is aborted, a shell on a terminal is told to end, and the connection goes.
 * Throws NODE_NOT_RUNNING, NODE_UNKNOWN, and what Docker throws.
 */
export async function runShell(
  docker: Docker,
  node: Pick<Node, 'id' | 'name'>,
  command: string[],
  peer: ShellPeer,
  call: Call = {},
): Promise<number> {
  const { tty } = peer;
  const env = tty ? [`TERM=${peer.term}`] : [];
  const exec = await start(docker, node, command.length > 0 ? command : SHELL, { tty, env, ...peer.size() }, call);
  const resize = () => {
    const size = peer.size();
    if (size) void exec.resize(size.columns, size.rows).catch(() => {});
  };
  const stopResizing = tty ? peer.onResize(resize) : () => {};
  const farewell = () => {
    if (tty) void exec.write(FAREWELL);
    exec.close();
  };
  call.signal?.addEventListener('abort', farewell, { once: true });
  // The first size may have come before the command had its terminal, and have been refused.
  if (tty) resize();
  void passInput(exec, peer, tty);
  try {
    for await (const chunk of exec.output) peer.write(chunk);
    return await exec.exitCode();
  } finally {
    call.signal?.removeEventListener('abort', farewell);
    stopResizing();
    exec.close();
  }
}

async function passInput(exec: InteractiveExec, peer: ShellPeer, tty: boolean): Promise<void> {
  try {
    for await (const data of peer.input) await exec.write(data);
    if (!tty) exec.endInput();
  } catch {
    // The connection's end is told by its output.
  }
}

async function start(
  docker: Docker,
  node: Pick<Node, 'id' | 'name'>,
  command: string[],
  options: Parameters<Docker['execInteractive']>[2],
  call: Call,
): Promise<InteractiveExec> {
  try {
    return await docker.execInteractive(node.id, command, options, call);
  } catch (error) {
    if (isK3duiError(error) && /is not running|is restarting|is paused/.test(error.message)) {
      throw new K3duiError({
        code: 'NODE_NOT_RUNNING',
        message: `${node.name} does not run, so no shell can run in it`,
        hint: `start it first: k3dui node start ${node.name}`,
        cause: error,
      });
    }
    throw error;
  }
}
