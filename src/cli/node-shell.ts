import { runShell } from '../engine/shell/shell.ts';
import { type Streams, terminalPeer } from '../engine/shell/terminal-peer.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import type { Run } from './command.ts';
import { nodeNamed, picture } from './picture.ts';

/**
 * `node shell NAME [-- COMMAND…]`: a shell in a node, or one command. On a terminal everything goes through, keys, colours
 * and size; piped, input and output are separate and whole. The exit code is the command's.
 */
export async function shellInNode(run: Run<object>): Promise<number> {
  const [name = '', ...command] = run.args;
  const engine = await run.engine();
  const { signal } = run.io.interrupts;
  const node = nodeNamed(await picture(engine, signal), name);
  if (!node.running) {
    throw new K3duiError({
      code: 'NODE_NOT_RUNNING',
      message: `${sanitise(node.name)} does not run, so no shell can run in it`,
      hint: `start it first: k3dui node start ${node.name}`,
    });
  }
  const peer = terminalPeer(streamsOf(run));
  // A first Ctrl-C on a pipe ends it; on a terminal it is the shell's.
  const stopListening = run.io.interrupts.onAgain(() => {});
  try {
    return await runShell(engine.docker, node, command, peer, { signal });
  } catch (error) {
    if (signal.aborted) return run.io.interrupts.exitCode;
    throw error;
  } finally {
    stopListening();
    peer.release();
    run.io.streams?.stdin.unref?.();
  }
}

function streamsOf({ io }: Run<object>): Streams {
  if (io.streams) return io.streams;
  throw new K3duiError({
    code: 'NO_TERMINAL',
    message: 'there is nothing to connect the shell with',
    hint: 'run it from a terminal, or pipe something to it',
  });
}
