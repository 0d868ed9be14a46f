import type { Call, Docker } from '../../docker/docker.ts';
import { isK3duiError, K3duiError } from '../../errors.ts';
import { openRegistry } from '../../registry/client.ts';
import { sanitise } from '../../text.ts';
import type { StepContext } from '../step.ts';
import { stubbornly } from './stubbornly.ts';

/**
 * Has the registry's own program remove what no tag leads to. Says how much it found. Throws COLLECT_FAILED. The registry
 * must be restarted afterwards: it remembers what it had (distribution/distribution#1803).
 */
export async function collectGarbage(
  docker: Docker,
  { container, configFile, untagged }: { container: string; configFile: string; untagged: boolean },
  context: StepContext,
): Promise<void> {
  const options = untagged ? ['--delete-untagged'] : [];
  const command = ['registry', 'garbage-collect', ...options, configFile];
  const { exitCode, stdout, stderr } = await docker.exec(container, command, {}, { signal: context.signal });
  if (exitCode !== 0) {
    const why = sanitise(`${stderr}\n${stdout}`.trim().split('\n').at(-1) ?? '');
    // A registry that nothing was ever pushed to has no folder yet.
    if (/repositories: no such file|Path not found: \/docker\/registry/i.test(`${stderr}${stdout}`)) {
      context.report({ text: 'it is empty' });
      return;
    }
    throw new K3duiError({
      code: 'COLLECT_FAILED',
      message: `the registry's own program could not collect its garbage: ${why || `exit code ${exitCode}`}`,
      hint: `try it by hand: docker exec ${container} ${command.join(' ')}`,
    });
  }
  context.report({ text: collected(stdout) });
}

/** `3 blobs and 1 manifest removed`, from `12 blobs marked, 3 blobs and 1 manifests eligible for deletion`. */
function collected(stdout: string): string {
  const match = /(\d+) blobs? and (\d+) manifests? eligible for deletion/.exec(stdout);
  if (!match) return '';
  const [, blobs, manifests] = match.map(Number);
  if (!blobs && !manifests) return 'there was none';
  return `${blobs} blob${blobs === 1 ? '' : 's'} and ${manifests} manifest${manifests === 1 ? '' : 's'} removed`;
}

export async function deleteTag(
  { url, repository, tag }: { url: string; repository: string; tag: string },
  call: Call,
): Promise<void> {
  const registry = openRegistry(url);
  try {
    await registry.deleteTag(repository, tag, call);
  } finally {
    registry.close();
  }
}

/** Pushes under a name that is given for the push alone, unless the image has it anyway. */
export async function pushImage(
  docker: Docker,
  { image, reference }: { image: string; reference: string },
  context: StepContext,
): Promise<void> {
  const call = { signal: context.signal };
  const [wanted, named] = await Promise.all([docker.inspectImage(image, call), docker.inspectImage(reference, call)]);
  if (!wanted) {
    throw new K3duiError({
      code: 'IMAGE_MISSING',
      message: `Docker has no image '${image}'`,
      hint: 'see what it has: docker images; or pull it first',
    });
  }
  const had = named?.RepoTags?.includes(reference) ?? false;
  const previous = had && named?.Id !== wanted.Id ? named?.Id : undefined;
  try {
    // Not cut off by a cancel, and in here: a tag whose answer is lost is there all the same.
    if (!had || previous) await docker.tagImage(image, reference);
    const digest = await docker.pushImage(
      reference,
      ({ status, current, total }) => context.report({ text: status, bytes: current, totalBytes: total || undefined }),
      call,
    );
    context.report({ text: digest });
  } finally {
    if (previous) await stubbornly(() => docker.tagImage(previous, reference));
    else if (!had) await stubbornly(() => docker.untagImage(reference));
  }
}

/** Throws NODE_PULL_FAILED with containerd's words. */
export async function pullInNode(
  docker: Docker,
  { container, reference }: { container: string; reference: string },
  call: Call,
): Promise<void> {
  const { exitCode, stdout, stderr } = await docker
    .exec(container, ['crictl', 'pull', reference], {}, call)
    .catch(error => {
      if (isK3duiError(error, 'NOT_FOUND')) return { exitCode: 1, stdout: '', stderr: 'the node is gone' };
      throw error;
    });
  if (exitCode === 0) return;
  const said = `${stderr}\n${stdout}`.trim().split('\n').at(-1) ?? '';
  const why = sanitise(/(?:failed to resolve reference[^:]*:[^:]*: |desc = )(.*)$/.exec(said)?.[1] ?? said);
  throw new K3duiError({
    code: 'NODE_PULL_FAILED',
    message: `${container} cannot pull ${reference}: ${why || `exit code ${exitCode}`}`,
    hint: 'does the registry run, and is it connected to the cluster? k3dui registry list',
  });
}
