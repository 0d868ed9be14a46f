import { commandLine } from '../../../config/command-line.ts';
import { type K3duiError, toK3duiError } from '../../../errors.ts';
import { sanitise } from '../../../text.ts';
import { lostBalancer } from '../../cluster/lost-balancer.ts';
import { bindingsOf, nodePortsOf } from '../../loadbalancer/bindings.ts';
import { NGINX_CONF_PATH, renderNginxConf, UNRESOLVED_MARK } from '../../loadbalancer/nginx.ts';
import { resolvable } from '../../loadbalancer/replace-steps.ts';
import { formatValues, type LoadBalancerModel, VALUES_PATH } from '../../loadbalancer/values.ts';
import type { Cluster, Node, NodePort } from '../../model.ts';
import { type LoadBalancerReading, readLoadBalancer } from '../../ports/read.ts';
import { type Check, clusterCheck } from '../check.ts';
import type { Remedy, Symptom } from '../finding.ts';
import { remakeBalancer } from '../lost-balancer.ts';
import { rebuiltModel, soundModel } from '../rebuild.ts';
import { configure, line, reloadLoadBalancer, remedyOf, repair } from '../remedies.ts';

export interface BalancerFacts {
  cluster: Cluster;
  node: Node;
  reading: Pick<LoadBalancerReading, 'model' | 'differences' | 'nginxText' | 'ports'> | undefined;
  /** Why it could not be read. */
  error?: K3duiError;
  /** Its bindings when it could not be read. */
  ports: NodePort[];
  nginxText: string;
}

/** The load balancer's files against each other, the nodes there are and the ports that are published. */
function judgeBalancer({ cluster, node, reading, error, ports, nginxText }: BalancerFacts): Symptom[] {
  if (!reading) {
    const model = rebuiltModel(cluster, nginxText, ports);
    return [
      {
        severity: 'problem',
        subject: node.name,
        message: `${VALUES_PATH} of ${node.name} cannot be read: its next start, or the next change, would break every port`,
        evidence: [
          error?.message ?? 'it is not there',
          ...Object.entries(model.ports).map(([listener, nodes]) => `to be: ${listener} → ${nodes.join(', ')}`),
        ],
        remedy: written(cluster, node, model, `write ${VALUES_PATH} of ${node.name} anew`),
      },
    ];
  }
  const { model, wrong } = soundModel(cluster, reading.model, reading.ports);
  if (wrong.length > 0) {
    return [
      {
        severity: 'warning',
        subject: node.name,
        message: `the load balancer's ports do not fit the cluster: ${wrong[0]}`,
        evidence: wrong,
        remedy: written(cluster, node, model, `put the ports of ${node.name} right`),
      },
    ];
  }
  const live = reading.differences.filter(said => said !== FOREIGN_LINES);
  if (!node.running || live.length === 0) return [];
  return [
    {
      severity: 'problem',
      subject: node.name,
      message: `nginx of ${node.name} does something else than its ports say`,
      evidence: live,
      remedy: written(cluster, node, reading.model, `have nginx of ${node.name} do what its ports say`),
    },
  ];
}

/** As nginxDifferences says it; another version's template is no fault. */
const FOREIGN_LINES = 'it holds lines that k3dui would not write';

function written(cluster: Cluster, node: Node, model: LoadBalancerModel, title: string): Remedy {
  const nginx = renderNginxConf(model, resolvable(cluster));
  return configure(cluster, node, formatValues(model), nginx, title);
}

/** A cluster whose nodes were made to be reached through a load balancer that is not there. */
function judgeLost(cluster: Cluster): Symptom[] {
  const label = lostBalancer(cluster);
  if (!label) return [];
  return [
    {
      severity: 'problem',
      subject: label,
      message: `the load balancer ${label} is gone: no port leads into ${cluster.name} any more`,
      evidence: [`label k3d.server.loadbalancer of ${cluster.servers[0]!.name} names it`, `no container ${label}`],
      // Without the label of the API's port nothing tells where it was published.
      remedy: cluster.api
        ? remakeBalancer(cluster)
        : line(
            'make the cluster again',
            commandLine`k3dui cluster delete ${cluster.name} && k3dui cluster create ${cluster.name}`,
          ),
    },
  ];
}

export interface UpstreamFacts {
  cluster: Cluster;
  node: Node;
  /** Names that nginx is to reach, of nodes that run. */
  upstreams: { node: Node; found: boolean; said: string; marked: boolean }[];
  /** What it should do; undefined when its values cannot be read. */
  model: LoadBalancerModel | undefined;
}

