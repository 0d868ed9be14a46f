import { commandLine } from '../../../config/command-line.ts';
import { configMapData, isCoreDns, type ListedPod, serviceAddress } from '../../../kubernetes/workloads.ts';
import { sanitise } from '../../../text.ts';
import { COREDNS_MANIFEST } from '../../apply/dns.ts';
import { dnsStep, hostAliasesOf } from '../../cluster/dns.ts';
import type { Cluster, Node } from '../../model.ts';
import { contextName } from '../../names.ts';
import { type Check, clusterCheck } from '../check.ts';
import type { Remedy, Symptom } from '../finding.ts';
import { fixCommand, line, remedyOf, repair, restartNodes } from '../remedies.ts';
import type { ClusterSubject } from '../subject.ts';
import { type Absence, judgeAbsence, lookForAbsence } from './coredns.ts';
import { lookUp } from './loadbalancer.ts';

const HOST_NAME = 'host.k3d.internal';
/** A pod that was made just now may still be pulling, a manifest not be read. */
const PATIENCE = 60_000;

export interface HostNameFacts {
  cluster: Cluster;
  /** Nodes whose /etc/hosts was read. */
  nodes: { node: Node; hosts: string }[];
  /** CoreDNS' own list; undefined: there is no CoreDNS, or it could not be asked. */
  nodeHosts: string | undefined;
  /** k3s has been given the name for the list, and is about to take it in. */
  onItsWay: boolean;
}

/** The host's name, which k3d puts in once and Docker and k3s write over at their next start (k3d #1221). */
function judgeHostName({ cluster, nodes, nodeHosts, onItsWay }: HostNameFacts): Symptom[] {
  const without = nodes.filter(({ hosts }) => !names(hosts, HOST_NAME)).map(({ node }) => node);
  const podsLack = nodeHosts !== undefined && !names(nodeHosts, HOST_NAME) && !onItsWay;
  if (without.length === 0 && !podsLack) return [];
  const where = [
    ...(podsLack ? ['pods'] : []),
    ...(without.length > 0 ? [without.length === 1 ? without[0]!.name : `${without.length} nodes`] : []),
  ];
  return [
    {
      severity: 'warning',
      subject: HOST_NAME,
      message: `${where.join(' and ')} of ${cluster.name} cannot find ${HOST_NAME}: a restart loses it`,
      evidence: [
        ...(podsLack ? [`ConfigMap coredns, NodeHosts: ${oneLine(nodeHosts)}`] : []),
        ...nodes
          .filter(({ node }) => without.includes(node))
          .map(({ node, hosts }) => `${node.name} /etc/hosts: ${oneLine(hosts)}`),
      ],
      remedy: putBack(cluster, without, podsLack),
    },
  ];
}

