import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Docker } from '../../docker/docker.ts';
import { K3duiError, toK3duiError } from '../../errors.ts';
import type { LogSource } from './log-line.ts';
import { type ReadOptions, readLines } from './read-lines.ts';
import { stampText } from './stamp.ts';

export interface ExportedLog {
  name: string;
  path: string;
  lines: number;
  bytes: number;
}

const NEWLINE = Buffer.from('\n');

/**
 * Writes each container's whole log with its time stamps into a file of the folder (`NAME.log`, readable by the owner
 * only), side by side. Colours and other control sequences stay as they are. Throws EXPORT_FAILED, CANCELLED and what
 * reading throws, and then reads none of the others on; what was written until then stays.
 */
export async function exportLogs(
  docker: Docker,
  sources: readonly LogSource[],
  folder: string,
  options: Pick<ReadOptions, 'since' | 'tail'> = {},
  signal?: AbortSignal,
): Promise<ExportedLog[]> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw failed(folder, error);
  }
  const stop = new AbortController();
  const call = { signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal };
  return Promise.all(
    sources.map(async ({ id, name }) => {
      // Names come from Docker, where they cannot hold a slash; a hostile engine's could.
      const path = join(folder, `${name.replaceAll(/[^\w.-]+/g, '_')}.log`);
      const file = createWriteStream(path, { mode: 0o600 });
      const broken = new Promise<never>((_, reject) => file.on('error', error => reject(failed(path, error))));
      broken.catch(() => {});
      let lines = 0;
      let bytes = 0;
      try {
        for await (const piece of readLines(docker, id, 0, options, call)) {
          const parts = piece.flatMap(line => [Buffer.from(`${stampText(line.time)} `), line.bytes, NEWLINE]);
          const data = Buffer.concat(parts);
          lines += piece.length;
          bytes += data.length;
          if (!file.write(data))
            await Promise.race([new Promise<void>(resolve => file.once('drain', () => resolve())), broken]);
        }
        file.end();
        await Promise.race([finished(file), broken]);
      } catch (error) {
        stop.abort();
        throw error;
      } finally {
        file.destroy();
      }
      return { name, path, lines, bytes };
    }),
  );
}

function failed(path: string, cause: unknown): K3duiError {
  return new K3duiError({
    code: 'EXPORT_FAILED',
    message: `cannot write ${path}: ${toK3duiError(cause).message}`,
    hint: 'name a folder that can be written to',
    cause,
  });
}
