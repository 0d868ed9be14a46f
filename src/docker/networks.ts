import type Dockerode from 'dockerode';
import { type Caller, done } from './caller.ts';
import type { Call, Docker } from './docker.ts';
import type { NetworkCreate, NetworkInspect } from './types.ts';

type NetworkCalls = Pick<
  Docker,
  'listNetworks' | 'inspectNetwork' | 'createNetwork' | 'removeNetwork' | 'connectNetwork' | 'disconnectNetwork'
>;

export function networkCalls(caller: Caller): NetworkCalls {
  const named = (id: string) => caller.dockerode.getNetwork(encodeURIComponent(id));
  return {
    listNetworks(filter: { labels?: string[] } = {}, call?: Call): Promise<NetworkInspect[]> {
      return caller.run('list networks', call, async abortSignal => {
        const filters = filter.labels && { label: filter.labels };
        return (await caller.dockerode.listNetworks({ filters, abortSignal })) as unknown as NetworkInspect[];
      });
    },

    inspectNetwork(id: string, call?: Call): Promise<NetworkInspect | undefined> {
      return caller.run(`inspect network ${id}`, call, async signal => {
        const network = (await caller.get(`/networks/${encodeURIComponent(id)}`, signal)) as NetworkInspect | undefined;
        // Docker also takes the beginning of an id, which a name may happen to be.
        return network?.Name === id || network?.Id === id ? network : undefined;
      });
    },

    createNetwork(body: NetworkCreate, call?: Call): Promise<string> {
      return caller.run(`create network ${body.Name}`, call, async abortSignal => {
        const network = await caller.dockerode.createNetwork({
          _query: {},
          _body: body,
          abortSignal,
        } as unknown as Dockerode.NetworkCreateOptions);
        return network.id;
      });
    },

    removeNetwork(id: string, call?: Call): Promise<void> {
      return caller.run(`remove network ${id}`, call, abortSignal => done(named(id).remove({ abortSignal }), 404));
    },

    connectNetwork(network: string, container: string, options: { ipv4?: string } = {}, call?: Call): Promise<void> {
      const EndpointConfig = options.ipv4 ? { IPAMConfig: { IPv4Address: options.ipv4 } } : undefined;
      return caller.run(`connect ${container} to network ${network}`, call, abortSignal => {
        const options = { Container: container, EndpointConfig, abortSignal };
        return done(named(network).connect(options as Dockerode.NetworkConnectOptions));
      });
    },

    disconnectNetwork(
      network: string,
      container: string,
      options: { force?: boolean } = {},
      call?: Call,
    ): Promise<void> {
      return caller.run(`disconnect ${container} from network ${network}`, call, abortSignal => {
        return done(named(network).disconnect({ Container: container, Force: options.force, abortSignal }));
      });
    },
  };
}
