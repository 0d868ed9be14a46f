import { macOf, parseSubnet, takeAddress } from '../addresses.ts';
import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { stampMs } from '../clock.ts';
import { anyMatch, labelsMatch, oneOf, parseFilters } from '../filters.ts';
import { newId } from '../ids.ts';
import { createNetwork, type NetworkBody } from '../networks.ts';
import { publishOnJoin, withdrawOnLeave } from '../publish.ts';
import type { EndpointRequest, Network } from '../types.ts';
import type { Route } from './routes.ts';

const PREDEFINED = ['bridge', 'host', 'none'];

function shape(network: Network, withContainers: boolean): object {
  const config = network.subnet ? [{ Subnet: network.subnet, Gateway: network.gateway }] : null;
  const containers: Record<string, object> = {};
  for (const container of withContainers ? network.endpoints.values() : []) {
    const endpoint = container.endpoints.get(network.name);
    if (!endpoint) continue;
    containers[container.id] = {
      Name: container.name,
      EndpointID: endpoint.id,
      MacAddress: endpoint.mac,
      IPv4Address: endpoint.ip ? `${endpoint.ip}/${parseSubnet(network.subnet).prefix}` : '',
      IPv6Address: '',
    };
  }
  return {
    Name: network.name,
    Id: network.id,
    Created: stampMs(network.created),
    Scope: 'local',
    Driver: network.driver,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: config },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: containers,
    Options: network.options,
    Labels: network.labels,
  };
}

const list = (call: Call): void => {
  const filters = parseFilters(call.query.get('filters'));
  const dangling = filters.get('dangling')?.[0];
  const found = [...call.world.networks.values()].filter(
    network =>
      labelsMatch(filters, network.labels) &&
      anyMatch(filters, 'name', [network.name]) &&
      anyMatch(filters, 'id', [network.id]) &&
      oneOf(filters, 'driver', [network.driver]) &&
      oneOf(filters, 'scope', ['local']) &&
      oneOf(filters, 'type', [PREDEFINED.includes(network.name) ? 'builtin' : 'custom']) &&
      (dangling === undefined ||
        /^(1|true)$/.test(dangling) === (network.endpoints.size === 0 && !PREDEFINED.includes(network.name))),
  );
  call.json(
    200,
    found.map(network => shape(network, false)),
  );
};

const inspect = (call: Call): void => call.json(200, shape(call.world.network(call.params[0]!), true));

const create = async (call: Call): Promise<void> => {
  const network = createNetwork(call.world, await call.body<NetworkBody>());
  call.json(201, { Id: network.id, Warning: '' });
};

const remove = (call: Call): void => {
  const network = call.world.network(call.params[0]!);
  if (PREDEFINED.includes(network.name))
    throw new ApiError(403, `${network.name} is a pre-defined network and cannot be removed`);
  if (network.endpoints.size > 0) {
    throw new ApiError(
      403,
      `error while removing network: network ${network.name} id ${network.id} has active endpoints`,
    );
  }
  call.world.networks.delete(network.id);
  call.world.events.network('destroy', network);
  call.empty(204);
};

const connect = async (call: Call): Promise<void> => {
  const network = call.world.network(call.params[0]!);
  const body = await call.body<{ Container: string; EndpointConfig: EndpointRequest | null }>();
  const container = call.world.container(body.Container ?? '');
  const request = body.EndpointConfig ?? {};
  const known = container.endpoints.get(network.name);
  if (known?.network === network) {
    throw new ApiError(403, `endpoint with name ${container.name} already exists in network ${network.name}`);
  }
  const running = container.program !== undefined;
  const ip = running ? takeAddress(network, request.IPAMConfig?.IPv4Address, container) : '';
  container.endpoints.set(network.name, { network, request, ip, mac: macOf(ip), id: running ? newId() : '' });
  if (running) {
    try {
      if (!network.internal) await publishOnJoin(call.world, container);
    } catch (error) {
      container.endpoints.delete(network.name);
      call.world.hostPorts.release(container.id);
      throw error;
    }
    network.endpoints.set(container.id, container);
    call.world.events.network('connect', network, { container: container.id });
  }
  call.empty(200);
};

const disconnect = async (call: Call): Promise<void> => {
  const network = call.world.network(call.params[0]!);
  const body = await call.body<{ Container: string; Force: boolean }>();
  const container = call.world.container(body.Container ?? '');
  if (!container.endpoints.delete(network.name)) {
    throw new ApiError(404, `container ${container.id} is not connected to network ${network.name}`);
  }
  if (container.program) withdrawOnLeave(call.world, container);
  if (network.endpoints.delete(container.id))
    call.world.events.network('disconnect', network, { container: container.id });
  call.empty(200);
};

const prune = async (call: Call): Promise<void> => {
  const filters = parseFilters(call.query.get('filters'));
  const gone = [...call.world.networks.values()].filter(
    network =>
      network.endpoints.size === 0 && !PREDEFINED.includes(network.name) && labelsMatch(filters, network.labels),
  );
  for (const network of gone) call.world.networks.delete(network.id);
  call.json(200, { NetworksDeleted: gone.map(network => network.name) });
};

export const networkRoutes: Route[] = [
  ['GET', '/networks', list],
  ['POST', '/networks/create', create],
  ['POST', '/networks/prune', prune],
  ['GET', '/networks/*', inspect],
  ['DELETE', '/networks/*', remove],
  ['POST', '/networks/*/connect', connect],
  ['POST', '/networks/*/disconnect', disconnect],
];
