import type { RegistryCreateSpec } from '../../config/cluster-spec.ts';
import type { Call } from '../../docker/docker.ts';
import { type Facts, gatherFacts } from '../cluster/facts.ts';
import { type Problem, Problems } from '../cluster/problems.ts';
import type { Engine } from '../engine.ts';
import type { Cluster } from '../model.ts';
import type { Plan } from '../plan.ts';
import { registryCommand } from './command.ts';
import { checkConnect, notLive } from './connect.ts';
import type { RegistryLayout } from './container.ts';
import { type ClusterRegistries, readClusterRegistries } from './facts.ts';
import { addressOf } from './for-cluster.ts';
import { checkRegistry, DEFAULT_REGISTRY_NAME, layoutRegistry, wantedFor } from './layout.ts';
import { connectSteps, createSteps, nearbyUrl } from './steps.ts';

/** Seconds a create may take; more when the image must be pulled. */
const TIMEOUT = 60;
const PULL_TIMEOUT = 600;
const FIELD = 'registry';

/** A registry to be made by itself. */
export interface RegistryRequest extends RegistryCreateSpec {
  /** Network that it is made in; absent: Docker's bridge. */
  network?: string;
}

/** What a plan for a registry depends on. */
export interface RegistryCreateFacts extends Facts {
  /** The clusters that it is to be connected to. */
  joins: ClusterRegistries[];
}

export async function gatherRegistryFacts(
  engine: Engine,
  request: RegistryRequest,
  clusters: readonly Cluster[],
  call: Call = {},
): Promise<RegistryCreateFacts> {
  const [facts, joins] = await Promise.all([
    gatherFacts(engine, wantedFor(request), call),
    Promise.all(clusters.map(cluster => readClusterRegistries(engine.docker, cluster, call))),
  ]);
  return { ...facts, joins };
}

/** Everything wrong with the request, errors and warnings. */
export function checkRegistryRequest(request: RegistryRequest, facts: RegistryCreateFacts): Problem[] {
  const problems = new Problems();
  check(request, facts, problems);
  return problems.list;
}

function check(request: RegistryRequest, facts: RegistryCreateFacts, problems: Problems): RegistryLayout {
  const { network } = request;
  const layout = layoutRegistry(
    request,
    { name: DEFAULT_REGISTRY_NAME, cluster: '', network, field: FIELD },
    facts,
    problems,
  );
  checkRegistry(layout, facts, problems, FIELD);
  for (const join of facts.joins) checkConnect(join.cluster, problems, FIELD);
  for (const warning of notLive(facts.joins)) problems.warn(FIELD, 'REGISTRY_NOT_LIVE', warning);
  return layout;
}

/** The plan that makes the registry and connects it to the clusters. Throws the first error that there is. */
export function planRegistryCreate(request: RegistryRequest, facts: RegistryCreateFacts): Plan {
  const problems = new Problems();
  const layout = check(request, facts, problems);
  problems.throwFirst();
  const { image, name } = layout;
  const present = facts.images.get(image)?.present ?? false;
  const pull = `pull ${image}`;
  const networks = facts.joins.map(({ cluster }) => ({ name: cluster.network!.name, after: [] }));
  const address = addressOf(layout);
  const steps = createSteps(layout, {
    ...(present ? {} : { pull }),
    networks,
    url: nearbyUrl(layout, facts),
    wait: true,
  });
  return {
    title: `create registry ${name}`,
    command: registryCommand(
      request,
      layout,
      facts.joins.map(({ cluster }) => cluster.name),
    ),
    steps: [
      ...(present ? [] : [{ id: pull, title: pull, after: [], action: { kind: 'image.pull' as const, image } }]),
      ...steps,
      ...facts.joins.flatMap(join =>
        connectSteps(layout, address, join, { connected: true, after: [`ready ${name}`] }),
      ),
    ],
    warnings: problems.warnings,
    onFailure: 'undo',
    timeoutSeconds: present ? TIMEOUT : PULL_TIMEOUT,
    secrets: layout.proxy?.password ? [layout.proxy.password] : [],
  };
}
