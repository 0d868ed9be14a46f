import { type ClusterSpec, defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import type { ContainerCreate, ContainerInspect, NetworkInspect } from '../../src/docker/types.ts';
import type { ClusterReading } from '../../src/engine/cluster/reading.ts';
import { NETWORK_ID, NETWORK_RANGE, type Plan } from '../../src/engine/plan.ts';
import { readingOf } from './recorded-clusters.ts';

/** What a reading would find if the plan had been carried out by Docker; nothing is run. */
export function plannedReading(plan: Plan): ClusterReading {
  const networks = plan.steps.flatMap(({ action }): NetworkInspect[] =>
    action.kind === 'network.create' ? [{ ...action.body, Id: 'net-1', IPAM: action.body.IPAM } as NetworkInspect] : [],
  );
  const range = networks[0]?.IPAM?.Config?.[0]?.Subnet ?? '172.18.0.0/16';
  const containers = plan.steps.flatMap(({ action }) =>
    action.kind === 'container.create' ? [inspectOf(action.name, action.body, range)] : [],
  );
  const files: Parameters<typeof readingOf>[0]['files'] = {};
  for (const { action } of plan.steps) {
    if (action.kind !== 'files.write') continue;
    const texts = action.files.map(file => [file.path, { mode: '', text: file.content.toString() }]);
    files[action.container] = { ...files[action.container], ...Object.fromEntries(texts) };
  }
  return readingOf({ containers, networks, volumes: [], files });
}

function inspectOf(name: string, body: ContainerCreate, range: string): ContainerInspect {
  const { HostConfig, NetworkingConfig, ...config } = body;
  const known: Record<string, string> = { [NETWORK_ID]: 'net-1', [NETWORK_RANGE]: range };
  const labels = Object.entries(body.Labels ?? {}).map(([key, value]) => [key, known[value] ?? value]);
  return {
    Id: `id of ${name}`,
    Name: `/${name}`,
    Image: 'image',
    State: { Status: 'running', Running: true },
    HostConfig,
    Config: { ...config, Hostname: name, Labels: Object.fromEntries(labels) },
    NetworkSettings: { Ports: {}, Networks: NetworkingConfig?.EndpointsConfig ?? {} },
  } as unknown as ContainerInspect;
}

/** A request that uses a bit of everything, the same for the same seed. */
export function randomSpec(seed: number): ClusterSpec {
  let state = seed * 2654435761;
  const next = (below: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return state % below;
  };
  const pick = <T>(list: readonly T[]): T => list[next(list.length)]!;
  const some = <T>(most: number, make: (i: number) => T) => Array.from({ length: next(most + 1) }, (_, i) => make(i));
  const servers = pick([1, 1, 1, 2, 3]);
  const agents = next(4);
  const loadBalancer = next(5) > 0;
  const filters = (helper = loadBalancer) => [
    pick([
      'all',
      'server:0',
      'servers:*',
      ...(agents > 0 ? ['agents:*', `agent:${next(agents)}`, 'agent:0-'] : []),
      ...(helper ? ['loadbalancer'] : []),
    ]),
  ];
  const direct = (i: number) => ({ port: `${9000 + i}:${80 + i}`, nodeFilters: ['server:0:direct'] });
  const proxied = (i: number) => ({
    port: pick([
      `${8000 + i}:${100 + i}`,
      `127.0.0.1:${8100 + i}:${200 + i}/udp`,
      `${8200 + i * 10}-${8202 + i * 10}:${300 + i * 10}-${302 + i * 10}`,
      `[::1]:${8500 + i}:${400 + i}`,
      `${500 + i}`,
    ]),
    nodeFilters: pick([['loadbalancer'], filters(false).filter(filter => filter !== 'all'), ['servers:*']]),
  });
  const ports = [
    ...(loadBalancer ? some(4, proxied).filter(({ nodeFilters }) => nodeFilters.length > 0) : []),
    ...some(2, direct),
  ];
  return {
    ...defaultClusterSpec('rancher/k3s:v1.31.5-k3s1'),
    name: `c${seed}`,
    servers,
    agents,
    loadBalancer,
    imageVolume: next(4) > 0,
    ...(next(3) === 0 ? { token: 'givenToken' } : {}),
    ...(next(4) === 0 ? { subnet: pick(['auto', '172.30.0.0/16']) } : {}),
    ...(next(6) === 0 ? { network: 'shared' } : {}),
    kubeAPI: pick([{}, { hostPort: '6550' }, { hostIP: '127.0.0.1', hostPort: '6550' }]),
    ports,
    volumes: some(3, i => ({
      volume: pick([`/tmp/v${i}:/data${i}`, `k3d-v${i}:/data${i}:ro`]),
      nodeFilters: filters(),
    })),
    env: some(3, i => ({ envVar: pick([`A${i}=b c`, `B${i}=x=y`, `C${i}=`]), nodeFilters: filters() })),
    hostAliases: some(2, i => ({ ip: `10.0.0.${i}`, hostnames: [`h${i}.local`, 'other'] })),
    lbConfigOverrides: loadBalancer ? some(1, () => 'settings.workerConnections=2048') : [],
    k3sArgs: some(4, i => ({
      arg: pick(['--disable=traefik', `--flag${i}`, '--node-taint=a=b:NoSchedule']),
      nodeFilters: filters(false),
    })),
    k3sNodeLabels: some(3, i => ({ label: pick([`l${i}=x`, `m${i}`]), nodeFilters: filters(false) })),
    runtimeLabels: some(3, i => ({ label: pick([`r${i}=x`, `s${i}`]), nodeFilters: filters() })),
    runtimeUlimits: some(1, () => ({ name: 'nofile', soft: 1024, hard: 2048 })),
    hostPidMode: next(5) === 0,
    ...(next(4) === 0 ? { serversMemory: pick(['2g', '1.5g', '3000m']) } : {}),
    ...(next(4) === 0 && agents > 0 ? { agentsMemory: '512m' } : {}),
  };
}
