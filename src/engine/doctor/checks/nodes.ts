import { commandLine } from '../../../config/command-line.ts';
import type { ContainerInspect } from '../../../docker/types.ts';
import type { NodeState } from '../../../kubernetes/workloads.ts';
import { hideSecrets, sanitise } from '../../../text.ts';
import { planClusterDelete } from '../../cluster/delete.ts';
import { gatherFacts } from '../../cluster/facts.ts';
import { lostBalancer } from '../../cluster/lost-balancer.ts';
import type { Cluster, Node } from '../../model.ts';
import { contextName } from '../../names.ts';
import { planNodeDelete } from '../../node/delete.ts';
import { restartsOf } from '../../node/live.ts';
import { NGINX_LINE } from '../../ready/ready.ts';
import { type Check, clusterCheck } from '../check.ts';
import type { Remedy, Symptom } from '../finding.ts';
import { clusterNow, line, remedyOf, repair, restartNodes, startNodes } from '../remedies.ts';

export interface NodeFacts {
  cluster: Cluster;
  /** undefined: Kubernetes could not be asked. */
  kubernetes: NodeState[] | undefined;
  /** Ids of nodes that were started so lately that kubelet may not have reported yet. */
  young: ReadonlySet<string>;
}

/** Nodes that do not run or are not ready, and nodes that Kubernetes knows but Docker does not. */
function judgeNodes({ cluster, kubernetes, young }: NodeFacts): Symptom[] {
  const found: Symptom[] = [];
  const nodes = [...cluster.servers, ...cluster.agents];
  const parts = [...nodes, ...(cluster.loadBalancer ? [cluster.loadBalancer] : [])];
  if (cluster.servers.length === 0) return [broken(cluster)];
  if (!parts.some(node => node.running)) return [];
  const idle = idleParts(cluster);
  for (const node of parts) {
    if (node.running || node.state === 'restarting') continue;
    found.push({
      severity: node.role === 'agent' ? 'warning' : 'problem',
      subject: node.name,
      message: node.state === 'paused' ? `${node.name} is paused` : `${node.name} does not run`,
      evidence: [`Docker says: ${node.status || node.state}`],
      remedy:
        node.state === 'paused'
          ? line(`wake ${node.name}`, commandLine`docker unpause ${node.name}`)
          : startNodes(idle),
    });
  }
  if (!kubernetes) return found;
  for (const node of nodes) {
    const known = kubernetes.find(({ name }) => name === node.name);
    if (!node.running || !known) continue;
    if (known.ready && known.unschedulable && !young.has(node.id)) found.push(cordoned(node, cluster));
    if (known.ready || young.has(node.id)) continue;
    found.push({
      severity: 'problem',
      subject: node.name,
      message: `Kubernetes says ${node.name} is not ready`,
      evidence: [known.problem || 'condition Ready is missing', `Docker says: ${node.status || node.state}`],
      remedy: restartNodes([node]),
    });
  }
  // Only names as k3d gives them: others may run elsewhere and be meant to.
  const ghosts = kubernetes.filter(
    ({ name, ready }) => !ready && name.startsWith(`k3d-`) && !nodes.some(node => node.name === name),
  );
  for (const ghost of ghosts) found.push(ghostOf(ghost, cluster));
  return found;
}

/**
 * What a start would start. One start for all of them: etcd waits for a majority of the servers, and the load balancer for
 * nodes that can be found by name.
 */
function idleParts({ servers, agents, loadBalancer }: Cluster): Node[] {
  return [...servers, ...agents, ...(loadBalancer ? [loadBalancer] : [])].filter(
    ({ running, state }) => !running && state !== 'restarting' && state !== 'paused',
  );
}

/** Deliberate, or left by a stop that was cut off while the node was drained. */
function cordoned(node: Node, cluster: Cluster): Symptom {
  return {
    severity: 'note',
    subject: node.name,
    key: 'cordoned',
    message: `${node.name} is cordoned: no new pods are placed on it`,
    evidence: ['spec.unschedulable is true'],
    remedy: line(
      'let pods on again',
      commandLine`kubectl --context ${contextName(cluster.name)} uncordon ${node.name}`,
    ),
  };
}

