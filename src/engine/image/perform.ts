import { setTimeout as sleep } from 'node:timers/promises';
import { isLatest } from '../../config/image.ts';
import type { Docker } from '../../docker/docker.ts';
import { unlessAborted } from '../../docker/signals.ts';
import { K3duiError, toK3duiError } from '../../errors.ts';
import { formatBytes, sanitise } from '../../text.ts';
import type { StepContext } from '../step.ts';
import type { NodeImageAction } from './actions.ts';
import { parseImages } from './crictl.ts';
import { latestWarning } from './import.ts';
import { familiarName, fullName } from './names.ts';
import { pullFailure } from './pull-failure.ts';
import { runInNode } from './run-in-node.ts';
import { type Received, transferImages } from './transfer.ts';

/** Milliseconds between two reports of progress; each is kept as an event. */
const REPORT_INTERVAL = 100;
/** Milliseconds that containerd's runtime interface may take to notice what ctr did. */
const NOTICE_LIMIT = 10_000;

interface Transfer {
  results: Promise<Map<string, Received | K3duiError>>;
  settle(results: Map<string, Received | K3duiError>): void;
  listeners: Map<string, (bytes: number) => void>;
}

/** What the image steps of one run share. */
export class ImageRun {
  readonly stdin: AsyncIterable<Buffer> | undefined;
  readonly #transfers = new Map<string, Transfer>();
  /** What went wrong, by node. */
  readonly failures: { node: string; error: K3duiError }[] = [];

  /** `stdin`: what an import from standard input reads. */
  constructor(stdin?: AsyncIterable<Buffer>) {
    this.stdin = stdin;
  }

  transfer(id: string): Transfer {
    const known = this.#transfers.get(id);
    if (known) return known;
    let settle: Transfer['settle'] = () => {};
    const results: Transfer['results'] = new Promise(resolve => {
      settle = resolve;
    });
    const fresh: Transfer = { results, settle, listeners: new Map() };
    this.#transfers.set(id, fresh);
    return fresh;
  }
}

/** Carries out one of the actions on images in nodes. */
export async function performOnImages(
  action: NodeImageAction,
  docker: Docker,
  run: ImageRun,
  context: StepContext,
): Promise<undefined> {
  if (action.kind === 'node-image.settle') return settle(run, action.nodes);
  if (action.kind === 'node-image.send') return send(action, docker, run, context);
  try {
    switch (action.kind) {
      case 'node-image.receive':
        await receive(action, docker, run, context);
        break;
      case 'node-image.tag':
        await ctr(docker, action.node, ['images', 'tag', '--force', action.from, action.to], context);
        break;
      case 'node-image.remove':
        await remove(action, docker, context);
        break;
      case 'node-image.pull':
        await pull(action, docker, context);
        break;
      case 'node-image.verify':
        await verify(action, docker, context);
        break;
    }
  } catch (error) {
    if (!context.signal.aborted) run.failures.push({ node: action.node, error: toK3duiError(error) });
    throw error;
  }
}

async function send(
  { transfer, request, unread }: Extract<NodeImageAction, { kind: 'node-image.send' }>,
  docker: Docker,
  run: ImageRun,
  { signal, report }: StepContext,
): Promise<undefined> {
  const { listeners, settle } = run.transfer(transfer);
  const results = await transferImages(docker, request, signal, {
    stdin: run.stdin,
    onProgress: (node, bytes) => listeners.get(node)?.(bytes),
  });
  const got = [...results.values()].filter(result => !(result instanceof K3duiError)) as Received[];
  const names = [...new Set(got.flatMap(({ images }) => [...images.keys()].map(familiarName)))];
  if (names.length > 0) report({ text: sanitise(names.join(', ')) });
  // Of what was known before, the plan has told.
  const latest = unread ? names.filter(isLatest) : [];
  if (latest.length > 0) report({ warning: sanitise(latest.map(latestWarning).join('; ')) });
  settle(results);
}

async function receive(
  { transfer, node, bytes: totalBytes }: Extract<NodeImageAction, { kind: 'node-image.receive' }>,
  docker: Docker,
  run: ImageRun,
  { signal, report }: StepContext,
): Promise<void> {
  const { listeners, results } = run.transfer(transfer);
  let reported = 0;
  listeners.set(node, bytes => {
    if (Date.now() - reported < REPORT_INTERVAL) return;
    reported = Date.now();
    report({ bytes, totalBytes: totalBytes && Math.max(totalBytes, bytes) });
  });
  const result = await unlessAborted(results, signal).then(all => all.get(node));
  if (result instanceof K3duiError) throw result;
  if (result === undefined) throw new K3duiError({ code: 'IMPORT_FAILED', message: `${node} was not reached` });
  const { images, sent, known } = result;
  report({ text: 'verifying', bytes: sent + known, totalBytes: sent + known });
  await present(docker, node, images, signal);
  const kept = known > 0 ? `, ${formatBytes(known)} were there` : '';
  report({ text: `${formatBytes(sent)} sent${kept}; verified` });
}

