import { checkOverlap, freeSubnet, parseSubnet, toIp } from './addresses.ts';
import { ApiError } from './api-error.ts';
import { newId } from './ids.ts';
import type { Network } from './types.ts';
import type { World } from './world.ts';

export interface NetworkBody {
  Name: string;
  Driver: string;
  CheckDuplicate: boolean;
  Internal: boolean;
  Attachable: boolean;
  Labels: Record<string, string> | null;
  Options: Record<string, string> | null;
  IPAM: { Config?: { Subnet?: string; Gateway?: string }[] | null };
}

/** Makes a network as `POST /networks/create` does: 409 for the name, 403 for an overlapping pool, 400 for nonsense. `quick` skips the overlap check. */
export function createNetwork(world: World, body: Partial<NetworkBody>, quick = false): Network {
  const name = body.Name?.trim();
  if (!name) throw new ApiError(400, 'invalid network name: name is empty');
  if (!quick && world.findNetwork(name)?.name === name)
    throw new ApiError(409, `network with name ${name} already exists`);
  const driver = body.Driver || 'bridge';
  if (!['bridge', 'host', 'null', 'macvlan', 'ipvlan', 'overlay'].includes(driver)) {
    throw new ApiError(404, `could not find plugin ${driver} in v1 plugin registry: plugin not found`);
  }
  const asked = body.IPAM?.Config?.[0];
  let subnet = '';
  if (driver !== 'host' && driver !== 'null') {
    subnet = asked?.Subnet || freeSubnet(world.networks.values());
    const range = parseSubnet(subnet);
    if (toIp(range.first) !== subnet.split('/')[0])
      throw new ApiError(
        400,
        `invalid network config:\ninvalid subnet ${subnet}: it should be ${toIp(range.first)}/${range.prefix}`,
      );
    if (!quick) checkOverlap(subnet, world.networks.values());
  }
  const network: Network = {
    id: newId(),
    name,
    driver,
    created: Date.now(),
    subnet,
    gateway: subnet ? asked?.Gateway || toIp(parseSubnet(subnet).first + 1) : '',
    internal: body.Internal ?? false,
    attachable: body.Attachable ?? false,
    labels: body.Labels ?? {},
    options: body.Options ?? {},
    endpoints: new Map(),
  };
  world.networks.set(network.id, network);
  world.events.network('create', network);
  return network;
}
