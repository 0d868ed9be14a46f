import { commandLine, shellWord } from '../../config/command-line.ts';
import { contextName, loadBalancerName } from '../names.ts';
import { brokenHop, type Exposure, type Fault, type Hop } from './model.ts';
import type { ChainResult, PartResult } from './probe.ts';

/**
 * good: it was tried and works, at least for one of its parts. bad: it breaks here. behind: it fails, because of what
 * comes further in. known: Docker and Kubernetes say that it is there, and nothing was tried. testing: it is being tried. absent: it is not there, and nobody asked for it.
 */
export type HopState = 'good' | 'warn' | 'bad' | 'behind' | 'known' | 'testing' | 'absent';

export interface HopView {
  state: HopState;
  /** Longest of the tries that counted, in milliseconds; undefined where none was made. */
  ms?: number;
  /** `open`, `2 of 3`, `refused`; the fault's words are not here. */
  said: string;
}

/** What became of a way: the state of each hop, and where it breaks. */
export interface Diagnosis {
  hops: HopView[];
  /** Of the hop that breaks; undefined: none does. */
  at?: number;
  fault?: Fault;
  /** A lesser matter: what works for most. */
  advice?: Fault;
  /**
   * works: all was tried and nothing breaks. untried: nothing is missing as far as Docker and Kubernetes say. closed: all
   * it lacks is a port of this machine. inside: nobody asked for it to be reached from outside.
   */
  verdict: 'works' | 'untried' | 'closed' | 'broken' | 'inside' | 'testing';
}

/**
 * Puts together what Docker and Kubernetes say and what trying came to. Where several hops fail, those further out fail
 * because their way goes through the one furthest in: that one is named.
 */
export function diagnose(exposure: Exposure, result?: ChainResult): Diagnosis {
  const { hops, inside } = exposure;
  const views = hops.map((hop, at): HopView => {
    const unasked = inside && hop.kind === 'host' && hop.fault !== undefined;
    return unasked ? { state: 'absent', said: '' } : viewOf(hop, result?.[at]);
  });
  const testing = views.some(({ state }) => state === 'testing');
  const given = brokenHop(exposure);
  const tried = views.findLastIndex(({ state }) => state === 'bad');
  const at = Math.max(given, tried);
  const advised = views.findIndex(({ state }) => state === 'warn');
  const advice = advised < 0 ? undefined : adviceOf(hops[advised]!, result?.[advised]);
  if (at < 0) {
    const proven = result !== undefined && views.some(({ state }) => state === 'good');
    const verdict = testing ? 'testing' : inside ? 'inside' : proven ? 'works' : 'untried';
    return { hops: views, verdict, ...(advice && { advice }) };
  }
  const fault = hops[at]!.fault ?? faultOf(exposure, at, result?.[at] ?? []);
  const shown = views.map((view, index): HopView => {
    if (index === at) return { ...view, state: 'bad' };
    if (index > at) return view;
    return view.state === 'bad' ? { ...view, state: 'behind' } : view;
  });
  // Nothing leads in because nobody asked for it: that breaks nowhere. What else is wrong with it is said all the same.
  if (views[at]!.state === 'absent') return { hops: views, fault, verdict: 'inside', ...(advice && { advice }) };
  const quiet = at === given || tried < 0;
  const verdict = inside && quiet ? 'inside' : hops[at]!.fault && hops[at]!.kind === 'host' ? 'closed' : 'broken';
  return { hops: shown, at, fault, verdict, ...(advice && { advice }) };
}

function viewOf(hop: Hop, results: readonly (PartResult | undefined)[] | undefined): HopView {
  if (hop.fault) return { state: 'bad', said: '' };
  // Kubernetes keeps the list of those that are ready: there is nothing to try.
  if (hop.kind === 'endpoints' && hop.parts.length > 0) return { state: results ? 'good' : 'known', said: '' };
  const tried = hop.parts
    .map((part, at) => ({ part, result: results?.[at] }))
    .filter(({ part }) => part.target !== undefined);
  if (results === undefined || tried.length === 0) return { state: 'known', said: '' };
  const done = tried.flatMap(({ result }) => (result ? [result] : []));
  const good = done.filter(({ state }) => state === 'good');
  const warn = done.filter(({ state }) => state === 'warn');
  const bad = done.filter(({ state }) => state === 'bad');
  const ms = Math.max(0, ...(good.length > 0 ? good : done).map(one => one.ms));
  const many = hop.parts.length;
  // A URL needs all it is made of; nodes and pods stand in for each other.
  if (hop.kind === 'url' && bad.length > 0) return { state: 'bad', ms, said: bad[0]!.said };
  if (done.length < tried.length && good.length === 0) return { state: 'testing', said: '' };
  if (hop.kind === 'url' && warn.length > 0)
    return { state: 'warn', ms, said: [...good, ...warn].map(one => one.said).join(', ') };
  if (good.length > 0) {
    const said = many > 1 && hop.kind !== 'url' ? `${good.length} of ${many} ${good[0]!.said}` : good.at(-1)!.said;
    return {
      state: many > good.length && hop.kind !== 'url' && done.length === tried.length ? 'warn' : 'good',
      ms,
      said,
    };
  }
  if (bad.length > 0) return { state: 'bad', ms, said: bad[0]!.said };
  return { state: 'known', ms, said: done[0]?.said ?? '' };
}

