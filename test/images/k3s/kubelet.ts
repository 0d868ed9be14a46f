import { type Access, askObject } from './http.ts';
import { info } from './log.ts';
import { conditions, type NodeDescription, nodeObject } from './node.ts';
import { StatusError } from './objects.ts';

const heartbeat = 1500;
const micro = (): string => new Date().toISOString().replace(/Z$/, '000Z');

/** Creates the node, or brings what is there up to date; cordons and foreign labels stay. */
async function register(access: Access, node: NodeDescription): Promise<void> {
  const fresh = nodeObject(node);
  try {
    await askObject(access, 'POST', '/api/v1/nodes', fresh);
  } catch (cause) {
    if (!(cause instanceof StatusError) || cause.code !== 409) throw cause;
    const { labels, annotations } = fresh.metadata;
    const update = { metadata: { labels, annotations }, status: fresh.status };
    await askObject(access, 'PATCH', `/api/v1/nodes/${node.name}`, update, 'application/merge-patch+json');
  }
}

async function renewLease(access: Access, name: string): Promise<void> {
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: micro() };
  try {
    await askObject(access, 'PATCH', `${path}/${name}`, { spec }, 'application/merge-patch+json');
  } catch (cause) {
    if (!(cause instanceof StatusError) || cause.code !== 404) throw cause;
    await askObject(access, 'POST', path, { metadata: { name }, spec });
  }
}

async function tell(access: Access, node: NodeDescription): Promise<void> {
  const status = { status: { conditions: conditions(true) } };
  await askObject(
    access,
    'PATCH',
    `/api/v1/nodes/${node.name}/status`,
    status,
    'application/strategic-merge-patch+json',
  );
}

/**
 * Plays the kubelet: registers the node (again whenever somebody deleted it), then renews its lease for ever.
 * Resolves once the node is registered; `readyAfter` milliseconds later it says Ready.
 */
export async function runKubelet(access: Access, node: NodeDescription, readyAfter: number): Promise<void> {
  await register(access, { ...node, ready: readyAfter === 0 });
  await renewLease(access, node.name);
  info(`Successfully registered node ${node.name}`);
  if (readyAfter > 0) setTimeout(() => tell(access, node).catch(() => undefined), readyAfter);
  const beat = async (): Promise<void> => {
    try {
      await askObject(access, 'GET', `/api/v1/nodes/${node.name}`);
      await renewLease(access, node.name);
    } catch (cause) {
      if (cause instanceof StatusError && cause.code === 404)
        await register(access, { ...node, ready: true }).catch(() => undefined);
    }
    setTimeout(beat, heartbeat);
  };
  // The heartbeat is what keeps an agent's process alive: nothing else in it waits for anything.
  setTimeout(beat, heartbeat);
}