/** True when a hosts file knows the name. */
function names(hosts: string, name: string): boolean {
  return hosts.split('\n').some(one => one.replace(/#.*/, '').trim().split(/\s+/).slice(1).includes(name));
}

const oneLine = (text: string): string => sanitise(text.trim().split(/\n+/).join('; ')).slice(0, 160);

/** k3s looks for changed manifests every 15 seconds, and takes one after the other. */
async function nameOnItsWay(subject: ClusterSubject): Promise<boolean> {
  for (const server of await subject.steady(subject.cluster.servers)) {
    const file = await subject.engine.docker.readDatedFile(server.id, COREDNS_MANIFEST, subject.limited());
    const lately = file?.written !== undefined && Date.now() - file.written.getTime() < PATIENCE;
    if (lately && file.content.toString('utf8').includes(` ${HOST_NAME}`)) return true;
  }
  return false;
}

/** Without any restart: into the nodes' files, and into CoreDNS' list. */
function putBack(cluster: Cluster, nodes: readonly Node[], pods: boolean): Remedy {
  const servers = pods ? cluster.servers.filter(server => server.running).map(server => server.name) : [];
  const names = nodes.map(node => node.name);
  const step = dnsStep(cluster.network?.name ?? '', servers, hostAliasesOf(cluster), [], names);
  const plan = repair(`put ${HOST_NAME} back in ${cluster.name}`, fixCommand(cluster.name), cluster, [
    { ...step, optional: false },
  ]);
  return remedyOf(plan);
}

export interface NodeNamesFacts {
  nodes: { node: Node; asked: string; found: boolean; said: string; resolvConf: string }[];
}

/** Names of other containers, asked from within the nodes. */
function judgeNodeNames({ nodes }: NodeNamesFacts): Symptom[] {
  return nodes.flatMap(({ node, asked, found, said, resolvConf }): Symptom[] =>
    found
      ? []
      : [
          {
            severity: 'problem',
            subject: node.name,
            message: `names do not resolve in ${node.name}: it can pull no image and find no other node`,
            evidence: [`look-up of ${asked}: ${said || 'nothing found'}`, `/etc/resolv.conf: ${oneLine(resolvConf)}`],
            remedy: restartNodes([node]),
          },
        ],
  );
}

interface AskedAsPod {
  node: Node;
  name: string;
  server: string;
  found: boolean;
  /** Some server answered, if only that there is no such name. */
  answered: boolean;
  said: string;
}

export interface PodNamesFacts {
  cluster: Cluster;
  /** CoreDNS' own pods. */
  coredns: ListedPod[];
  /** Why it has none, where it should. */
  absence: Absence | undefined;
  /** What a look-up from a pod's network said; undefined: it could not be tried. */
  asked: AskedAsPod | undefined;
  now: number;
}

/** The cluster's own DNS, asked as a pod asks. */
function judgePodNames({ cluster, coredns, absence, asked, now }: PodNamesFacts): Symptom[] {
  if (absence) return judgeAbsence(cluster, absence);
  const [server] = cluster.servers.filter(node => node.running);
  if (coredns.length > 0 && !coredns.some(pod => pod.ready)) {
    if (coredns.every(pod => now - pod.created < PATIENCE)) return [];
    const waiting = coredns.flatMap(pod => pod.containers).find(container => container.waiting !== '');
    const pull = waiting && /^(ErrImage|ImagePull|InvalidImage)/.test(waiting.waiting);
    return [
      {
        severity: 'problem',
        subject: 'CoreDNS',
        message: `CoreDNS of ${cluster.name} does not run: pods find no Service by its name`,
        evidence: coredns.map(pod => {
          const why = pod.containers.map(one => [one.waiting, one.message].filter(Boolean).join(': ')).filter(Boolean);
          return sanitise(`pod ${pod.name}: ${pod.phase}${why.length > 0 ? `, ${why.join('; ')}` : ''}`);
        }),
        remedy: pull
          ? line(
              'give the nodes its image',
              commandLine`docker pull ${waiting.image} && k3dui image import ${waiting.image} --cluster ${cluster.name}`,
            )
          : restartNodes(server ? [server] : []),
      },
    ];
  }
  if (!asked || asked.found) return [];
  const evidence = [
    `from a pod's network: look-up of ${asked.name} at ${asked.server}: ${asked.said || 'nothing found'}`,
  ];
  // What answers is reached: no restart of a node teaches it the name.
  return [
    asked.answered
      ? {
          severity: 'problem',
          subject: 'names in pods',
          message: `the DNS of ${cluster.name} (${asked.server}) answers pods, but does not know ${asked.name}`,
          evidence,
          remedy: line(
            'let CoreDNS read the Services anew',
            commandLine`kubectl --context ${contextName(cluster.name)} -n kube-system rollout restart deployment coredns`,
          ),
        }
      : {
          severity: 'problem',
          subject: 'names in pods',
          message: `pods on ${asked.node.name} get no answer from the cluster's DNS (${asked.server})`,
          evidence,
          remedy: restartNodes([asked.node]),
        },
  ];
}

/** The API's own Service, in the zone that CoreDNS was given: k3s may have been told another (`--cluster-domain`). */
function kubernetesName(corefile: string | undefined): string {
  const [, zone = 'cluster.local'] = /^\s*kubernetes\s+([a-z0-9][a-z0-9.-]*)/im.exec(corefile ?? '') ?? [];
  return `kubernetes.default.svc.${zone}`;
}

/** After a start it takes k3s a while to apply CoreDNS' manifest and to bring its pod back, on an agent too. */
async function justStarted(subject: ClusterSubject): Promise<boolean> {
  const starts = await Promise.all(
    subject.running.map(async node => Date.parse((await subject.inspect(node)).State.StartedAt)),
  );
  return starts.some(at => Date.now() - at < PATIENCE);
}

/** A process in a pod's network on the node, through which DNS can be asked as the pod would. */
async function podProcess(subject: ClusterSubject, node: Node): Promise<string | undefined> {
  const pods = await subject.exec(node, ['crictl', 'pods', '--state', 'ready', '-o', 'json']);
  if (pods?.exitCode !== 0) return undefined;
  const { items = [] } = parse<{ items?: { id?: string }[] }>(pods.stdout);
  for (const { id } of items.slice(0, 4)) {
    if (!id) continue;
    const inspect = await subject.exec(node, ['crictl', 'inspectp', '-o', 'json', id]);
    const { info, status } = parse<{
      info?: { pid?: number };
      status?: { linux?: { namespaces?: { options?: { network?: string } } } };
    }>(inspect?.stdout ?? '');
    // A pod in the node's own network asks as the node does.
    if (info?.pid && status?.linux?.namespaces?.options?.network !== 'NODE') return String(info.pid);
  }
  return undefined;
}

function parse<T extends object>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    return {} as T;
  }
}

