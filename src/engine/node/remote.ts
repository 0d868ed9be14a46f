import { parseLabel, parseRuntimeLabel } from '../../config/labels.ts';
import { parseMemory } from '../../config/memory.ts';
import type { ContainerCreate } from '../../docker/types.ts';
import { KUBECONFIG_IN_NODE } from '../names.ts';
import { VERSION_LABELS } from '../version-labels.ts';
import { ENTRYPOINT_PATH } from './entrypoint.ts';
import type { NodeRequest, RemoteCluster } from './request.ts';

/**
 * Docker's body for a node that joins a cluster elsewhere. There is nothing to copy from: defaults, and what was asked
 * for. k3d pkg/client/node.go NodeAddToClusterRemote.
 */
export function remoteNode(
  name: string,
  image: string,
  { url }: RemoteCluster,
  request: NodeRequest,
  entrypoint: boolean,
  binds: string[] = [],
): ContainerCreate {
  const { role, token = '', networks } = request;
  const memory = request.memory ? parseMemory(request.memory) : 0;
  return {
    Hostname: name,
    Image: image,
    Env: [`K3S_URL=${url}`, `K3S_TOKEN=${token}`, `K3S_KUBECONFIG_OUTPUT=${KUBECONFIG_IN_NODE}`],
    Cmd: [
      role,
      ...request.k3sArgs,
      ...request.k3sNodeLabels.map(parseLabel).flatMap(({ key, value }) => ['--node-label', `${key}=${value}`]),
    ],
    ...(entrypoint ? { Entrypoint: [ENTRYPOINT_PATH] } : {}),
    Labels: {
      app: 'k3d',
      'k3d.cluster': url,
      'k3d.cluster.external': 'true',
      'k3d.cluster.token': token,
      'k3d.cluster.url': url,
      'k3d.role': role,
      ...VERSION_LABELS,
      ...Object.fromEntries(request.runtimeLabels.map(parseRuntimeLabel).map(({ key, value }) => [key, value])),
    },
    HostConfig: {
      Binds: binds,
      NetworkMode: 'bridge',
      RestartPolicy: { Name: 'unless-stopped' },
      Privileged: true,
      UsernsMode: 'host',
      Tmpfs: { '/run': '', '/var/run': '' },
      Init: true,
      ...(memory > 0 ? { Memory: memory } : {}),
      ...(request.runtimeUlimits.length > 0
        ? { Ulimits: request.runtimeUlimits.map(limit => ({ Name: limit.name, Soft: limit.soft, Hard: limit.hard })) }
        : {}),
    },
    ...(networks[0] ? { NetworkingConfig: { EndpointsConfig: { [networks[0]]: {} } } } : {}),
  };
}
