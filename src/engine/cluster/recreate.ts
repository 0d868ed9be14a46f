import type { ClusterSpec } from '../../config/cluster-spec.ts';
import type { Cluster } from '../model.ts';
import type { Plan } from '../plan.ts';
import { inSequence, together } from '../plan-sequence.ts';
import { planClusterCreate } from './create.ts';
import { planClusterDelete } from './delete.ts';
import type { Facts } from './facts.ts';

/**
 * Deletes the cluster and makes it anew, as one plan: everything in it is lost. All that can be checked is checked before
 * anything goes. Pure. Throws what a create throws.
 */
export function planClusterRecreate(wanted: ClusterSpec, cluster: Cluster, facts: Facts): Plan {
  const remove = planClusterDelete(cluster, facts);
  const create = planClusterCreate({ ...wanted, name: cluster.name }, withoutCluster(cluster, facts));
  return {
    ...create,
    title: `make cluster ${cluster.name} anew`,
    command: replaceCommand(create.command),
    steps: inSequence([remove.steps, create.steps]),
    ...together([remove, create]),
    warnings: [`everything in cluster ${cluster.name} is lost`, ...together([remove, create]).warnings],
  };
}

/** The facts as they are once this cluster is deleted. Pure. */
export function withoutCluster(cluster: Cluster, facts: Facts): Facts {
  const { steps } = planClusterDelete(cluster, facts);
  const gone = new Set(steps.flatMap(({ action }) => (action.kind === 'container.remove' ? [action.container] : [])));
  const networks = new Set(steps.flatMap(({ action }) => (action.kind === 'network.remove' ? [action.network] : [])));
  const freed = facts.containers
    .filter(({ Id }) => gone.has(Id))
    .flatMap(({ Ports = [] }) => Ports.map(({ PublicPort, Type }) => `${PublicPort}/${Type}`));
  return {
    ...facts,
    containers: facts.containers.filter(({ Id }) => !gone.has(Id)),
    networks: facts.networks.filter(({ Name }) => !networks.has(Name)),
    // Docker's own proxies hold them.
    sockets: facts.sockets.filter(({ port, protocol }) => !freed.includes(`${port}/${protocol}`)),
  };
}

/** The command line of a create that takes a cluster's place; what a remark at its end says stays at its end. */
function replaceCommand(create: string): string {
  const [command = '', ...remark] = create.split(/(?= # and )/);
  return `${command} --replace${remark.join('')}`;
}
