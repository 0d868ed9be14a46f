import { loadBalancerImage } from '../../config/default-image.ts';
import type { Call } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { apiAddress } from '../cluster/api-address.ts';
import { disablesCoreDns, dnsStep, hostAliasesOf } from '../cluster/dns.ts';
import { type Facts, gatherFacts } from '../cluster/facts.ts';
import { layoutCluster } from '../cluster/layout.ts';
import { Problems } from '../cluster/problems.ts';
import { type ClusterReading, readCluster } from '../cluster/reading.ts';
import { specOf } from '../cluster/spec-of.ts';
import type { Engine } from '../engine.ts';
import { loadBalancerFiles } from '../loadbalancer/files.ts';
import { renderNginxConf } from '../loadbalancer/nginx.ts';
import { resolvable } from '../loadbalancer/replace-steps.ts';
import type { Cluster } from '../model.ts';
import { loadBalancerContainer } from '../node/container.ts';
import { freeAddresses } from '../node/copy.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import type { Remedy } from './finding.ts';
import { clusterNow, fixCommand, repair } from './remedies.ts';

/** Seconds; the image may have to be pulled. */
const TIMEOUT = 300;

/** Makes a load balancer that is gone again, as far as the cluster's other nodes tell what it was. */
export function remakeBalancer({ name }: Cluster): Remedy {
  return {
    title: `make the load balancer of ${name} again`,
    command: fixCommand(name),
    plan: async (engine: Engine, call: Call) => {
      const cluster = clusterNow(engine, name);
      const [reading, facts] = await Promise.all([
        readCluster(engine, cluster, call),
        gatherFacts(engine, { images: [loadBalancerImage(engine.env)] }, call),
      ]);
      return planRemake(reading, facts);
    },
  };
}

/**
 * The plan: the container as a create makes it, with the API's port, which the servers' labels tell. Which other ports
 * it had is written nowhere but in itself. Pure. Throws LB_UNKNOWN when it is there, or nothing says what it was.
 */
function planRemake(reading: ClusterReading, facts: Facts): Plan {
  const { cluster } = reading;
  const { name, network, servers } = cluster;
  const [first] = servers;
  const { spec } = specOf(reading, { token: true });
  const layout = layoutCluster(spec, facts, new Problems());
  const node = layout.loadBalancer;
  const api = apiAddress(cluster, facts);
  if (cluster.loadBalancer || !node || !first || !network || !cluster.api || !api) {
    throw new K3duiError({
      code: 'LB_UNKNOWN',
      message: `the load balancer of '${name}' cannot be made again: ${cluster.loadBalancer ? 'it is there' : 'nothing says what it was'}`,
      hint: 'look again: k3dui doctor',
    });
  }
  const source = reading.inspects.get(first.name);
  const [address] = (source && freeAddresses(cluster, source, facts.containers, 1)) ?? [];
  const { id, subnet, external } = network;
  const image = loadBalancerImage(facts.env);
  const body = loadBalancerContainer(node, image, {
    spec,
    layout: { ...layout, api: cluster.api, token: cluster.token, imageVolume: cluster.imageVolume },
    network: { name: network.name, id, range: subnet, external },
    entrypoint: false,
    staticIPs: new Map(address ? [[node.name, address]] : []),
    reachable: api.host,
  });
  const steps: PlannedStep[] = [];
  const step = (id: string, title: string, action: PlannedStep['action']): void => {
    steps.push({ id, title, subject: node.name, after: steps.slice(-1).map(before => before.id), action });
  };
  if (!facts.images.get(image)?.present) step('pull', `pull ${image}`, { kind: 'image.pull', image });
  step('create', 'create', { kind: 'container.create', name: node.name, body });
  step('files', 'put in its configuration', {
    kind: 'files.write',
    container: node.name,
    files: loadBalancerFiles(layout.model, renderNginxConf(layout.model, resolvable(cluster))),
  });
  // Of a stopped cluster it waits for the others.
  if (cluster.serversRunning > 0) {
    step('start', 'start', { kind: 'container.start', container: node.name });
    const what = { check: 'api', cluster: name, server: first.name, api, loadBalancer: node.name } as const;
    step('ready', `Kubernetes API at ${api.host}:${api.port}`, { kind: 'ready', what });
    const nodes = [...servers, ...cluster.agents].filter(({ running }) => running).map(one => one.name);
    const noCoreDns = disablesCoreDns((source?.Config.Cmd ?? []).join(' '));
    const told = noCoreDns ? [] : servers.map(server => server.name);
    steps.push(dnsStep(network.name, told, hostAliasesOf(cluster), ['ready'], nodes));
  }
  return repair(`make the load balancer of ${name} again`, fixCommand(name), cluster, steps, {
    timeoutSeconds: TIMEOUT,
    warnings: [
      `which ports it had besides the API's was written in it alone: k3dui cluster edit ${name} --port-add 8080:80@loadbalancer`,
    ],
  });
}