function adviceOf({ kind, parts }: Hop, results: ChainResult[number] = []): Fault | undefined {
  const at = parts.findIndex(
    (part, index) => part.fault !== undefined || ['warn', 'bad'].includes(results[index]?.state ?? ''),
  );
  const [part, result] = [parts[at], results[at]];
  if (part === undefined) return undefined;
  const why = `${part.label} ${part.fault ?? result?.said ?? ''}`;
  if (kind !== 'url') return { why };
  const remedy = { text: 'this line tells the other programs of this machine', command: result?.command };
  return { why: `the ${why}`, ...(result?.command && { remedy }) };
}

/** What a hop that was tried in vain lacks. */
function faultOf({ cluster, hops, namespace, service }: Exposure, at: number, results: ChainResult[number]): Fault {
  const hop = hops[at]!;
  const bad = results.find(result => result?.state === 'bad');
  const said = bad?.said ?? '';
  const kubectl = commandLine`kubectl --context ${contextName(cluster)}`;
  const part = hop.parts[results.findIndex(result => result?.state === 'bad')];
  switch (hop.kind) {
    case 'pods': {
      const port = part?.target?.how === 'connect' ? part.target.port : 0;
      const many = hop.parts.length > 1 ? `none of ${hop.parts.length} pods` : 'the pod';
      const why = /refused/.test(said)
        ? `nothing listens on port ${port} of ${many}`.replace('of none of', 'of any of')
        : `${many} does not answer on port ${port}: ${said}`;
      return {
        why,
        remedy: {
          text: 'see what the pod listens on, and the Service’s targetPort'.replace('’', "'"),
          command:
            `${kubectl} -n ${shellWord(service?.namespace ?? namespace)} describe service ${service ? shellWord(service.name) : ''}`.trim(),
        },
      };
    }
    case 'controller':
      return {
        why: `the Ingress controller's pod does not answer: ${said}`,
        remedy: { text: 'look at its log', command: `${kubectl} get pods -A -o wide` },
      };
    case 'service':
    case 'controller-service':
      return {
        why: `the pods answer, but the Service's address does not: ${said}`,
        remedy: {
          text: 'kube-proxy is in k3s itself: restart the node from which it was tried',
          ...nodeRestart(part?.target),
        },
      };
    case 'route':
      return /404/.test(said)
        ? {
            why: 'the Ingress controller has not taken this rule up',
            remedy: {
              text: 'see its class, and what the controller says in its log',
              command: `${kubectl} get ingress -A`,
            },
          }
        : {
            why: `the Ingress controller answers ${said}, though the Service does`,
            remedy: { text: 'look at its log', command: `${kubectl} get pods -A -o wide` },
          };
    case 'svclb':
      return {
        why: `svclb's pod does not pass it on: ${said}`,
        remedy: { text: 'delete the pod: another is made at once', ...deletePod(part?.label, kubectl, hop) },
      };
    case 'nodeport':
      return {
        why: `the NodePort does not answer: ${said}`,
        remedy: { text: 'restart the node from which it was tried', ...nodeRestart(part?.target) },
      };
    case 'nodes':
      return {
        why: /resolve/.test(said)
          ? 'the load balancer does not know the name of the node'
          : `the port of the nodes does not answer: ${said}`,
        remedy: {
          text: 'restart the load balancer, which looks names up when it starts',
          command: commandLine`k3dui node restart ${loadBalancerName(cluster)}`,
        },
      };
    case 'listener':
      return {
        why: `nginx does not listen: ${said}`,
        remedy: {
          text: 'look at its log, and start it anew',
          command: commandLine`k3dui node restart ${loadBalancerName(cluster)}`,
        },
      };
    case 'host':
      return {
        why: `the port of this machine does not answer: ${said}`,
        remedy: {
          text: 'Docker publishes it: restart the load balancer',
          command: commandLine`k3dui node restart ${loadBalancerName(cluster)}`,
        },
      };
    case 'url': {
      const command = results.find(result => result?.command !== undefined)?.command;
      return command === undefined
        ? {
            why: `every hop answers, but a request comes to nothing: ${said}`,
            remedy: { text: 'look at the logs of the pods' },
          }
        : { why: `the name ${said}`, remedy: { text: 'tell this machine where it is', command } };
    }
    case 'endpoints':
      return { why: said };
  }
}

const nodeRestart = (target: Hop['parts'][number]['target']) =>
  target?.how === 'connect' && target.from ? { command: commandLine`k3dui node restart ${target.from.name}` } : {};

function deletePod(label: string | undefined, kubectl: string, hop: Hop) {
  const [name] = (label ?? hop.parts[0]?.label ?? '').split(' ');
  return name ? { command: `${kubectl} delete pod ${shellWord(name)} -n kube-system` } : {};
}
