import type { Container } from './types.ts';
import type { World } from './world.ts';

/** Binds the host ports a container asks for and notes what it got; throws what Docker answers. */
export async function publishPorts(world: World, container: Container): Promise<void> {
  const published: Container['ports'] = {};
  for (const key of Object.keys(container.config.ExposedPorts ?? {})) published[withProtocol(key)] = null;
  if (container.hostConfig.NetworkMode === 'host') {
    container.ports = {};
    return;
  }
  if (!reachesOut(container)) {
    container.ports = published;
    return;
  }
  const endpoint = [...container.endpoints.values()][0];
  for (const [key, bindings] of Object.entries(container.hostConfig.PortBindings ?? {})) {
    const port = withProtocol(key);
    const [number, protocol = 'tcp'] = port.split('/');
    for (const binding of bindings ?? [{}]) {
      const asked = binding.HostPort ?? '';
      const hostPort = await world.hostPorts.bind({
        owner: container.id,
        endpoint: `${container.name} (${endpoint?.id ?? ''})`,
        ip: binding.HostIp ?? '',
        port: Number(asked.split('-')[0] || 0),
        protocol,
        listen: container.listens,
        lenient: container.lenient,
        onConnect: socket => {
          if (container.program && container.status === 'running') container.program.connect(Number(number), socket);
          else socket.destroy();
        },
      });
      const list = published[port] ?? [];
      published[port] = list;
      const shown = String(hostPort);
      if (binding.HostIp) list.push({ HostIp: binding.HostIp, HostPort: shown });
      else list.push({ HostIp: '0.0.0.0', HostPort: shown }, { HostIp: '::', HostPort: shown });
    }
  }
  container.ports = published;
}

/** Opens real sockets for the ports that a running container has published; throws when one is really taken. */
export async function listenNow(world: World, container: Container): Promise<void> {
  if (container.listens) return;
  const bindings = container.hostConfig.PortBindings ?? {};
  const chosen = { ...container.hostConfig, PortBindings: {} as NonNullable<typeof bindings> };
  // Random ports keep the numbers they were given.
  for (const [key, list] of Object.entries(bindings)) {
    const now = container.ports[withProtocol(key)]?.filter(({ HostIp }) => HostIp !== '::') ?? [];
    chosen.PortBindings[key] = (list ?? []).map((binding, i) => ({ ...binding, HostPort: now[i]?.HostPort ?? '' }));
  }
  container.listens = true;
  if (!container.program) return;
  world.hostPorts.release(container.id);
  const asked = container.hostConfig;
  container.hostConfig = chosen;
  try {
    await publishPorts(world, container);
  } finally {
    container.hostConfig = asked;
  }
}

/** Ports are published on a network that leads out; of a container that is only on internal ones none is. */
function reachesOut(container: Container): boolean {
  return container.endpoints.size === 0 || [...container.endpoints.values()].some(({ network }) => !network.internal);
}

/** A running container has joined a network: its ports are published if that was the first that leads out. */
export async function publishOnJoin(world: World, container: Container): Promise<void> {
  if (Object.values(container.ports).some(list => list !== null)) return;
  await publishPorts(world, container);
}

/** A running container has left a network: its ports go with the last that led out. */
export function withdrawOnLeave(world: World, container: Container): void {
  if (container.endpoints.size > 0 && reachesOut(container)) return;
  world.hostPorts.release(container.id);
  container.ports = {};
}

/** `6443` means `6443/tcp`. */
export const withProtocol = (key: string): string => (key.includes('/') ? key : `${key}/tcp`);
