import { parsePortSpec } from '../../config/ports.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { K3duiError } from '../../errors.ts';
import type { Facts, FactsWanted } from '../cluster/facts.ts';
import { portOwner, stoppedPortOwners } from '../cluster/port-owner.ts';
import type { Cluster } from '../model.ts';
import { loadBalancerName } from '../names.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { noLoadBalancer } from '../ports/read.ts';
import { bindingsOf } from './bindings.ts';
import { applyPortChange, type PortChange, type PortOutcome, sameModel } from './change.ts';
import { editCommand } from './edit-command.ts';
import { renderNginxConf } from './nginx.ts';
import { replaceSteps, resolvable } from './replace-steps.ts';
import { isAside, leftByReplacement, onClusterNetwork } from './serving.ts';
import { formatValues, type LoadBalancerModel } from './values.ts';

/** Docker runs a process for each published port. */
const MANY_PORTS = 100;
/** Seconds for the whole; a replacement takes about one. */
const EDIT_TIMEOUT = 90;

/** What an edit would come to, for a preview. */
export interface PortPreview extends PortOutcome {
  /** nginx.conf as it is meant now, and as it will be. */
  before: string;
  after: string;
  /** `replace`: connections through the load balancer are cut once; `reload`: none is; `nothing`: it is so already. */
  how: 'nothing' | 'reload' | 'replace';
}

/** What must be read before this change can be planned. */
export function factsForPortEdit(change: PortChange, inspect: ContainerInspect): FactsWanted {
  const ports = change.add.flatMap(({ port }) => {
    return parsePortSpec(port).flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort]));
  });
  return { images: [inspect.Config.Image], ports, stoppedPorts: true };
}

/** Works the change out without planning how. Pure. Throws what `applyPortChange` throws. */
export function previewPortEdit(
  cluster: Cluster,
  current: LoadBalancerModel,
  inspect: ContainerInspect,
  change: PortChange,
): PortPreview {
  const outcome = applyPortChange(cluster, current, bindingsOf(inspect), change);
  const how =
    outcome.added.length > 0 || outcome.removed.length > 0
      ? 'replace'
      : sameModel(current, outcome.model)
        ? 'nothing'
        : 'reload';
  return { ...outcome, before: renderNginxConf(current), after: renderNginxConf(outcome.model), how };
}

/**
 * The plan for any number of ports added, changed and removed as one set: one replacement of the load balancer where host
 * bindings change, a live reload where none does, nothing where all is so already (k3d replaces then too). What a
 * replacement that was killed left behind is cleaned away, and its work finished. Pure.
 * Throws LB_MISSING, PORT_TAKEN, and what `applyPortChange` throws.
 * @param current, inspect what `readLoadBalancer` gave
 * @param facts gathered with `factsForPortEdit`
 */
export function planPortEdit(
  cluster: Cluster,
  current: LoadBalancerModel,
  inspect: ContainerInspect,
  change: PortChange,
  facts: Facts,
): Plan {
  const { loadBalancer } = cluster;
  if (!loadBalancer) throw noLoadBalancer(cluster);
  const preview = previewPortEdit(cluster, current, inspect, change);
  checkConflicts(preview, cluster, facts);

  const name = loadBalancerName(cluster.name);
  const misplaced = !onClusterNetwork(loadBalancer) || loadBalancer.name !== name;
  const replace = preview.how === 'replace' || misplaced;
  const sweep = sweepSteps(cluster, facts);
  const swept = sweep.map(step => step.id);
  const steps = replace
    ? replaceSteps(cluster, inspect, preview, facts, swept)
    : preview.how === 'reload'
      ? [configureStep(cluster, preview, swept)]
      : [];
  return {
    title: `change ports of cluster ${cluster.name}`,
    command: editCommand(cluster.name, change),
    cluster: cluster.name,
    steps: [...sweep, ...steps],
    warnings: warningsFor(preview, cluster, facts),
    onFailure: 'undo',
    timeoutSeconds: EDIT_TIMEOUT,
    secrets: [cluster.token],
  };
}

