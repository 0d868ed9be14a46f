import { setTimeout as sleep } from 'node:timers/promises';
import type { Docker, InteractiveExec } from '../../docker/docker.ts';
import { K3duiError, toK3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import { DISK_FULL, giveUp, takeImages } from './node-script.ts';

/** Milliseconds that an import gets to end by itself when its input ends too early. */
const GRACE = 2000;
/** What is kept of the last words. */
const LAST_WORDS = 16 * 1024;

/** An import in one node, fed through its standard input. */
export class NodeSink {
  readonly node: string;
  readonly #docker: Docker;
  readonly #exec: InteractiveExec;
  /** All that it printed, once it has ended. */
  readonly #ended: Promise<void>;
  #output = '';
  #over = false;
  /** Bytes written to it. */
  sent = 0;
  /** Since when a write is waiting, in milliseconds; undefined when none is. */
  waitingSince: number | undefined;

  private constructor(docker: Docker, node: string, exec: InteractiveExec) {
    this.#docker = docker;
    this.node = node;
    this.#exec = exec;
    this.#ended = this.#listen();
    this.#ended.catch(() => {});
  }

  /** Starts the import. No signal: a connection that is cut would leave it running in the node. */
  static async open(docker: Docker, node: string, unpack: boolean): Promise<NodeSink> {
    const command = ['sh', '-c', takeImages(unpack)];
    return new NodeSink(docker, node, await docker.execInteractive(node, command, { tty: false }));
  }

  async #listen(): Promise<void> {
    try {
      for await (const { data } of this.#exec.output)
        this.#output = (this.#output + data.toString()).slice(-LAST_WORDS);
    } finally {
      this.#over = true;
    }
  }

  /** True once it takes no more: it has failed, or its node has stopped. */
  get over(): boolean {
    return this.#over;
  }

  /** Resolves when more is welcome. What goes wrong shows in `finish`. */
  async write(piece: Buffer): Promise<void> {
    if (this.#over || piece.length === 0) return;
    this.sent += piece.length;
    this.waitingSince = Date.now();
    await this.#exec.write(piece);
    this.waitingSince = undefined;
  }

  /** Ends its input and waits for its end. Throws what it failed with, by its exit code. */
  async finish(): Promise<void> {
    this.#exec.endInput();
    const cut = await this.#ended.then(
      () => undefined,
      error => toK3duiError(error),
    );
    // One that ended while more was written to it may lose its connection, and its last words with it.
    const code = await this.#exec.exitCode(cut && AbortSignal.timeout(GRACE)).catch(() => undefined);
    if (code !== 0) throw await this.#failure(code, cut);
  }

  /** Ends an import that is not to be completed: it puts away what it got when its input ends too early; else it is killed. */
  async abandon(): Promise<void> {
    this.#exec.endInput();
    const own = new AbortController();
    const late = sleep(GRACE, 'late', { signal: own.signal }).catch(() => 'late');
    const first = await Promise.race([this.#ended.then(() => 'ended').catch(() => 'ended'), late]);
    own.abort();
    const pid = /^pid (\d+)/.exec(this.#output)?.[1];
    if (first === 'late' && pid !== undefined) {
      await this.#docker
        .exec(this.node, ['sh', '-c', giveUp(pid)], {}, { signal: AbortSignal.timeout(GRACE) })
        .catch(() => {});
    }
    this.#exec.close();
  }

  async #failure(code: number | undefined, cut: K3duiError | undefined): Promise<K3duiError> {
    const said = this.#output
      .split('\n')
      .filter(line => line.trim() !== '' && !/^pid \d+$|^unpacking /.test(line))
      .at(-1);
    const container = await this.#docker.inspectContainer(this.node).catch(error => toK3duiError(error));
    if (container instanceof K3duiError) {
      if (container.code !== 'NOT_FOUND') return cut ?? container;
      return new K3duiError({ code: 'NODE_GONE', message: `${this.node} was removed during the import` });
    }
    if (!container.State.Running) {
      return new K3duiError({
        code: 'NODE_STOPPED',
        message: `${this.node} stopped during the import`,
        hint: `start it and import again: k3dui node start ${this.node}`,
      });
    }
    const why = sanitise((said ?? '').replace(/^(ctr|tar): /, ''));
    if (code === DISK_FULL || /no space left on device/i.test(why)) {
      return new K3duiError({
        code: 'NODE_DISK_FULL',
        message: `${this.node} has no space left${why && `: ${why}`}`,
        hint: "images share Docker's disk: see docker system df; or remove images from the node: k3dui image remove",
      });
    }
    const fallback = code === undefined ? (cut?.message ?? 'its exit code is unknown') : `it ended with ${code}`;
    return new K3duiError({
      code: 'IMPORT_FAILED',
      message: `the import in ${this.node} failed: ${why || fallback}`,
      hint: "look at the node's log; its containerd may be restarting",
      cause: cut,
    });
  }
}
