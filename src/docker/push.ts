import { K3duiError } from '../errors.ts';
import type { Caller } from './caller.ts';
import { authHeader, findCredentials } from './credentials.ts';
import type { Call, Docker, PushProgress } from './docker.ts';
import { EngineRefusal } from './errors.ts';
import { toQuery } from './modem.ts';
import { type PullLine, pullQuery } from './pull.ts';
import { jsonLines } from './streams.ts';

/** Progress of a push is reported at most this often, in milliseconds. */
const PROGRESS_INTERVAL = 50;
/** What stands for no credentials; newer engines refuse a push without the header. */
const NO_CREDENTIALS = Buffer.from('{}').toString('base64url');

interface PushLine extends PullLine {
  aux?: { Tag?: string; Digest?: string; Size?: number };
}

interface Distribution {
  Descriptor?: { digest?: string };
}

/** Images on their way to a registry, and what the engine itself sees there. */
export function pushCalls(
  caller: Caller,
  configFolder: string,
  env: NodeJS.ProcessEnv,
): Pick<Docker, 'tagImage' | 'untagImage' | 'pushImage' | 'remoteDigest'> {
  const path = (reference: string) => `/images/${reference.split('/').map(encodeURIComponent).join('/')}`;
  const authFor = async (reference: string, signal: AbortSignal | undefined) => {
    const { credentials, problem } = await findCredentials(reference, { configFolder, env, signal });
    return { problem, headers: { 'X-Registry-Auth': credentials ? authHeader(credentials) : NO_CREDENTIALS } };
  };
  return {
    tagImage(image: string, reference: string, call?: Call): Promise<void> {
      return caller.run(`tag ${image} as ${reference}`, call, async signal => {
        const { fromImage, tag } = pullQuery(reference);
        await caller.modem.json({
          method: 'POST',
          path: `${path(image)}/tag?${toQuery({ repo: fromImage, tag })}`,
          signal,
        });
      });
    },

    untagImage(reference: string, call?: Call): Promise<void> {
      return caller.run(`take the tag ${reference} away`, call, async signal => {
        const known = (await caller.get(`${path(reference)}/json`, signal)) as { RepoTags?: string[] } | undefined;
        // The last name would take the image with it.
        if ((known?.RepoTags?.length ?? 0) < 2) return;
        await caller.modem.json({ method: 'DELETE', path: path(reference), signal });
      });
    },

    pushImage(reference: string, onProgress?: (progress: PushProgress) => void, call?: Call): Promise<string> {
      return caller.run(`push ${reference}`, call, async signal => {
        const { headers, problem } = await authFor(reference, signal);
        const { fromImage, tag } = pullQuery(reference);
        const request = { method: 'POST', path: `${path(fromImage)}/push?${toQuery({ tag })}`, headers, signal };
        const { stream } = await caller.modem.open(request).catch(error => {
          throw error instanceof EngineRefusal ? pushFailed(reference, error.message, problem, error) : error;
        });
        const layers = new Map<string, { current: number; total: number }>();
        let digest = '';
        let reported = 0;
        for await (const line of jsonLines(stream)) {
          const { id, status = '', progressDetail, aux, error, errorDetail } = line as PushLine;
          const failure = errorDetail?.message ?? error;
          if (failure !== undefined) throw pushFailed(reference, failure, problem);
          digest = aux?.Digest ?? digest;
          if (id && progressDetail?.current !== undefined) {
            const { current, total = 0 } = progressDetail;
            layers.set(id, { current, total: Math.max(total, current) });
          }
          if (Date.now() - reported < PROGRESS_INTERVAL) continue;
          reported = Date.now();
          onProgress?.(sum(layers, status));
        }
        onProgress?.(sum(layers, 'Pushed'));
        return digest;
      });
    },

    remoteDigest(reference: string, call?: Call): Promise<string> {
      return caller.run(`ask the registry of ${reference}`, call, async signal => {
        const { headers, problem } = await authFor(reference, signal);
        const request = { method: 'GET', path: `/distribution/${reference}/json`, headers, signal };
        const answer = (await caller.modem.json(request).catch(error => {
          throw error instanceof EngineRefusal ? askFailed(reference, error.message, problem, error) : error;
        })) as Distribution | undefined;
        return answer?.Descriptor?.digest ?? '';
      });
    },
  };
}

function sum(layers: Map<string, { current: number; total: number }>, status: string): PushProgress {
  const all = [...layers.values()];
  return {
    status,
    current: all.reduce((bytes, layer) => bytes + Math.min(layer.current, layer.total), 0),
    total: all.reduce((bytes, layer) => bytes + layer.total, 0),
  };
}

function pushFailed(reference: string, why: string, problem?: string, cause?: unknown): K3duiError {
  return failed('PUSH_FAILED', `cannot push ${reference}`, why, problem, cause);
}

/** The engine itself could not ask, or was told no; MANIFEST_MISSING when the registry answered that it has no such image. */
function askFailed(reference: string, why: string, problem?: string, cause?: unknown): K3duiError {
  const missing = /manifest unknown|not found: manifest|name unknown|MANIFEST_UNKNOWN|NAME_UNKNOWN/i.test(why);
  return failed(
    missing ? 'MANIFEST_MISSING' : 'PULL_FAILED',
    `the Docker engine cannot see ${reference}`,
    why,
    problem,
    cause,
  );
}

function failed(code: string, what: string, text: string, problem: string | undefined, cause: unknown): K3duiError {
  const why = text.replace(/\s*\n\s*/g, ' ').trim();
  const hint = hintFor(why);
  return new K3duiError({ code, message: `${what}: ${why}`, hint: problem ? `${problem}; ${hint}` : hint, cause });
}

function hintFor(why: string): string {
  if (/denied|unauthorized|authentication required|no basic auth|forbidden/i.test(why)) {
    return 'wrong or no credentials: `docker login` to that registry first';
  }
  if (/^unsupported$/.test(why)) return 'a mirror takes no images: push to the registry that it mirrors';
  if (/server gave HTTP response to HTTPS client/i.test(why)) {
    return "Docker speaks plain HTTP to this machine's own addresses only: use localhost, or list it under insecure-registries";
  }
  if (/does not exist|No such image|not exist locally/i.test(why)) return 'Docker has no such image: docker images';
  if (/lookup|no such host/i.test(why))
    return "the engine's machine does not know the name: a line in its hosts file helps";
  if (/connection refused|dial tcp|timeout|no route/i.test(why)) return 'is the registry running? k3dui registry list';
  if (/no space left/i.test(why)) return 'the disk of the registry is full: collect its garbage, or make room';
  return 'the log of the registry may say more';
}
