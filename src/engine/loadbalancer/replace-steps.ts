import { parseSubnet, subnetsOverlap } from '../../config/subnet.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import type { Facts } from '../cluster/facts.ts';
import { nameHash } from '../cluster/subnets.ts';
import type { Cluster } from '../model.ts';
import { loadBalancerName } from '../names.ts';
import type { HandOver, PlannedStep } from '../plan.ts';
import type { PortOutcome } from './change.ts';
import { loadBalancerFiles } from './files.ts';
import { renderNginxConf } from './nginx.ts';
import { networksOf, replacementContainer } from './replacement.ts';
import { isAside } from './serving.ts';

/** Beside the old one: create, put in the files, start, wait for nginx; then hand over, and tidy up. */
export function replaceSteps(
  cluster: Cluster,
  inspect: ContainerInspect,
  wanted: Pick<PortOutcome, 'model' | 'bindings'>,
  facts: Facts,
  swept: string[],
): PlannedStep[] {
  const old = cluster.loadBalancer!;
  const name = loadBalancerName(cluster.name);
  const [fresh, aside] = [letters(facts, 0), letters(facts, 5)].map(five => `${name}-${five}`) as [string, string];
  const clusterNetwork = cluster.network?.name ?? old.networks[0]?.name ?? 'bridge';
  const networks = networksOf(inspect, clusterNetwork).filter(network => !isAside(network.name, cluster.name));
  // Stopped with its cluster: it stays so. Stopped alone, by a failed edit of k3d's or a killed one: it shall serve.
  const running = old.running || cluster.serversRunning > 0;
  const image = facts.images.get(inspect.Config.Image)?.present ? inspect.Config.Image : inspect.Image;
  const lasting = renderNginxConf(wanted.model, resolvable(cluster));
  const waiting = withAddresses(lasting, cluster, clusterNetwork);
  const standby = running ? fresh : undefined;
  const body = replacementContainer(inspect, {
    name,
    image,
    bindings: wanted.bindings,
    network: standby ? { name: standby } : networks[0]!,
  });
  const handover: HandOver = {
    old: old.id,
    fresh,
    name,
    aside,
    networks: standby ? networks : networks.slice(1),
    running,
    standby,
  };
  const step = (id: string, title: string, after: string[], action: PlannedStep['action']): PlannedStep => ({
    id,
    title,
    subject: name,
    after,
    action,
  });
  const prepared: PlannedStep[] = standby
    ? [
        {
          id: 'standby',
          title: 'make a place for the new one to wait',
          subject: name,
          after: swept,
          action: {
            kind: 'network.create',
            body: {
              Name: standby,
              Driver: 'bridge',
              CheckDuplicate: true,
              Internal: true,
              Labels: { app: 'k3d', 'k3d.cluster': cluster.name },
              ...standbySubnet(cluster.name, facts),
            },
          },
        },
      ]
    : [];
  const files = standby ? loadBalancerFiles(wanted.model, waiting, lasting) : loadBalancerFiles(wanted.model, lasting);
  return [
    ...prepared,
    step('create', 'create the new one', [...swept, ...prepared.map(({ id }) => id)], {
      kind: 'container.create',
      name: fresh,
      body,
    }),
    step('files', 'put in its configuration', ['create'], { kind: 'files.write', container: fresh, files }),
    ...(running
      ? [
          ...(old.running
            ? [
                step('check', 'have nginx check the configuration', swept, {
                  kind: 'loadbalancer.check',
                  container: old.id,
                  nginx: waiting,
                }),
              ]
            : []),
          step('start', 'start the new one beside the old', ['files', ...(old.running ? ['check'] : [])], {
            kind: 'container.start',
            container: fresh,
          }),
          step('ready', 'nginx runs', ['start'], {
            kind: 'ready',
            what: { check: 'loadbalancer', container: fresh },
          }),
        ]
      : []),
    step('hand over', 'hand over the ports', [running ? 'ready' : 'files'], {
      kind: 'loadbalancer.handover',
      ...handover,
    }),
    {
      ...step('tidy', 'remove the old one', ['hand over'], {
        kind: 'loadbalancer.tidy',
        container: name,
        old: old.id,
        standby,
      }),
      optional: true,
    },
  ];
}

/** The configuration with each running node's address instead of its name. */
function withAddresses(nginxConf: string, cluster: Cluster, network: string): string {
  const addresses = new Map(
    [...cluster.servers, ...cluster.agents].map(node => [
      node.name,
      node.networks.find(({ name }) => name === network)?.ip,
    ]),
  );
  return nginxConf.replace(/^( *server )([^:\s]+)(?=:\d+ )/gm, (line, before, node) => {
    const address = addresses.get(node);
    return address ? `${before}${address}` : line;
  });
}

/** Five letters of the run's own random ones, as k3d's names have. */
function letters(facts: Facts, from: number): string {
  return facts.fresh.token.slice(from, from + 5);
}

/** The smallest range that is free: from 198.18.0.0/15, which no real network uses (RFC 2544), so that Docker's pools do not matter. */
function standbySubnet(cluster: string, facts: Facts): { IPAM?: { Config: { Subnet: string }[] } } {
  const used = facts.networks.flatMap(network =>
    (network.IPAM?.Config ?? []).flatMap(({ Subnet }) =>
      Subnet && !Subnet.includes(':') ? [parseSubnet(Subnet)] : [],
    ),
  );
  // Where the search begins depends on the cluster, so that two edits at once do not choose the same.
  const begin = nameHash(cluster);
  for (let tried = 0; tried < 4096; tried++) {
    const i = (begin + tried) % 4096;
    const subnet = `198.${18 + (i >> 11)}.${(i >> 3) & 255}.${(i & 7) * 32}/28`;
    if (!used.some(other => subnetsOverlap(other, parseSubnet(subnet))))
      return { IPAM: { Config: [{ Subnet: subnet }] } };
  }
  return {};
}

/** The nodes whose names resolve: those that run. */
export function resolvable(cluster: Cluster): Set<string> {
  return new Set([...cluster.servers, ...cluster.agents].filter(node => node.running).map(node => node.name));
}
