import type { Readable } from 'node:stream';
import type { Caller } from './caller.ts';
import { authHeader, findCredentials } from './credentials.ts';
import type { Call, Docker, PullProgress } from './docker.ts';
import { EngineRefusal } from './errors.ts';
import { toQuery } from './modem.ts';
import { type PullLine, PullSum, pullFailed, pullQuery } from './pull.ts';
import { jsonLines } from './streams.ts';
import type { ImageInspect, ImageSummary } from './types.ts';

/** Progress of a pull is reported at most this often, in milliseconds. */
const PROGRESS_INTERVAL = 50;

/** `configFolder`: of Docker's config, for credentials. `env`: its PATH finds the credential helpers. */
export function imageCalls(
  caller: Caller,
  configFolder: string,
  env: NodeJS.ProcessEnv,
): Pick<Docker, 'listImages' | 'inspectImage' | 'saveImages' | 'pullImage'> {
  return {
    listImages(call?: Call): Promise<ImageSummary[]> {
      return caller.run('list images', call, abortSignal => {
        return caller.dockerode.listImages({ abortSignal }) as unknown as Promise<ImageSummary[]>;
      });
    },

    inspectImage(reference: string, call?: Call): Promise<ImageInspect | undefined> {
      const path = `/images/${reference.split('/').map(encodeURIComponent).join('/')}/json`;
      return caller.run(`inspect image ${reference}`, call, signal => {
        return caller.get(path, signal) as Promise<ImageInspect | undefined>;
      });
    },

    saveImages(references: string[], call?: Call): AsyncIterable<Buffer> {
      const names = references.map(name => `names=${encodeURIComponent(name)}`).join('&');
      const doing = `read ${references.length === 1 ? `image ${references[0]}` : `${references.length} images`} from Docker`;
      return caller.stream(doing, `/images/get?${names}`, call, pieces);
    },

    pullImage(reference: string, onProgress?: (progress: PullProgress) => void, call?: Call): Promise<void> {
      return caller.run(`pull ${reference}`, call, async signal => {
        const { credentials, problem } = await findCredentials(reference, { configFolder, env, signal });
        const request = {
          method: 'POST',
          path: `/images/create?${toQuery(pullQuery(reference))}`,
          headers: credentials && { 'X-Registry-Auth': authHeader(credentials) },
          signal,
        };
        const { stream } = await caller.modem.open(request).catch(error => {
          throw error instanceof EngineRefusal ? pullFailed(reference, error.message, problem, error) : error;
        });
        const sum = new PullSum();
        let reported = 0;
        for await (const line of jsonLines(stream)) {
          sum.add(line as PullLine, reference, problem);
          if (Date.now() - reported < PROGRESS_INTERVAL) continue;
          reported = Date.now();
          onProgress?.(sum.progress);
        }
        onProgress?.(sum.progress);
      });
    },
  };
}

async function* pieces(stream: Readable): AsyncGenerator<Buffer> {
  for await (const piece of stream) yield piece as Buffer;
}
