import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { loadBalancerImage } from '../../config/default-image.ts';
import { secretsIn } from '../../secret-names.ts';
import { hideSecrets } from '../../text.ts';
import { NETWORK_ID, type Plan } from '../plan.ts';
import { wantedFor } from '../registry/layout.ts';
import { checkCluster } from './checks.ts';
import { createCommand } from './create-command.ts';
import { planNetwork } from './create-network.ts';
import { createSteps } from './create-steps.ts';
import type { Facts, FactsWanted } from './facts.ts';
import { layoutCluster } from './layout.ts';
import { type Problem, Problems } from './problems.ts';
import { volumeSources } from './volume-sources.ts';

/** Seconds a create may take when nobody says otherwise; more when images must be pulled. */
const CREATE_TIMEOUT = 300;
const PULL_TIMEOUT = 900;

/** What must be read before this request can be planned. */
export function factsForCreate(spec: ClusterSpec, env: NodeJS.ProcessEnv): FactsWanted {
  const ports = spec.ports.flatMap(({ port }) => (port.match(/\d+/g) ?? []).map(Number));
  const host = spec.kubeAPI.host;
  const { create } = spec.registries;
  const registry = create ? wantedFor(create) : { images: [], hosts: [], ports: [] };
  return {
    images: [spec.image, ...(spec.loadBalancer ? [loadBalancerImage(env)] : []), ...registry.images],
    hosts: [...(host ? [host] : []), ...registry.hosts],
    ports: [...ports, Number(spec.kubeAPI.hostPort) || 0, ...registry.ports],
    paths: volumeSources(spec.volumes.map(({ volume }) => volume)),
    ...(spec.registries.use.length > 0 || spec.registries.config ? { registries: spec.registries } : {}),
  };
}

/** Everything wrong with the request, errors and warnings, by field. */
export function checkClusterSpec(spec: ClusterSpec, facts: Facts): Problem[] {
  const problems = new Problems();
  checkCluster(spec, layoutCluster(spec, facts, problems), facts, problems);
  return problems.list;
}

/** The plan that creates the cluster. Throws the first error that `checkClusterSpec` would list. */
export function planClusterCreate(spec: ClusterSpec, facts: Facts): Plan {
  const problems = new Problems();
  const layout = layoutCluster(spec, facts, problems);
  checkCluster(spec, layout, facts, problems);
  problems.throwFirst();
  if (!spec.wait && spec.updateDefaultKubeconfig) {
    problems.warn(
      'wait',
      'KUBECONFIG_LATER',
      `without waiting there is no kubeconfig yet: k3dui kubeconfig merge ${spec.name} -d`,
    );
  }

  const given = [
    ...spec.env.map(({ envVar }) => envVar),
    ...spec.k3sArgs.map(({ arg }) => arg),
    ...spec.runtimeLabels.map(({ label }) => label),
  ];
  const secrets = [layout.token, ...layout.registries.secrets, ...given.flatMap(secretsIn)];
  const network = planNetwork(spec, layout, facts);
  const { steps, pulls } = createSteps(spec, layout, facts, network);
  const { id, range } = network.context.network;
  return {
    title: `create cluster ${spec.name}`,
    command: hideSecrets(createCommand(spec), secrets),
    cluster: spec.name,
    steps,
    warnings: problems.warnings,
    onFailure: spec.rollback ? 'undo' : 'keep',
    timeoutSeconds: spec.timeoutSeconds || (pulls ? PULL_TIMEOUT : CREATE_TIMEOUT),
    secrets,
    network: id === NETWORK_ID ? undefined : { id, range },
  };
}