function checkConflicts(preview: PortPreview, cluster: Cluster, facts: Facts): void {
  const ours = new Set([cluster.loadBalancer!.id, ...leftByReplacement(cluster).map(node => node.id)]);
  const freed = new Set(preview.removed.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`));
  for (const binding of preview.added) {
    const port = Number(binding.hostPort);
    // Docker's own proxy holds the socket of a port that this load balancer gives up.
    if (!Number.isInteger(port) || port === 0 || freed.has(`${binding.hostPort}/${binding.protocol}`)) continue;
    const owner = portOwner(facts, { hostIP: binding.hostIP, port, protocol: binding.protocol }, ours);
    if (!owner) continue;
    throw new K3duiError({
      code: 'PORT_TAKEN',
      message: `host port ${port}/${binding.protocol} is taken by ${owner}; nothing was changed`,
      hint: 'choose another host port, or free this one',
    });
  }
}

function warningsFor(preview: PortPreview, cluster: Cluster, facts: Facts): string[] {
  const warnings = [...preview.notes];
  if (preview.added.length > MANY_PORTS || preview.bindings.length > MANY_PORTS) {
    warnings.push(
      `${preview.bindings.length} ports will be published: Docker runs a process for each, which takes long (publish fewer, or use an Ingress)`,
    );
  }
  const ours = new Set([cluster.loadBalancer!.name, loadBalancerName(cluster.name)]);
  for (const left of leftByReplacement(cluster)) ours.add(left.name);
  for (const binding of preview.added) {
    const wanted = { hostIP: binding.hostIP, port: Number(binding.hostPort), protocol: binding.protocol };
    const owners = stoppedPortOwners(facts, wanted, ours);
    if (owners.length === 0) continue;
    warnings.push(
      `host port ${binding.hostPort}/${binding.protocol} is also wanted by ${owners.join(', ')}, stopped now: they cannot run at the same time`,
    );
  }
  return warnings;
}

/** Removes what a killed replacement left: containers that do not serve, the network on which one waited. */
function sweepSteps(cluster: Cluster, facts: Facts): PlannedStep[] {
  const { loadBalancer } = cluster;
  const containers = leftByReplacement(cluster).map(
    (node): PlannedStep => ({
      id: `remove ${node.name}`,
      title: 'remove what an interrupted change left',
      subject: node.name,
      after: [],
      action: { kind: 'container.remove', container: node.id },
    }),
  );
  const after = containers.map(step => step.id);
  const networks = facts.networks.filter(({ Name }) => isAside(Name, cluster.name));
  return [
    ...containers,
    ...networks.flatMap(({ Name }): PlannedStep[] => {
      const title = `remove network ${Name}`;
      const attached = loadBalancer!.networks.some(({ name }) => name === Name);
      const leave: PlannedStep = {
        id: `leave ${Name}`,
        title: `leave network ${Name}`,
        subject: loadBalancer!.name,
        after,
        action: { kind: 'network.disconnect', network: Name, container: loadBalancer!.id },
      };
      const action = { kind: 'network.remove', network: Name } as const;
      return [
        ...(attached ? [leave] : []),
        { id: title, title, after: [...after, ...(attached ? [leave.id] : [])], action, optional: true },
      ];
    }),
  ];
}

function configureStep(cluster: Cluster, preview: PortPreview, after: string[]): PlannedStep {
  const { name, id, running } = cluster.loadBalancer!;
  return {
    id: 'configure',
    title: running ? 'change its configuration while it runs' : 'change its configuration',
    subject: name,
    after,
    action: {
      kind: 'loadbalancer.configure',
      container: id,
      values: formatValues(preview.model),
      nginx: renderNginxConf(preview.model, resolvable(cluster)),
      running,
    },
  };
}
