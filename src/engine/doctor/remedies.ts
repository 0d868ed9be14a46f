import { commandLine } from '../../config/command-line.ts';
import type { Call } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { gatherFacts } from '../cluster/facts.ts';
import type { Engine } from '../engine.ts';
import { gatherImportFacts } from '../image/facts.ts';
import { planImport } from '../image/import.ts';
import type { Cluster, Node } from '../model.ts';
import { planNodeCreate } from '../node/create.ts';
import { gatherNodeFacts } from '../node/facts.ts';
import { planNodeRestart, planNodeStart } from '../node/power.ts';
import { defaultNodeRequest } from '../node/request.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import type { Remedy } from './finding.ts';

/** Seconds that a small repair may take. */
const SHORT = 60;

/** A plan of a few steps, one after the other unless they say otherwise. */
export function repair(
  title: string,
  command: string,
  cluster: Cluster | undefined,
  steps: PlannedStep[],
  more: Partial<Plan> = {},
): Plan {
  return {
    title,
    command,
    cluster: cluster?.name,
    steps,
    warnings: [],
    onFailure: 'undo',
    timeoutSeconds: SHORT,
    secrets: cluster ? [cluster.token] : [],
    ...more,
  };
}

/** A remedy whose plan is known at once. */
export function remedyOf(plan: Plan, more: Partial<Remedy> = {}): Remedy {
  return { title: plan.title, command: plan.command, plan: async () => plan, ...more };
}

/** Only the person can do it: this line. */
export function line(title: string, command: string): Remedy {
  return { title, command };
}

/** The node as it is now. Throws NODE_UNKNOWN. */
function nodeNow(engine: Engine, { id, name }: Node): Node {
  const found = engine.inventory.snapshot.nodes.find(node => node.id === id);
  if (found) return found;
  throw new K3duiError({ code: 'NODE_UNKNOWN', message: `there is no node '${name}' any more` });
}

/** The cluster as it is now. Throws CLUSTER_UNKNOWN. */
export function clusterNow(engine: Engine, name: string): Cluster {
  const found = engine.inventory.snapshot.clusters.find(cluster => cluster.name === name);
  if (found) return found;
  throw new K3duiError({ code: 'CLUSTER_UNKNOWN', message: `there is no cluster '${name}' any more` });
}

export function startNodes(nodes: readonly Node[]): Remedy {
  const names = nodes.map(node => node.name);
  return {
    title: `start ${names.join(', ')}`,
    command: commandLine`k3dui node start ${names}`,
    plan: async (engine, call) => {
      const now = nodes.map(node => nodeNow(engine, node));
      return planNodeStart(now, await gatherFacts(engine, {}, call), { wait: true });
    },
  };
}

export function restartNodes(nodes: readonly Node[]): Remedy {
  const names = nodes.map(node => node.name);
  return {
    title: `restart ${names.join(', ')}`,
    command: commandLine`k3dui node restart ${names}`,
    plan: async (engine, call) => {
      const now = nodes.map(node => nodeNow(engine, node));
      return planNodeRestart(now, await gatherFacts(engine, {}, call));
    },
  };
}

/** One more agent, like the others. */
export function addAgent(cluster: Cluster): Remedy {
  const request = defaultNodeRequest(`${cluster.name}-agent`);
  return {
    title: `add an agent to ${cluster.name}`,
    command: commandLine`k3dui node create ${request.name} --cluster ${cluster.name}`,
    plan: async (engine: Engine, call: Call) => {
      const now = clusterNow(engine, cluster.name);
      return planNodeCreate(now, request, await gatherNodeFacts(engine, now, request, call));
    },
  };
}

/** Puts an image that Docker has into all nodes. */
export function importImage(cluster: Cluster, image: string): Remedy {
  const request = { clusters: [cluster.name], images: [image], files: [], stdin: false };
  return {
    title: `import ${image} into ${cluster.name}`,
    command: commandLine`k3dui image import ${image} --cluster ${cluster.name}`,
    plan: async (engine, call) => {
      const clusters = [clusterNow(engine, cluster.name)];
      return planImport(request, await gatherImportFacts(engine, clusters, request, call));
    },
  };
}

/** Has nginx look its names up again. */
export function reloadLoadBalancer(cluster: Cluster, node: Node): Remedy {
  const step: PlannedStep = {
    id: 'reload',
    title: 'look up the nodes again',
    subject: node.name,
    after: [],
    action: { kind: 'loadbalancer.reload', container: node.name },
  };
  const command = commandLine`docker exec ${node.name} nginx -s reload`;
  return remedyOf(repair(`have ${node.name} look up its nodes again`, command, cluster, [step]));
}

/** Puts both of the load balancer's files in. @param title what that is for */
export function configure(cluster: Cluster, node: Node, values: string, nginx: string, title: string): Remedy {
  const step: PlannedStep = {
    id: 'configure',
    title: node.running ? 'change its configuration while it runs' : 'change its configuration',
    subject: node.name,
    after: [],
    action: { kind: 'loadbalancer.configure', container: node.name, values, nginx, running: node.running },
  };
  return remedyOf(repair(title, fixCommand(cluster.name), cluster, [step]));
}

/** What does on the command line what has no command of its own. */
export function fixCommand(cluster: string): string {
  return commandLine`k3dui doctor ${cluster} --fix`;
}
