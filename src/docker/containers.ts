import type Dockerode from 'dockerode';
import { type Caller, done } from './caller.ts';
import type { Call, Docker } from './docker.ts';
import { EngineRefusal } from './errors.ts';
import { pause } from './signals.ts';
import type { ContainerCreate, ContainerInspect, ContainerSummary } from './types.ts';

type ContainerCalls = Pick<
  Docker,
  | 'listContainers'
  | 'inspectContainer'
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'killContainer'
  | 'renameContainer'
  | 'removeContainer'
>;

/** Containers from the outside: their list and their life. */
export function containerCalls(caller: Caller): ContainerCalls {
  const container = (id: string) => caller.dockerode.getContainer(encodeURIComponent(id));
  return {
    async listContainers(filter: { labels?: string[]; names?: string[] } = {}, call?: Call) {
      const { labels, names } = filter;
      // Docker takes names as patterns that match anywhere.
      const name = names?.map(text => `^/?${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`);
      return caller.run('list containers', call, async abortSignal => {
        const found = await caller.dockerode.listContainers({
          all: true,
          filters: { ...(labels && { label: labels }), ...(name && { name }) },
          abortSignal,
        });
        return found as unknown as ContainerSummary[];
      });
    },

    inspectContainer(id: string, call?: Call): Promise<ContainerInspect> {
      return caller.run(`inspect ${id}`, call, async abortSignal => {
        return (await container(id).inspect({ abortSignal })) as unknown as ContainerInspect;
      });
    },

    createContainer(name: string, body: ContainerCreate, call?: Call): Promise<string> {
      return caller.run(`create container ${name}`, call, async abortSignal => {
        const container = await caller.dockerode.createContainer({
          _query: { name },
          _body: body,
          abortSignal,
        } as Dockerode.ContainerCreateOptions);
        return container.id;
      });
    },

    startContainer(id: string, call?: Call): Promise<void> {
      return caller.run(`start ${id}`, call, abortSignal => done(container(id).start({ abortSignal }), 304));
    },

    stopContainer(
      id: string,
      options: { timeoutSeconds?: number; stopSignal?: string } = {},
      call?: Call,
    ): Promise<void> {
      const { timeoutSeconds, stopSignal } = options;
      return caller.run(`stop ${id}`, call, abortSignal => {
        const query = { t: timeoutSeconds, signal: stopSignal, abortSignal };
        return done(container(id).stop(query), 304);
      });
    },

    killContainer(id: string, unixSignal: string, call?: Call): Promise<void> {
      return caller.run(`send ${unixSignal} to ${id}`, call, abortSignal => {
        return done(container(id).kill({ signal: unixSignal, abortSignal }));
      });
    },

    renameContainer(id: string, name: string, call?: Call): Promise<void> {
      return caller.run(`rename ${id} to ${name}`, call, abortSignal => {
        return done(container(id).rename({ name, abortSignal }));
      });
    },

    removeContainer(id: string, options: { force?: boolean } = {}, call?: Call): Promise<void> {
      return caller.run(`remove ${id}`, call, async signal => {
        for (let wait = 10; ; wait = Math.min(wait * 2, 500)) {
          try {
            return await done(container(id).remove({ v: true, force: options.force, abortSignal: signal }), 404);
          } catch (error) {
            // Somebody else removes it at this moment: gone is only gone when the engine says so.
            if (!(error instanceof EngineRefusal) || !/already in progress/i.test(error.message)) throw error;
            await pause(wait, signal);
          }
        }
      });
    },
  };
}
