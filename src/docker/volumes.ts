import type Dockerode from 'dockerode';
import { type Caller, done } from './caller.ts';
import type { Call, Docker } from './docker.ts';
import type { VolumeInspect } from './types.ts';

export function volumeCalls(caller: Caller): Pick<Docker, 'listVolumes' | 'createVolume' | 'removeVolume'> {
  return {
    listVolumes(filter: { labels?: string[] } = {}, call?: Call): Promise<VolumeInspect[]> {
      return caller.run('list volumes', call, async abortSignal => {
        const filters = filter.labels && { label: filter.labels };
        const found = await caller.dockerode.listVolumes({ filters, abortSignal } as Dockerode.VolumeListOptions);
        return (found.Volumes ?? []) as unknown as VolumeInspect[];
      });
    },

    createVolume(name: string, labels: Record<string, string>, call?: Call): Promise<VolumeInspect> {
      return caller.run(`create volume ${name}`, call, signal => {
        const body = JSON.stringify({ Name: name, Labels: labels });
        return caller.modem.json({ method: 'POST', path: '/volumes/create', body, signal }) as Promise<VolumeInspect>;
      });
    },

    removeVolume(name: string, call?: Call): Promise<void> {
      return caller.run(`remove volume ${name}`, call, abortSignal => {
        return done(caller.dockerode.getVolume(encodeURIComponent(name)).remove({ abortSignal }), 404);
      });
    },
  };
}