/** kubelet reports within ten seconds or so of its start; a machine under load takes longer. Milliseconds. */
const YOUNG = 75_000;

function broken(cluster: Cluster): Symptom {
  return {
    severity: 'problem',
    subject: cluster.name,
    message: `cluster ${cluster.name} has no server left, so it can never start`,
    evidence: [...cluster.agents, ...cluster.others, ...(cluster.loadBalancer ? [cluster.loadBalancer] : [])].map(
      node => `${node.name}: ${node.status || node.state}`,
    ),
    remedy: {
      title: `delete what is left of ${cluster.name}`,
      command: commandLine`k3dui cluster delete ${cluster.name}`,
      destructive: true,
      plan: async (engine, call) =>
        planClusterDelete(clusterNow(engine, cluster.name), await gatherFacts(engine, {}, call)),
    },
  };
}

function ghostOf(ghost: NodeState, cluster: Cluster): Symptom {
  const servers = cluster.servers.filter(server => server.running).map(server => server.name);
  return {
    severity: 'warning',
    subject: ghost.name,
    message: `Kubernetes still counts on node ${ghost.name}, which is gone`,
    evidence: [`no container ${ghost.name}`, ghost.problem || 'it is not ready'],
    remedy: remedyOf(
      repair(
        `make Kubernetes forget ${ghost.name}`,
        commandLine`kubectl --context ${contextName(cluster.name)} delete node ${ghost.name}`,
        cluster,
        [
          {
            id: 'forget',
            title: 'make Kubernetes forget it',
            subject: ghost.name,
            after: [],
            action: { kind: 'kubernetes.forget', node: ghost.name, servers },
          },
        ],
      ),
    ),
  };
}

/** Docker restarts what ends; so often, so lately is a loop. */
const LOOP_RESTARTS = 3;
const LOOP_WITHIN = 2 * 60_000;
const LAST_LINES = 6;

export interface RestartFacts {
  cluster: Cluster;
  nodes: {
    node: Node;
    inspect: Pick<ContainerInspect, 'RestartCount' | 'State'>;
    lines: string[];
    /** A load balancer that has come up since: what it waited for is there. */
    serves: boolean;
  }[];
  now: number;
}

/** Nodes that end again and again. */
function judgeRestarts({ cluster, nodes, now }: RestartFacts): Symptom[] {
  return nodes.flatMap(({ node, inspect, lines, serves }): Symptom[] => {
    if (!loops(inspect, now) || serves) return [];
    const { count, exit } = restartsOf(inspect);
    return [
      {
        severity: 'problem',
        subject: node.name,
        message: `${node.name} keeps ending: started ${count + 1} times${exit ? `, last: ${exit}` : ''}`,
        evidence: [
          ...lines.slice(-LAST_LINES).map(text => hideSecrets(sanitise(text), [cluster.token])),
          ...(lines.length === 0 ? ['it printed nothing'] : []),
        ],
        remedy:
          node.role === 'agent'
            ? removeAgent(cluster, node)
            : line('read its log', commandLine`k3dui node logs ${node.name}`),
      },
    ];
  });
}

export function loops({ RestartCount, State }: Pick<ContainerInspect, 'RestartCount' | 'State'>, now: number): boolean {
  if (State.Restarting || State.Status === 'restarting') return true;
  return State.Running && RestartCount >= LOOP_RESTARTS && now - Date.parse(State.StartedAt) < LOOP_WITHIN;
}

/** What an agent keeps can be lost, a server's cannot; a new one takes its place. */
function removeAgent(cluster: Cluster, node: Node): Remedy {
  return {
    title: `delete ${node.name}`,
    command: commandLine`k3dui node delete ${node.name} --drain=false`,
    destructive: true,
    plan: async engine =>
      planNodeDelete(
        clusterNow(engine, cluster.name).agents.filter(({ id }) => id === node.id),
        { snapshot: engine.inventory.snapshot },
        { drain: false },
      ),
  };
}

