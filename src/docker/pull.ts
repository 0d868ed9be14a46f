import { K3duiError } from '../errors.ts';
import type { PullProgress } from './docker.ts';

/** One line of a pull's progress. */
export interface PullLine {
  status?: string;
  id?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
  errorDetail?: { message?: string };
}

interface Layer {
  current: number;
  total: number;
  done: boolean;
}

/** Splits a reference into what the engine's pull wants. Without a tag it means `latest`, never all tags. */
export function pullQuery(reference: string): { fromImage: string; tag: string } {
  const at = reference.indexOf('@');
  const named = at < 0 ? reference : reference.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const fromImage = tagged ? named.slice(0, colon) : named;
  if (at >= 0) return { fromImage, tag: reference.slice(at + 1) };
  return { fromImage, tag: tagged ? named.slice(colon + 1) : 'latest' };
}

/** Sums the layers of a pull line by line. */
export class PullSum {
  readonly #layers = new Map<string, Layer>();
  #status = '';

  /** Takes a line in. Throws PULL_FAILED for a line that reports an error. */
  add(line: PullLine, reference: string, problem?: string): void {
    const failure = line.errorDetail?.message ?? line.error;
    if (failure !== undefined) throw pullFailed(reference, failure, problem);
    const { status = '', id } = line;
    if (status) this.#status = status;
    // The first line carries the tag as its id; it is no layer.
    if (!id || status.startsWith('Pulling from')) return;
    const layer = this.#layers.get(id) ?? { current: 0, total: 0, done: false };
    this.#layers.set(id, layer);
    const { current, total } = line.progressDetail ?? {};
    if (status === 'Downloading') {
      layer.current = current ?? layer.current;
      // Old engines and chunked registries send no total, or -1.
      layer.total = Math.max(layer.total, total ?? 0, layer.current);
    } else if (/^(Download complete|Extracting|Verifying Checksum)/.test(status)) {
      layer.current = layer.total;
    } else if (/^(Pull complete|Already exists)/.test(status)) {
      layer.current = layer.total;
      layer.done = true;
    }
  }

  get progress(): PullProgress {
    const sum: PullProgress = { current: 0, total: 0, layersDone: 0, layers: this.#layers.size, status: this.#status };
    for (const layer of this.#layers.values()) {
      sum.current += layer.current;
      sum.total += layer.total;
      if (layer.done) sum.layersDone++;
    }
    return sum;
  }
}

/** `problem`: what went wrong with the credentials, if anything did. */
export function pullFailed(reference: string, why: string, problem?: string, cause?: unknown): K3duiError {
  const reason = why.replace(/\s*\n\s*/g, ' ').trim();
  return new K3duiError({
    code: 'PULL_FAILED',
    message: `cannot pull ${reference}: ${reason}`,
    hint: problem ? `${problem}; ${hintFor(reason)}` : hintFor(reason),
    cause,
  });
}

function hintFor(reason: string): string {
  if (/denied|unauthorized|authentication required|forbidden/i.test(reason)) {
    return 'check the name, or `docker login` to its registry first';
  }
  if (/not found|manifest unknown|does not exist|no matching manifest/i.test(reason)) {
    return 'check the name and the tag, and that the image exists for this architecture';
  }
  if (/toomanyrequests|rate limit/i.test(reason)) return 'the registry limits anonymous pulls: `docker login`, or wait';
  if (/no space left/i.test(reason)) return 'free disk space where Docker keeps its data';
  if (/lookup|dial tcp|timeout|connection refused|no route|TLS|x509|proxyconnect/i.test(reason)) {
    return 'the engine cannot reach the registry: check its network, proxy and DNS';
  }
  return 'try `docker pull` with the same name for more';
}