/** Waits until the node's runtime shows these images under these names. Throws IMPORT_UNVERIFIED. */
async function present(docker: Docker, node: string, images: Map<string, string>, signal: AbortSignal): Promise<void> {
  for (const until = Date.now() + NOTICE_LIMIT; ; await sleep(100, undefined, { signal })) {
    const { stdout, stderr } = await docker.exec(node, ['crictl', 'images', '-o', 'json'], {}, { signal });
    const there = parseImages(stdout);
    const missing = [...images].filter(([name, id]) => !there.some(i => i.id === id && i.names.includes(name)));
    if (missing.length === 0) return;
    if (Date.now() < until) continue;
    const names = missing.map(([name]) => sanitise(familiarName(name))).join(', ');
    throw new K3duiError({
      code: 'IMPORT_UNVERIFIED',
      message: `${node} does not show ${names} after the import${stderr ? `: ${sanitise(stderr.trim())}` : ''}`,
      hint: `look yourself: k3dui node shell ${node} -- crictl images`,
    });
  }
}

async function remove(
  { node, image, called, name }: Extract<NodeImageAction, { kind: 'node-image.remove' }>,
  docker: Docker,
  context: StepContext,
): Promise<void> {
  if (name !== undefined) return ctr(docker, node, ['images', 'rm', name], context);
  const { exitCode, stderr } = await docker.exec(node, ['crictl', 'rmi', image], {}, context);
  if (exitCode === 0 || /no such image/i.test(stderr)) return;
  throw new K3duiError({
    code: 'IMAGE_NOT_REMOVED',
    message: `${node} does not let go of ${called}: ${lastLine(stderr)}`,
    hint: 'something may be using it just now; try again',
  });
}

async function pull(
  { node, image }: Extract<NodeImageAction, { kind: 'node-image.pull' }>,
  docker: Docker,
  { signal, report }: StepContext,
): Promise<void> {
  const { exitCode, output } = await runInNode(docker, node, ['crictl', 'pull', fullName(image)], signal);
  if (exitCode !== 0) throw await pullFailure(docker, node, image, output);
  report({ text: lastLine(output) });
}

/** Reads `ctr images check`: REF TYPE DIGEST STATUS SIZE UNPACKED. */
async function verify(
  { node, name }: Extract<NodeImageAction, { kind: 'node-image.verify' }>,
  docker: Docker,
  { signal, report }: StepContext,
): Promise<void> {
  const command = ['ctr', '-n', 'k8s.io', 'images', 'check', `name==${name}`];
  const { exitCode, stdout, stderr } = await docker.exec(node, command, {}, { signal });
  const line = stdout.split('\n').find(row => row.startsWith(`${name} `)) ?? '';
  const parts = /\s(complete|incomplete) \(([^)]*)\)/.exec(line);
  const unpacked = /\strue\s*$/.test(line);
  if (exitCode === 0 && parts?.[1] === 'complete') {
    // What k3s loads by itself at its start stays packed until a pod needs it.
    report({ text: `complete (${parts[2]} parts)${unpacked ? ', unpacked' : '; its first pod unpacks it'}` });
    return;
  }
  const why = parts ? `only ${parts[2]} of its parts are there` : lastLine(stderr) || 'it is not there';
  throw new K3duiError({
    code: 'IMAGE_BROKEN',
    message: `${familiarName(name)} in ${node}: ${sanitise(why)}`,
    hint: `import it again, or: k3dui image remove ${familiarName(name)} --node ${node}`,
  });
}

async function ctr(docker: Docker, node: string, args: string[], { signal }: StepContext): Promise<void> {
  const { exitCode, stdout, stderr } = await docker.exec(node, ['ctr', '-n', 'k8s.io', ...args], {}, { signal });
  if (exitCode === 0) return;
  throw new K3duiError({
    code: 'RUNTIME_FAILED',
    message: `ctr ${args.slice(0, 2).join(' ')} in ${node} failed: ${lastLine(stderr || stdout)}`,
  });
}

function settle({ failures }: ImageRun, nodes: number): undefined {
  const failed = [...new Map(failures.map(failure => [failure.node, failure])).values()];
  const [first] = failed;
  if (first === undefined) return undefined;
  if (nodes === 1) throw first.error;
  // Where the engine itself went away no node is to blame.
  const lost = failed.find(({ error }) => error.code === 'DOCKER_UNREACHABLE');
  if (lost) throw lost.error;
  throw new K3duiError({
    code: 'SOME_NODES_FAILED',
    message: `${failed.length} of ${nodes} nodes failed (${failed.map(({ node }) => node).join(', ')}): ${first.error.message}`,
    hint: first.error.hint,
    cause: first.error,
  });
}

const lastLine = (text: string): string => sanitise(text.trim().split('\n').at(-1) ?? '');
