import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Docker } from '../../src/docker/docker.ts';
import type { NetworkInspect } from '../../src/docker/types.ts';
import { createNetwork } from '../../src/engine/apply/network.ts';
import type { Undo } from '../../src/engine/step.ts';
import { K3duiError } from '../../src/errors.ts';

/** Docker 20.10: looks for the name, takes its time, and makes the network whatever has been made meanwhile. */
function slowDocker(): { docker: Docker; networks: Map<string, NetworkInspect> } {
  const networks = new Map<string, NetworkInspect>();
  let count = 0;
  const docker = {
    async createNetwork({ Name }: { Name: string }) {
      if ([...networks.values()].some(network => network.Name === Name)) {
        throw new K3duiError({ code: 'NAME_TAKEN', message: `network with name ${Name} already exists` });
      }
      await sleep(5 * Math.random());
      const Id = `id-${++count}`;
      networks.set(Id, { Id, Name, Driver: 'bridge' });
      return Id;
    },
    async listNetworks() {
      await sleep(2 * Math.random());
      return [...networks.values()];
    },
    listContainers: async () => [],
    removeNetwork: async (id: string) => void networks.delete(id),
  };
  return { docker: docker as unknown as Docker, networks };
}

describe('two who make a network of one name at the same moment', () => {
  it('never both have one: one gets it, the other is told and leaves nothing', async () => {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { docker, networks } = slowDocker();
        const ask = () => {
          const undos: Undo[] = [];
          const signal = new AbortController().signal;
          const context = { signal, report: () => {}, onUndo: (undo: Undo) => void undos.push(undo), commit: () => {} };
          return createNetwork(docker, { Name: 'k3d-demo', Driver: 'bridge' }, context).catch(async error => {
            for (const undo of undos) await undo(signal);
            throw error;
          });
        };
        const ends = await Promise.allSettled([ask(), ask()]);
        const [won, lost] = ends.toSorted((a, b) => a.status.localeCompare(b.status));
        expect(won).toMatchObject({ status: 'fulfilled' });
        expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'NAME_TAKEN' } });
        expect([...networks.values()]).toEqual([(won as PromiseFulfilledResult<NetworkInspect>).value]);
      }),
    );
  });
});
