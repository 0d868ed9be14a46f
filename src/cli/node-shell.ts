import type { LogChunk } from '../docker/docker.ts';
import type { Node } from '../engine/model.ts';
import { refuseReadOnly } from '../engine/read-only.ts';
import { attachTo } from '../engine/shell/attach.ts';
import { runShell } from '../engine/shell/shell.ts';
import { type Streams, terminalPeer } from '../engine/shell/terminal-peer.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import type { Run } from './command.ts';
import type { Output } from './io.ts';
import { nodeNamed, picture } from './picture.ts';

/**
 * `node shell NAME [-- COMMAND…]`: a shell in a node, or one command. On a terminal everything goes through, keys, colours
 * and size; piped, input and output are separate and whole. The exit code is the command's.
 */
export async function shellInNode(run: Run<object>): Promise<number> {
  const [, ...command] = run.args;
  const engine = await run.engine();
  refuseReadOnly(engine, 'the shell');
  const { signal } = run.io.interrupts;
  const node = await runningNode(run);
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

/** `node attach NAME`: what the node's own process prints from now on, until it ends or Ctrl-C. */
export async function attachToNode(run: Run<object>): Promise<number> {
  const { io } = run;
  const { docker } = await run.engine();
  const node = await runningNode(run);
  const stopListening = io.interrupts.onAgain(() => {});
  try {
    // Raw for a file or a pipe; nobody's terminal is moved about by a log.
    const show = (output: Output, data: Buffer) => {
      const text = data.toString('utf8');
      output.write(output.isTTY ? text.split('\n').map(sanitise).join('\n') : text);
    };
    const write = ({ stream, data }: LogChunk) => show(stream === 'stderr' ? io.stderr : io.stdout, data);
    return await attachTo(docker, node, write, { signal: io.interrupts.signal });
  } catch (error) {
    if (io.interrupts.signal.aborted) return io.interrupts.exitCode;
    throw error;
  } finally {
    stopListening();
  }
}

/** The node that is named, if it runs. Throws NODE_UNKNOWN, NODE_NOT_RUNNING. */
async function runningNode(run: Run<object>): Promise<Node> {
  const [name = ''] = run.args;
  const node = nodeNamed(await picture(await run.engine(), run.io.interrupts.signal), name);
  if (node.running) return node;
  throw new K3duiError({
    code: 'NODE_NOT_RUNNING',
    message: `${sanitise(node.name)} does not run`,
    hint: `start it first: k3dui node start ${node.name}`,
  });
}

function streamsOf({ io }: Run<object>): Streams {
  if (io.streams) return io.streams;
  throw new K3duiError({
    code: 'NO_TERMINAL',
    message: 'there is nothing to connect the shell with',
    hint: 'run it from a terminal, or pipe something to it',
  });
}