/** Names behind the load balancer that it cannot find. */
function judgeUpstreams({ cluster, node, upstreams, model }: UpstreamFacts): Symptom[] {
  return upstreams.flatMap(({ node: upstream, found, said, marked }): Symptom[] => {
    const network = cluster.network?.name;
    const off = network !== undefined && !upstream.networks.some(({ name }) => name === network);
    if (found && !marked && !off) return [];
    const message = off
      ? `${upstream.name} is not on network ${network}: the load balancer cannot reach it`
      : found
        ? `nginx leaves ${upstream.name} out, though its name resolves now`
        : `the load balancer cannot find ${upstream.name}`;
    return [
      {
        severity: 'problem',
        subject: upstream.name,
        message,
        evidence: [
          `in ${node.name}: getent hosts ${upstream.name}: ${found ? 'found' : said || 'nothing'}`,
          `${upstream.name} is on: ${upstream.networks.map(({ name }) => name).join(', ') || 'no network'}`,
          ...(marked ? [`nginx.conf: ${UNRESOLVED_MARK} server ${upstream.name}`] : []),
        ],
        // k3d's own load balancers have nothing that takes a name in again.
        remedy: off
          ? rejoin(cluster, node, upstream, network)
          : marked && model
            ? written(cluster, node, model, `have nginx of ${node.name} lead to ${upstream.name} again`)
            : reloadLoadBalancer(cluster, node),
      },
    ];
  });
}

/** Puts a node back on the cluster's network, with its old address where it had a fixed one. */
function rejoin(cluster: Cluster, balancer: Node, node: Node, network: string): Remedy {
  const ipv4 = node.labels['k3d.node.staticIP'];
  const command = commandLine`docker network connect ${ipv4 ? ['--ip', ipv4] : []} ${network} ${node.name}`;
  return remedyOf(
    repair(`put ${node.name} back on network ${network}`, command, cluster, [
      {
        id: 'connect',
        title: `join network ${network}`,
        subject: node.name,
        after: [],
        action: { kind: 'network.connect', network, container: node.name, ...(ipv4 ? { ipv4 } : {}) },
      },
      {
        id: 'reload',
        title: 'look up the nodes again',
        subject: balancer.name,
        after: ['connect'],
        action: { kind: 'loadbalancer.reload', container: balancer.name },
        optional: true,
      },
    ]),
  );
}

export const BALANCER_CHECKS: readonly Check[] = [
  clusterCheck(
    'loadbalancer.lost',
    'load balancer',
    'the load balancer is there',
    async subject => subject.cluster,
    judgeLost,
  ),
  clusterCheck(
    'loadbalancer.config',
    'load balancer',
    "the load balancer's configuration against reality",
    async subject => {
      const { cluster } = subject;
      const node = cluster.loadBalancer;
      if (!node || cluster.servers.length === 0) return undefined;
      const { docker } = subject.engine;
      try {
        const reading = await subject.own.once('balancer', () => readLoadBalancer(docker, cluster, subject.call));
        return { cluster, node, reading, ports: reading.ports, nginxText: reading.nginxText };
      } catch (thrown) {
        const error = toK3duiError(thrown);
        if (error.code !== 'LB_VALUES_INVALID') throw error;
        const [inspect, nginx] = await Promise.all([
          subject.inspect(node),
          docker.readFile(node.id, NGINX_CONF_PATH, subject.call),
        ]);
        const ports = nodePortsOf(bindingsOf(inspect));
        return { cluster, node, reading: undefined, error, ports, nginxText: nginx?.toString('utf8') ?? '' };
      }
    },
    judgeBalancer,
  ),
  clusterCheck(
    'loadbalancer.upstreams',
    'load balancer',
    'names behind the load balancer resolve',
    async subject => {
      const { cluster } = subject;
      const node = cluster.loadBalancer;
      if (!node?.running) return undefined;
      const reading = await subject.own
        .once('balancer', () => readLoadBalancer(subject.engine.docker, cluster, subject.call))
        .catch(() => undefined);
      const names = reading
        ? new Set(Object.values(reading.model.ports).flat())
        : new Set(cluster.servers.map(server => server.name));
      const upstreams = await Promise.all(
        (await subject.steadyNodes())
          .filter(({ name }) => names.has(name))
          .map(async upstream => {
            const asked = await lookUp(subject, node, upstream.name);
            const marked = new RegExp(`${UNRESOLVED_MARK}\\s+server ${upstream.name}:`).test(reading?.nginxText ?? '');
            return { node: upstream, ...asked, marked };
          }),
      );
      return { cluster, node, upstreams, model: reading?.model };
    },
    judgeUpstreams,
  ),
];

interface Asker {
  exec(node: Node, command: string[]): Promise<{ exitCode: number; stdout: string; stderr: string } | undefined>;
}

/** Seconds: Docker knows its own names at once; for others it asks outside, which may never answer. */
const PATIENCE = '2';

/** Whether a name resolves in a container, by what it has for that. */
export async function lookUp(subject: Asker, node: Node, name: string): Promise<{ found: boolean; said: string }> {
  const ways = [
    ['getent', 'hosts', name],
    ['nslookup', name],
  ];
  for (const command of [...ways.map(way => ['timeout', PATIENCE, ...way]), ...ways]) {
    const result = await subject.exec(node, command);
    if (!result) continue;
    // timeout(1) of coreutils says 124, busybox' 143 or 124.
    if (result.exitCode === 124 || result.exitCode === 143) return { found: false, said: `no answer in ${PATIENCE} s` };
    const said = sanitise(`${result.stderr}\n${result.stdout}`.trim().split('\n').at(-1) ?? '');
    return { found: result.exitCode === 0, said };
  }
  return { found: true, said: 'it has neither getent nor nslookup' };
}
