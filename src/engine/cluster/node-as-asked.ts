import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { version } from '../../version.ts';
import { k3sContainer } from '../node/container.ts';
import type { Action } from '../plan.ts';
import { K3D_VERSION } from './create.ts';
import type { ClusterLayout, NodeLayout } from './layout.ts';
import type { ClusterReading } from './reading.ts';

type Create = Extract<Action, { kind: 'container.create' }>;

/**
 * A node that joins, as a request wants it rather than as a copy of the others: its own variables, arguments, labels,
 * mounts, ports and memory. How it joins (address, entry point, where its server is) stays as the copy has it. Pure.
 */
export function nodeAsAsked(
  copy: Create,
  node: NodeLayout,
  layout: ClusterLayout,
  spec: ClusterSpec,
  { cluster, reachable }: ClusterReading,
): Create {
  const { body } = copy;
  const { id = '', name = '', subnet = '', external = false } = cluster.network ?? {};
  const asked = k3sContainer({ ...node, name: copy.name }, body.Image, {
    spec: { ...spec, name: cluster.name },
    layout: { ...layout, token: cluster.token, api: cluster.api ?? layout.api },
    network: { name, id, range: subnet, external },
    version,
    k3dVersion: K3D_VERSION,
    entrypoint: body.Entrypoint !== undefined,
    staticIPs: new Map(),
    reachable,
  });
  const joins = /^K3S_(TOKEN|URL)=/;
  const copied = Object.entries(body.Labels ?? {}).filter(([key]) => key === 'k3d.node.staticIP');
  return {
    ...copy,
    body: {
      ...asked,
      Env: [
        ...(asked.Env ?? []).filter(variable => !joins.test(variable)),
        ...(body.Env ?? []).filter(variable => joins.test(variable)),
      ],
      Labels: { ...asked.Labels, ...Object.fromEntries(copied) },
      ...(body.Entrypoint ? { Entrypoint: body.Entrypoint } : {}),
      NetworkingConfig: body.NetworkingConfig,
    },
  };
}