async function askAsPod(subject: ClusterSubject): Promise<AskedAsPod | undefined> {
  const kubeconfig = await subject.kubeconfig();
  const [server, data] = await Promise.all([
    serviceAddress(kubeconfig, 'kube-system', 'kube-dns', subject.limited()),
    configMapData(kubeconfig, 'kube-system', 'coredns', subject.limited()),
  ]);
  if (!server) return undefined;
  const name = kubernetesName(data?.Corefile);
  for (const node of (await subject.steadyNodes()).slice(0, 3)) {
    const process = await podProcess(subject, node);
    if (!process) continue;
    const command = ['nsenter', '-t', process, '-n', 'nslookup', name, server];
    const ask = () => subject.exec(node, command);
    let result = await ask();
    // One answer may be late on a busy machine: that is no reason to restart a node.
    if (result && result.exitCode !== 0) result = await ask();
    if (!result) return undefined;
    const said = sanitise(`${result.stdout}\n${result.stderr}`.trim().split('\n').at(-1) ?? '');
    // A node may have nsenter but nothing to look up with.
    if (/nslookup.*(not found|no such file)|can't execute/i.test(said)) return undefined;
    return {
      node,
      name,
      server,
      found: result.exitCode === 0,
      answered: /can't find|NXDOMAIN|SERVFAIL/i.test(said),
      said,
    };
  }
  return undefined;
}

export const DNS_CHECKS: readonly Check[] = [
  clusterCheck(
    'dns.host',
    'DNS',
    `${HOST_NAME} in nodes and pods`,
    async subject => {
      const { cluster } = subject;
      if (!subject.isUp || !cluster.network || subject.onHostNetwork) return undefined;
      const steady = await subject.steadyNodes();
      const [data, nodes] = await Promise.all([
        subject
          .apiAnswers()
          .then(async up =>
            up ? configMapData(await subject.kubeconfig(), 'kube-system', 'coredns', subject.limited()) : undefined,
          ),
        Promise.all(steady.map(async node => ({ node, read: await subject.exec(node, ['cat', '/etc/hosts']) }))),
      ]);
      const nodeHosts =
        data?.Corefile === undefined && data?.NodeHosts === undefined ? undefined : (data.NodeHosts ?? '');
      return {
        cluster,
        nodes: nodes.flatMap(({ node, read }) => (read?.exitCode === 0 ? [{ node, hosts: read.stdout }] : [])),
        nodeHosts,
        onItsWay: nodeHosts !== undefined && !names(nodeHosts, HOST_NAME) && (await nameOnItsWay(subject)),
      };
    },
    judgeHostName,
  ),
  clusterCheck(
    'dns.nodes',
    'DNS',
    'names resolve in the nodes',
    async subject => {
      if (subject.onHostNetwork) return undefined;
      const { cluster } = subject;
      const steady = await subject.steadyNodes();
      const others = [...steady, ...(cluster.loadBalancer?.running ? [cluster.loadBalancer] : [])];
      const network = cluster.network?.name;
      const nodes = await Promise.all(
        steady.map(async node => {
          // A node off the network can find nobody; that is another finding.
          const reachable = (one: Node) => network === undefined || one.networks.some(({ name }) => name === network);
          const other = others.find(one => one.id !== node.id && reachable(one) && reachable(node));
          if (!other) return [];
          const [asked, conf] = await Promise.all([
            lookUp(subject, node, other.name),
            subject.exec(node, ['cat', '/etc/resolv.conf']),
          ]);
          return [{ node, asked: other.name, ...asked, resolvConf: conf?.stdout ?? '' }];
        }),
      );
      return { nodes: nodes.flat() };
    },
    judgeNodeNames,
    15_000,
  ),
  clusterCheck(
    'dns.pods',
    'DNS',
    "names resolve in a pod's network",
    async subject => {
      const pods = await subject.pods();
      if (!pods) return undefined;
      // One that is being deleted says nothing of its successor.
      const coredns = pods.filter(pod => isCoreDns(pod) && !pod.ending);
      if (await justStarted(subject)) return undefined;
      const runs = coredns.some(pod => pod.ready);
      return {
        cluster: subject.cluster,
        coredns,
        absence: coredns.length === 0 ? await lookForAbsence(subject) : undefined,
        asked: runs ? await askAsPod(subject) : undefined,
        now: Date.now(),
      };
    },
    judgePodNames,
    20_000,
  ),
];
