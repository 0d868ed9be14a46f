import { isHostname } from '../../config/cluster-name.ts';
import { parseLabel, parseRuntimeLabel } from '../../config/labels.ts';
import { parseMemory } from '../../config/memory.ts';
import type { Ulimit } from '../../config/ulimits.ts';
import type { Problems } from '../cluster/problems.ts';

/** What a person asks for when adding nodes. k3d cmd/node/nodeCreate.go. */
export interface NodeRequest {
  /** `extra` gives `k3d-extra-0` and so on. */
  name: string;
  role: 'server' | 'agent';
  replicas: number;
  /** Reference or one of the words `latest`, `stable`, `+CHANNEL`; absent: as the cluster's other nodes. */
  image?: string;
  /** `512m`; absent: as the nodes of the same role. */
  memory?: string;
  wait: boolean;
  /** Seconds for the whole; absent: a limit of our own. */
  timeoutSeconds?: number;
  /** `KEY=VALUE` */
  runtimeLabels: string[];
  runtimeUlimits: Ulimit[];
  /** `KEY=VALUE` */
  k3sNodeLabels: string[];
  /** Further networks to join. */
  networks: string[];
  k3sArgs: string[];
  /** In place of the cluster's; needed for a remote one. */
  token?: string;
}

/** A cluster elsewhere, known by its API's address alone. */
export interface RemoteCluster {
  /** `https://host:6443` */
  url: string;
}

export function defaultNodeRequest(name: string): NodeRequest {
  return {
    name,
    role: 'agent',
    replicas: 1,
    wait: true,
    runtimeLabels: [],
    runtimeUlimits: [],
    k3sNodeLabels: [],
    networks: [],
    k3sArgs: [],
  };
}

/** Docker's and DNS' limit for a host name, `k3d-` and the number included. */
const MAX_HOSTNAME = 63;
/** More at once is rather a slip of the finger than a wish. */
const MAX_REPLICAS = 100;

/** What is wrong with the request by itself, whatever the cluster. */
export function checkRequest(request: NodeRequest, problems: Problems): void {
  const { name, replicas, memory } = request;
  if (!isHostname(name) || `k3d-${name}-${replicas}`.length > MAX_HOSTNAME) {
    problems.error(
      'name',
      'NODE_NAME_INVALID',
      name === '' ? 'a node needs a name' : `'${name}' cannot be part of a node's name`,
      `use letters, digits and dashes, a letter or digit at both ends, so that k3d-NAME-0 has at most ${MAX_HOSTNAME}`,
    );
  }
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > MAX_REPLICAS) {
    problems.error(
      'replicas',
      'REPLICAS_INVALID',
      `the number of nodes to add cannot be ${replicas}`,
      `use 1 to ${MAX_REPLICAS}`,
    );
  }
  if (memory) problems.try('memory', () => parseMemory(memory), 0);
  request.runtimeLabels.forEach((label, index) => {
    problems.try('runtimeLabels', () => parseRuntimeLabel(label), undefined, index);
  });
  request.k3sNodeLabels.forEach((label, index) => {
    problems.try('k3sNodeLabels', () => parseLabel(label), undefined, index);
  });
}
