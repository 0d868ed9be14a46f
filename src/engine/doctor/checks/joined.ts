import { commandLine } from '../../../config/command-line.ts';
import { hideSecrets, sanitise } from '../../../text.ts';
import type { Cluster, Node } from '../../model.ts';
import { type Check, clusterCheck } from '../check.ts';
import type { Symptom } from '../finding.ts';
import { line } from '../remedies.ts';

/** An agent has joined within so many milliseconds of its start, also on a busy machine. */
const PATIENCE = 45_000;
/** It complains every five seconds; what stands further up it may have got over. */
const LAST_LINES = 12;

export interface JoinedFacts {
  cluster: Cluster;
  /** Agents that run, but that Kubernetes has never heard of, with what they complain of. */
  strangers: { node: Node; complaint: string }[];
}

/** Agents whose container runs while k3s in it is turned away: by a token that is not the cluster's, say. */
function judgeJoined({ cluster, strangers }: JoinedFacts): Symptom[] {
  return strangers.map(({ node, complaint }) => ({
    severity: 'problem',
    subject: node.name,
    key: 'joined',
    message: `${node.name} runs, but does not get into ${cluster.name}`,
    evidence: [`Kubernetes knows no node ${node.name}`, hideSecrets(sanitise(complaint), [cluster.token])],
    remedy: /401 Unauthorized|token is not valid|CA hash/.test(complaint)
      ? line(
          'its token is not the cluster’s: delete it, a new agent gets the right one',
          commandLine`k3dui node delete ${node.name} --drain=false`,
        )
      : line('read its log', commandLine`k3dui node logs ${node.name}`),
  }));
}

export const JOINED_CHECKS: readonly Check[] = [
  clusterCheck(
    'cluster.joined',
    'cluster',
    'agents get into the cluster',
    async subject => {
      const known = await subject.kubernetesNodes();
      if (!known) return undefined;
      const agents = await subject.steady(subject.cluster.agents);
      // With --with-node-id a node's name goes on after its container's.
      const unknown = agents.filter(
        ({ name }) => !known.some(one => one.name === name || one.name.startsWith(`${name}-`)),
      );
      const strangers = await Promise.all(
        unknown.map(async node => {
          const { State } = await subject.inspect(node);
          if (Date.now() - Date.parse(State.StartedAt) < PATIENCE) return [];
          // One that goes by another name altogether has nothing to complain of.
          const complaint = (await subject.lastLines(node, LAST_LINES, State.StartedAt)).findLast(text =>
            /level=(error|fatal).*(CA certs|configure agent|agent configuration|validate|token)/.test(text),
          );
          return complaint === undefined ? [] : [{ node, complaint }];
        }),
      );
      return { cluster: subject.cluster, strangers: strangers.flat() };
    },
    judgeJoined,
  ),
];
