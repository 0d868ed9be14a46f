import type { Caller } from './caller.ts';
import type { Call, Docker } from './docker.ts';
import { followEvents, type Watchdog } from './events.ts';
import { toQuery } from './modem.ts';
import type { DockerEvent, EngineInfo, EngineVersion } from './types.ts';

/** The engine itself: is it there, what is it, what happens in it. */
export function engineCalls(caller: Caller, watchdog: Watchdog): Pick<Docker, 'ping' | 'version' | 'info' | 'events'> {
  const ping = (call?: Call) => {
    return caller.run('ping the engine', call, async signal => {
      await caller.modem.json({ method: 'GET', path: '/_ping', unversioned: true, signal });
    });
  };
  return {
    ping,
    version(call?: Call): Promise<EngineVersion> {
      return caller.run('ask for the version', call, signal => {
        return caller.modem.json({ method: 'GET', path: '/version', signal }) as Promise<EngineVersion>;
      });
    },

    info(call?: Call): Promise<EngineInfo> {
      return caller.run('ask the engine about itself', call, signal => {
        return caller.modem.json({ method: 'GET', path: '/info', signal }) as Promise<EngineInfo>;
      });
    },

    async *events(
      options: { since?: number; labels?: string[]; types?: string[]; actions?: string[] } = {},
      call?: Call,
    ): AsyncGenerator<DockerEvent> {
      const { since, labels, types, actions } = options;
      const filters = {
        ...(labels && { label: labels }),
        ...(types && { type: types }),
        ...(actions && { event: actions }),
      };
      const path = `/events?${toQuery({ since, filters })}`;
      try {
        yield* followEvents(caller.modem, path, signal => ping({ signal }), watchdog, call?.signal);
      } catch (error) {
        throw caller.map(error, 'follow the events', call?.signal);
      }
    },
  };
}
