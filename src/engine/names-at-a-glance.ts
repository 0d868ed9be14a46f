import { type GlanceOptions, glance } from '../docker/glance.ts';
import type { ContainerSummary } from '../docker/types.ts';
import { clustersFrom } from './clusters.ts';

/** What there are names of. */
export type Named = 'cluster' | 'node' | 'registry' | 'image' | 'network';

export interface NameAndText {
  name: string;
  /** A few words about it. */
  text: string;
}

/** The names there are, by one quick request. Rejects when the engine does not give them in time. */
export async function namesAtAGlance(kind: Named, options: GlanceOptions): Promise<NameAndText[]> {
  if (kind === 'image') {
    const images = (await glance('/images/json', options)) as { RepoTags?: string[] | null }[];
    return images
      .flatMap(image => image.RepoTags ?? [])
      .flatMap(name => (name.includes('<') ? [] : { name, text: '' }));
  }
  if (kind === 'network') {
    const networks = (await glance('/networks', options)) as { Name: string; Driver: string }[];
    return networks.map(({ Name, Driver }) => ({ name: Name, text: Driver }));
  }
  const filters = encodeURIComponent(JSON.stringify({ label: ['app=k3d'] }));
  const containers = (await glance(`/containers/json?all=1&filters=${filters}`, options)) as ContainerSummary[];
  const { clusters, nodes } = clustersFrom(containers, [], []);
  if (kind === 'cluster') {
    return clusters.map(({ name, serversRunning, servers, agents }) => ({
      name,
      text: `${serversRunning > 0 ? 'running' : 'stopped'}, ${servers.length} + ${agents.length} nodes`,
    }));
  }
  return nodes
    .filter(node => kind === 'node' || node.role === 'registry')
    .map(({ name, role, state, cluster }) => ({ name, text: [role, state, cluster].filter(Boolean).join(', ') }));
}
