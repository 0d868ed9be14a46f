import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Docker } from '../docker/docker.ts';
import type { K3duiError } from '../errors.ts';
import { hideSecrets } from '../text.ts';
import { stateFolder } from './state-folder.ts';

/** Lines of each container's log that are kept. */
const LOG_LINES = 2000;

/** Folder under which evidence is kept. */
function evidenceRoot(env: NodeJS.ProcessEnv): string {
  return join(stateFolder(env), 'evidence');
}

/**
 * Writes what is needed to study a failure after everything was undone: the error, and inspect and log of the
 * containers. Secrets are blanked out. Returns the folder.
 * @param secrets texts that must not be written, such as the cluster's token
 */
export async function keepEvidence(
  docker: Docker,
  env: NodeJS.ProcessEnv,
  what: { title: string; command: string; error: K3duiError; containers: string[]; secrets: string[] },
): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(':', '').replace(/\..*/, '');
  const folder = join(evidenceRoot(env), `${stamp}-${what.title.replaceAll(/[^\w.-]+/g, '-')}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string) =>
    writeFile(join(folder, name), hideSecrets(text, what.secrets), { mode: 0o600 });
  const { error } = what;
  const cause = error.cause instanceof Error ? `\ncause: ${error.cause.message}` : '';
  await write(
    'error.txt',
    `${what.title}\n${what.command}\n\n${error.code}: ${error.message}${cause}\n${error.hint ?? ''}\n`,
  );
  const signal = AbortSignal.timeout(10_000);
  await Promise.allSettled(
    what.containers.map(async container => {
      await write(
        `${container}.inspect.json`,
        JSON.stringify(await docker.inspectContainer(container, { signal }), null, 2),
      );
      const chunks: Buffer[] = [];
      for await (const chunk of docker.logs(container, { tail: LOG_LINES, timestamps: true }, { signal }))
        chunks.push(chunk.data);
      await write(`${container}.log`, Buffer.concat(chunks).toString());
    }),
  );
  return folder;
}
