import type { ClusterSpec } from '../../config/cluster-spec.ts';
import type { Node } from '../model.ts';
import type { Registry } from '../registry/model.ts';
import type { Difference } from './differences.ts';
import type { Facts } from './facts.ts';
import type { ClusterLayout } from './layout.ts';
import type { ClusterReading } from './reading.ts';
import { meaningOf } from './spec-registries.ts';

/** Which registries are to come into a cluster's network and which are to leave it. */
export interface RegistryGap {
  connect: Registry[];
  disconnect: Node[];
  /** One that is to be made with the cluster and is not there. */
  missing: string | undefined;
}

/** Pure. One that the request would make is there when one of its name is in the cluster's network, whoever made it. */
export function registryGap(want: ClusterLayout, { cluster, registries }: ClusterReading): RegistryGap {
  const { create, use } = want.registries;
  const there = new Set(registries.map(({ name }) => name));
  const wanted = new Set([...use.map(({ registry }) => registry.node.name), ...(create ? [create.name] : [])]);
  return {
    connect: use.filter(({ connected }) => !connected).map(({ registry }) => registry),
    // The cluster's own goes with the cluster only.
    disconnect: registries.filter(({ name, cluster: owner }) => !wanted.has(name) && owner !== cluster.name),
    missing: create && !there.has(create.name) ? create.name : undefined,
  };
}

export function registryDifferences(
  wanted: ClusterSpec,
  live: ClusterSpec,
  want: ClusterLayout,
  reading: ClusterReading,
  facts: Pick<Facts, 'registryFacts'>,
): Difference[] {
  const { connect, disconnect, missing } = registryGap(want, reading);
  const inPlace = (is: string, shall: string): Difference => ({
    field: 'registries',
    live: is,
    wanted: shall,
    how: 'in place',
  });
  const anew = (is: string, shall: string, why: string): Difference => ({
    ...inPlace(is, shall),
    how: 'recreate',
    why,
  });
  const own = live.registries.create;
  const asked = wanted.registries.create;
  const file = facts.registryFacts?.config;
  const settings = file && 'text' in file ? file.text : '{}';
  return [
    ...connect.map(({ node }) => inPlace('', node.name)),
    ...disconnect.map(({ name }) => inPlace(name, '')),
    ...(missing
      ? [anew('', missing, `it is made with the cluster; or make it alone: k3dui registry create ${missing}`)]
      : []),
    ...(own?.hostPort && asked?.hostPort && asked.hostPort !== 'random' && asked.hostPort !== own.hostPort
      ? [
          anew(
            `${own.name} on port ${own.hostPort}`,
            `on port ${asked.hostPort}`,
            'Docker publishes it when it makes it',
          ),
        ]
      : []),
    ...(meaningOf(live.registries.config ?? '{}') === meaningOf(settings)
      ? []
      : [anew('other settings', 'settings of the request', 'nodes read them when they are made')]),
  ];
}
