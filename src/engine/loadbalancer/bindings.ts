import { formatPortSpec, type PortProtocol } from '../../config/ports.ts';
import type { ContainerInspect, PortBindings } from '../../docker/types.ts';
import type { NodePort } from '../model.ts';
import { API_PORT } from '../names.ts';

/** One host binding of a container that is, or is to be. */
export interface HostBinding {
  containerPort: number;
  protocol: string;
  /** As written: '' is not 0.0.0.0 to Docker, which then also binds IPv6. */
  hostIP: string;
  /** '' : Docker picks one; `8000-8010`: one of these. */
  hostPort: string;
}

/**
 * The bindings that a container was made with. Where Docker picked the host port and the container runs, the picked one
 * stands here, so that a copy of the container gets the same.
 */
export function bindingsOf(inspect: Pick<ContainerInspect, 'HostConfig' | 'NetworkSettings'>): HostBinding[] {
  const published = inspect.NetworkSettings.Ports ?? {};
  return Object.entries(inspect.HostConfig.PortBindings ?? {}).flatMap(([key, list]) => {
    const [port = '', protocol = 'tcp'] = key.split('/');
    const taken = (published[`${port}/${protocol}`] ?? []).map(binding => binding.HostPort ?? '');
    const fixed = new Set((list ?? []).map(binding => binding.HostPort ?? ''));
    const picked = [...new Set(taken)].filter(hostPort => !fixed.has(hostPort));
    return (list ?? []).map(({ HostIp = '', HostPort = '' }): HostBinding => {
      const hostPort = /^[1-9]\d*$/.test(HostPort) ? HostPort : (picked.shift() ?? (HostPort === '0' ? '' : HostPort));
      return { containerPort: Number(port), protocol, hostIP: HostIp, hostPort };
    });
  });
}

/** As Docker's create call takes them; the API's port without a protocol, as k3d writes it. */
export function toPortBindings(bindings: HostBinding[]): PortBindings {
  const result: PortBindings = {};
  for (const { containerPort, protocol, hostIP, hostPort } of bindings) {
    const key = containerPort === API_PORT && protocol === 'tcp' ? String(API_PORT) : `${containerPort}/${protocol}`;
    result[key] = [...(result[key] ?? []), { HostIp: hostIP, HostPort: hostPort }];
  }
  return result;
}

/** As the table shows them; a port that is not known yet is 0. */
export function nodePortsOf(bindings: HostBinding[]): NodePort[] {
  return bindings.map(({ containerPort, protocol, hostIP, hostPort }) => ({
    hostIP,
    hostPort: /^\d+$/.test(hostPort) ? Number(hostPort) : 0,
    containerPort,
    protocol,
  }));
}

/** Key of its listener in values.yaml: `80.tcp`. */
export function listenerOf({ containerPort, protocol }: Pick<HostBinding, 'containerPort' | 'protocol'>): string {
  return `${containerPort}.${protocol}`;
}

/** `8080:80`, as a person would write it. */
export function bindingSpec({ containerPort, protocol, hostIP, hostPort }: HostBinding): string {
  const [first, last] = hostPort.split('-');
  return formatPortSpec({
    hostIP: isAny(hostIP) ? '' : hostIP,
    hostPort: first ? Number(first) : undefined,
    hostPortEnd: last ? Number(last) : undefined,
    containerPort,
    protocol: protocol as PortProtocol,
  });
}

/** '', 0.0.0.0 and :: all mean every address. */
export function isAny(hostIP: string): boolean {
  return hostIP === '' || hostIP === '0.0.0.0' || hostIP === '::';
}