export interface ApiFacts {
  cluster: Cluster;
  api: { host: string; port: number } | undefined;
  answers: boolean;
  /** What kubectl in the server says: `ok`, or why not. undefined: it could not be asked. */
  inside: string | undefined;
}

/** The Kubernetes API, at its published address. */
function judgeApi({ cluster, api, answers, inside }: ApiFacts): Symptom[] {
  if (answers) return [];
  const where = api ? `https://${api.host}:${api.port}` : 'no address: nothing publishes it';
  const evidence = [`${where} does not answer /readyz`, `inside the server: ${inside ?? 'not known'}`];
  const worksInside = inside === 'ok';
  const balancer = cluster.loadBalancer;
  const way = worksInside && balancer?.running ? [balancer] : cluster.servers.filter(server => server.running);
  const idle = idleParts(cluster);
  // A restart of the servers that run would wait for those that do not.
  const lacking = worksInside ? balancer?.running === false : idle.some(({ role }) => role === 'server');
  return [
    {
      severity: 'problem',
      subject: 'Kubernetes API',
      message: worksInside
        ? `the Kubernetes API works in the server, but not at ${where}`
        : `the Kubernetes API of ${cluster.name} does not answer`,
      evidence,
      remedy:
        worksInside && !balancer && !api
          ? line(
              'reach it from a node instead',
              commandLine`k3dui node shell ${cluster.servers[0]!.name} kubectl get nodes`,
            )
          : lacking
            ? startNodes(idle.length > 0 || !balancer ? idle : [balancer])
            : restartNodes(way),
    },
  ];
}

export const NODE_CHECKS: readonly Check[] = [
  clusterCheck(
    'cluster.nodes',
    'cluster',
    'nodes run and are ready',
    async subject => {
      const kubernetes = await subject.kubernetesNodes();
      const unready = subject.running.filter(
        ({ name }) => kubernetes?.some(one => one.name === name && (!one.ready || one.unschedulable)) ?? false,
      );
      const started = await Promise.all(
        unready.map(async node => ({ node, at: Date.parse((await subject.inspect(node)).State.StartedAt) })),
      );
      const young = new Set(started.filter(({ at }) => Date.now() - at < YOUNG).map(({ node }) => node.id));
      return { cluster: subject.cluster, kubernetes, young };
    },
    judgeNodes,
  ),
  clusterCheck(
    'cluster.restarts',
    'cluster',
    'nodes that restart in a loop',
    async subject => {
      const { cluster } = subject;
      const parts = [...subject.nodes, ...(cluster.loadBalancer ? [cluster.loadBalancer] : [])];
      const now = Date.now();
      const nodes = await Promise.all(
        parts.map(async node => {
          const inspect = await subject.inspect(node);
          if (!loops(inspect, now)) return { node, inspect, lines: [], serves: false };
          const { Running, StartedAt } = inspect.State;
          const since = node.role === 'loadbalancer' && Running ? await subject.lastLines(node, 30, StartedAt) : [];
          const serves = since.some(line => line.includes(NGINX_LINE));
          return { node, inspect, lines: await subject.lastLines(node, 30), serves };
        }),
      );
      return { cluster, nodes, now };
    },
    judgeRestarts,
  ),
  clusterCheck(
    'cluster.api',
    'cluster',
    'the Kubernetes API answers where it is published',
    async subject => {
      const { cluster } = subject;
      const [server] = await subject.steady(cluster.servers);
      // A load balancer that is gone is a finding by itself, and no restart brings it back.
      if (!server || lostBalancer(cluster)) return undefined;
      const answers = await subject.apiAnswers();
      const asked = answers ? undefined : await subject.exec(server, ['kubectl', 'get', '--raw', '/readyz']);
      const inside = asked && sanitise((asked.stdout || asked.stderr).trim().split('\n').at(-1) ?? '');
      return { cluster, api: subject.api, answers, inside };
    },
    judgeApi,
  ),
];
