import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { formatPortSpec, parsePortSpec } from '../../config/ports.ts';
import { isNamedVolume, parseVolume } from '../../config/volumes.ts';
import { bindingsOf } from '../loadbalancer/bindings.ts';
import { networkName, nodeName } from '../names.ts';
import type { Facts } from './facts.ts';
import { portOwner, stoppedPortOwners } from './port-owner.ts';
import type { ClusterReading } from './reading.ts';
import { specOf } from './spec-of.ts';

export interface CloneOptions {
  /** Keep host ports as they are: for a clone that takes the other's place. */
  keepPorts?: boolean;
  /** Another k3s image than the original's: the way to another version, as nodes keep theirs. */
  image?: string;
}

export interface ClusterClone {
  spec: ClusterSpec;
  /** What is not as in the original, and what both share. A line each. */
  notes: string[];
}

/**
 * The request for a cluster like this one under another name: a token, a network and an API port of its own, host ports
 * the next free ones. A registry that the original made is used by both. What is in the cluster is not copied. Pure.
 */
export function cloneSpec(
  reading: ClusterReading,
  name: string,
  facts: Facts,
  { keepPorts = false, image }: CloneOptions = {},
): ClusterClone {
  const { cluster } = reading;
  const { spec, notes: exported } = specOf(reading, { token: true });
  const notes: string[] = [];
  const { hostPort, ...api } = spec.kubeAPI;
  const ports = keepPorts ? spec.ports : shiftedPorts(spec.ports, facts, notes, busyPorts(reading));
  const { create, use, config } = spec.registries;
  if (create?.name) notes.push(`both use the registry ${create.name}`);
  for (const { volume } of spec.volumes) {
    const mount = parseVolume(volume);
    if (mount.source === '') continue;
    if (isNamedVolume(mount) || !mount.options.split(',').includes('ro')) notes.push(`both share ${volume}`);
  }
  const mentions = [...spec.env.map(({ envVar }) => envVar), ...spec.k3sArgs.map(({ arg }) => arg)].filter(
    text => text.includes(networkName(cluster.name)) && text.includes(nodeName(cluster.name, 'server', 0).slice(0, -2)),
  );
  for (const text of mentions) notes.push(`${text} names a node of ${cluster.name}`);
  notes.push(...exported.filter(note => note.includes('here all') || note.includes(' is also in ')));
  const shared = cluster.network?.external === true;
  return {
    spec: {
      ...spec,
      name,
      image: image || spec.image,
      token: undefined,
      network: shared ? spec.network : undefined,
      subnet: spec.subnet ? 'auto' : undefined,
      kubeAPI: keepPorts ? spec.kubeAPI : { ...api, ...(hostPort ? { hostPort: 'random' } : {}) },
      ports,
      registries: { use: [...use, ...(create?.name ? [create.name] : [])], ...(config ? { config } : {}) },
    },
    notes: [...new Set(notes)],
  };
}

/** Ports that the original holds or will hold when it starts. */
function busyPorts({ inspects }: ClusterReading): Set<string> {
  const bindings = [...inspects.values()].flatMap(bindingsOf);
  return new Set(bindings.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`));
}

/** Each host port, or range of them, moved up to where nobody is. Those that Docker chooses stay its choice. */
function shiftedPorts(
  ports: ClusterSpec['ports'],
  facts: Facts,
  notes: string[],
  taken: Set<string>,
): ClusterSpec['ports'] {
  return ports.map(({ port, nodeFilters }) => {
    const mappings = parsePortSpec(port);
    const [first] = mappings;
    if (!first || first.hostPort === undefined || first.hostPortEnd !== undefined) return { port, nodeFilters };
    const isFree = (by: number) =>
      mappings.every(({ hostIP, hostPort = 0, protocol }) => {
        const wanted = { hostIP, port: hostPort + by, protocol };
        const held = taken.has(`${wanted.port}/${protocol}`) || portOwner(facts, wanted) !== undefined;
        return !held && wanted.port <= 65535 && stoppedPortOwners(facts, wanted).length === 0;
      });
    let by = 0;
    while (!isFree(by) && by < 10_000) by += mappings.length;
    for (const { hostPort = 0, protocol } of mappings) taken.add(`${hostPort + by}/${protocol}`);
    const moved = mappings.map(mapping => ({ ...mapping, hostPort: mapping.hostPort! + by }));
    const text = rangeText(moved);
    if (by > 0) notes.push(`port ${port} becomes ${text}`);
    return { port: text, nodeFilters };
  });
}

function rangeText(mappings: ReturnType<typeof parsePortSpec>): string {
  const [first, ...more] = mappings.map(formatPortSpec) as [string, ...string[]];
  const last = mappings.at(-1)!;
  if (more.length === 0) return first;
  const [host, container] = [`${mappings[0]!.hostPort}`, `${mappings[0]!.containerPort}`];
  return first.replace(`${host}:${container}`, `${host}-${last.hostPort}:${container}-${last.containerPort}`);
}
