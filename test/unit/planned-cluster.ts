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
