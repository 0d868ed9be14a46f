import { describe, expect, it } from 'vitest';
import type { Docker } from '../../src/docker/docker.ts';
import { perform, type Run } from '../../src/engine/apply/perform.ts';
import { pushImage } from '../../src/engine/apply/registry-content.ts';
import type { StepContext } from '../../src/engine/step.ts';
import { K3duiError } from '../../src/errors.ts';

/** The engine did what it was told, and the link broke before it could say so. */
const lost = () => new K3duiError({ code: 'DOCKER_UNREACHABLE', message: 'lost the Docker engine' });
const context: StepContext = {
  signal: new AbortController().signal,
  report: () => {},
  onUndo: () => {},
  commit: () => {},
};

describe('when the answer of the engine is lost', () => {
  it('a push takes back the name that the image got for it', async () => {
    const tags = new Set(['app:1']);
    const docker = {
      inspectImage: async (name: string) => (tags.has(name) ? { Id: 'sha256:1', RepoTags: [...tags] } : undefined),
      tagImage: async (_image: string, reference: string) => {
        tags.add(reference);
        throw lost();
      },
      untagImage: async (reference: string) => void tags.delete(reference),
    } as unknown as Docker;
    const push = pushImage(docker, { image: 'app:1', reference: 'localhost:5000/app:1' }, context);
    await expect(push).rejects.toMatchObject({ code: 'DOCKER_UNREACHABLE' });
    expect([...tags]).toEqual(['app:1']);
  });

  it('a container that is in the network now is known to be there, and is taken out again by an undo', async () => {
    const Networks: Record<string, object> = { bridge: {} };
    const docker = {
      connectNetwork: async (network: string) => {
        Networks[network] = {};
        throw lost();
      },
      inspectContainer: async () => ({ NetworkSettings: { Networks } }),
      disconnectNetwork: async (network: string) => {
        if (!(network in Networks)) throw new K3duiError({ code: 'DOCKER_ERROR', message: 'is not connected' });
        delete Networks[network];
        throw lost();
      },
    } as unknown as Docker;
    const action = { kind: 'network.connect', network: 'k3d-demo', container: 'k3d-hub' } as const;
    const undo = await perform(action, { docker, env: {} } as Run, context);
    expect(Object.keys(Networks)).toEqual(['bridge', 'k3d-demo']);
    await undo?.(context.signal);
    expect(Object.keys(Networks)).toEqual(['bridge']);
    await perform({ ...action, kind: 'network.disconnect' }, { docker, env: {} } as Run, context);
    expect(Object.keys(Networks)).toEqual(['bridge']);
  });
});
