import type { Docker } from '../../docker/docker.ts';
import { isK3duiError, toK3duiError } from '../../errors.ts';
import { configureLoadBalancer } from '../apply/configure.ts';
import { allNames } from '../container-name.ts';
import { withNode, withoutNode } from '../loadbalancer/members.ts';
import { renderNginxConf } from '../loadbalancer/nginx.ts';
import {
  formatValues,
  type LoadBalancerModel,
  parseValues,
  sortedListeners,
  VALUES_PATH,
} from '../loadbalancer/values.ts';
import type { Cluster } from '../model.ts';
import type { PlannedStep } from '../plan.ts';
import type { StepContext } from '../step.ts';

/** Nodes that come to or leave a load balancer's listeners. */
export interface MemberChange {
  /** Container of the load balancer. */
  container: string;
  running: boolean;
  /** Names of the cluster's nodes as planned, those that join or leave included or not. */
  servers: string[];
  agents: string[];
  joining: { name: string; role: 'server' | 'agent' }[];
  leaving: string[];
}

/** The step that does it; a server or agent that joins goes where "all" of its kind go. */
export function membersStep(
  cluster: Cluster,
  change: Pick<MemberChange, 'joining' | 'leaving'>,
  after: string[],
): PlannedStep {
  const { name, running } = cluster.loadBalancer!;
  const names = [...change.joining.map(node => node.name), ...change.leaving];
  const title =
    change.joining.length > 0 ? `lead ports to ${names.join(', ')} too` : `lead no port to ${names.join(', ')}`;
  return {
    id: 'members',
    title,
    subject: name,
    after,
    action: {
      kind: 'loadbalancer.members',
      container: name,
      running,
      servers: cluster.servers.map(node => node.name),
      agents: cluster.agents.map(node => node.name),
      ...change,
    },
  };
}

/** The model as it becomes. Pure. */
export function changeMembers(model: LoadBalancerModel, change: MemberChange): LoadBalancerModel {
  const servers = change.servers.map(name => ({ name }));
  const agents = change.agents.map(name => ({ name }));
  let next = model;
  for (const name of change.leaving) next = withoutNode(next, name);
  for (const node of change.joining) {
    const nodes = { servers, agents } as unknown as Parameters<typeof withNode>[1];
    next = withNode(next, nodes, node);
    (node.role === 'server' ? servers : agents).push({ name: node.name });
  }
  return next;
}

/**
 * Reads the load balancer's values as they are now and changes in them only what these nodes are concerned with: others
 * may have changed ports meanwhile. Undoing puts back only nodes that are still there. Does nothing where nothing
 * changes, or where the load balancer has no values of k3d's.
 */
export async function applyMembers(docker: Docker, change: MemberChange, context: StepContext): Promise<undefined> {
  const before = await readModel(docker, change.container, context.signal);
  if (!before) return undefined;
  const after = changeMembers(before, change);
  if (sameUpstreams(before, after)) {
    context.report({ text: 'no port is concerned' });
    return undefined;
  }
  context.onUndo(async signal => {
    const current = await readModel(docker, change.container, signal);
    if (!current) return;
    const gone = new Set(change.joining.map(node => node.name));
    for (const name of change.leaving) if (!(await exists(docker, name, signal))) gone.add(name);
    const model = structuredClone(current);
    for (const listener of Object.keys(before.ports)) {
      model.ports[listener] = before.ports[listener]!.filter(name => !gone.has(name));
      if (model.ports[listener].length === 0) delete model.ports[listener];
    }
    await write(docker, change, model, { ...context, signal });
  });
  await write(docker, change, after, context);
  return undefined;
}

/** The load balancer's listeners; undefined when the container or its values are not there. */
async function readModel(
  docker: Docker,
  container: string,
  signal?: AbortSignal,
): Promise<LoadBalancerModel | undefined> {
  try {
    const text = await docker.readFile(container, VALUES_PATH, { signal });
    return text === undefined ? undefined : parseValues(text.toString('utf8'));
  } catch (error) {
    if (isK3duiError(error, 'NOT_FOUND')) return undefined;
    throw toK3duiError(error);
  }
}

async function write(docker: Docker, change: MemberChange, model: LoadBalancerModel, context: StepContext) {
  // nginx refuses names that do not resolve: those of nodes that do not run are left out until they do.
  const containers = change.running ? await docker.listContainers({ labels: ['app=k3d'] }, context) : [];
  const running = containers.filter(({ State }) => State === 'running');
  const resolvable = change.running ? allNames(running) : undefined;
  const action = {
    container: change.container,
    values: formatValues(model),
    nginx: renderNginxConf(model, resolvable),
    running: change.running,
  };
  // What to undo is known here better than there.
  return configureLoadBalancer(docker, action, { ...context, onUndo: () => {} });
}

function sameUpstreams(left: LoadBalancerModel, right: LoadBalancerModel): boolean {
  const text = (model: LoadBalancerModel) =>
    JSON.stringify(sortedListeners(model).map(listener => [listener, model.ports[listener]]));
  return text(left) === text(right);
}

async function exists(docker: Docker, container: string, signal: AbortSignal): Promise<boolean> {
  return docker.inspectContainer(container, { signal }).then(
    () => true,
    error => {
      if (isK3duiError(error, 'NOT_FOUND')) return false;
      throw error;
    },
  );
}
