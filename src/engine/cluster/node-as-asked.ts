import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { k3sContainer } from '../node/container.ts';
import { memoryBinds, tellMemoryStep, toldMemory } from '../node/meminfo.ts';
import type { Action, PlannedStep } from '../plan.ts';
import type { Facts } from './facts.ts';
import type { ClusterLayout, NodeLayout } from './layout.ts';
import type { ClusterReading } from './reading.ts';

type Create = Extract<Action, { kind: 'container.create' }>;

/** Mounts of the files that tell a node its memory limit. */
export const MEMORY_MOUNT = /:\/(proc\/meminfo|sys\/devices\/system\/edac):/;

/** What a request says about nodes that are to be added to a cluster that is there. */
export interface AskedNodes {
  spec: ClusterSpec;
  layout: ClusterLayout;
  /** By the names that they get. */
  nodes: Map<string, NodeLayout>;
  reading: ClusterReading;
  facts: Facts;
}

/**
 * The steps that add nodes, as the request wants these nodes rather than as copies of those that are there: their own
 * variables, arguments, labels, mounts, ports, files and memory. How they join (address, entry point, where their server
 * is) stays as in the copy. Pure.
 */
export function nodesAsAsked(steps: readonly PlannedStep[], asked: AskedNodes): PlannedStep[] {
  return steps.flatMap((step): PlannedStep[] => {
    const { action } = step;
    const node = step.subject === undefined ? undefined : asked.nodes.get(step.subject);
    if (!node || !step.subject) return [step];
    if (step.id === `memory ${step.subject}`) return [];
    if (action.kind === 'files.write') {
      return [{ ...step, action: { ...action, files: [...action.files, ...node.files] } }];
    }
    if (action.kind !== 'container.create') return [step];
    const told = toldMemory({ name: action.name, memory: node.memory }, asked.facts);
    const tell = told && tellMemoryStep(action.name, told);
    const binds = [...node.binds.filter(bind => !MEMORY_MOUNT.test(bind)), ...(told ? memoryBinds(told) : [])];
    const after = step.after.filter(id => id !== `memory ${action.name}`);
    const create = {
      ...step,
      after: tell ? [...after, tell.id] : after,
      action: asAsked(action, { ...node, name: action.name, binds }, asked),
    };
    return tell ? [tell, create] : [create];
  });
}

function asAsked(copy: Create, node: NodeLayout, { spec, layout, reading }: AskedNodes): Create {
  const { body } = copy;
  const { cluster, reachable } = reading;
  const { id = '', name = '', subnet = '', external = false } = cluster.network ?? {};
  const asked = k3sContainer(node, body.Image, {
    spec: { ...spec, name: cluster.name },
    layout: { ...layout, token: cluster.token, api: cluster.api ?? layout.api },
    network: { name, id, range: subnet, external },
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
