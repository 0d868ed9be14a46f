import { commandLine, shellWord } from '../../config/command-line.ts';
import type { Service } from '../../kubernetes/traffic.ts';
import { contextName } from '../names.ts';
import { type Ground, type Index, kubectl, nodesOf, refOf, SHOWN, shortName } from './context.ts';
import type { Hop, Part } from './model.ts';
import type { Way } from './ways.ts';

/** How a port of the nodes comes to the Service: svclb's pod, or kube-proxy's NodePort. */
export function behindNodes(ground: Ground, index: Index, service: Service, way: Way, upstreams: string[]): Hop[] {
  if (way.via === 'api') return [];
  return [
    way.via === 'svclb'
      ? svclbHop(ground, index, service, way, upstreams)
      : nodePortHop(ground, service, way, upstreams),
  ];
}

function nodePortHop({ cluster }: Ground, { ports }: Service, { port }: Way, upstreams: string[]): Hop {
  const nodes = nodesOf(cluster).filter(
    node => node.running && (upstreams.length === 0 || upstreams.includes(node.name)),
  );
  const protocol = ports.find(({ nodePort }) => nodePort === port)?.protocol ?? 'tcp';
  const parts = nodes.slice(0, SHOWN).map((node): Part => {
    const ip = node.networks.find(network => network.ip !== '')?.ip;
    const label = `${shortName(node.name, cluster)}:${port}`;
    if (ip === undefined || protocol !== 'tcp') return { label };
    return { label, target: { how: 'connect', from: { id: node.id, name: node.name }, host: ip, port } };
  });
  return {
    kind: 'nodeport',
    title: 'NodePort',
    text: `${port}/${protocol} on every node`,
    short: `${port}/${protocol}`,
    parts,
  };
}

function svclbHop(ground: Ground, index: Index, service: Service, { port }: Way, upstreams: string[]): Hop {
  const { cluster } = ground;
  const all = index.balancers.get(refOf(service)) ?? [];
  const behind = upstreams.length === 0 ? all : all.filter(pod => upstreams.includes(pod.node));
  const running = new Map(nodesOf(cluster).map(node => [node.name, node]));
  const protocol = service.ports.find(one => one.port === port)?.protocol ?? 'tcp';
  const parts = behind.map((pod): Part => {
    const label = `${pod.name} on ${shortName(pod.node, cluster)}`;
    const node = running.get(pod.node);
    if (!node?.running) return { label, fault: 'its node does not run' };
    if (!pod.ready || pod.ip === '') return { label, fault: pod.problem || 'has no address' };
    if (protocol !== 'tcp') return { label };
    return { label, target: { how: 'connect', from: { id: node.id, name: node.name }, host: pod.ip, port } };
  });
  const text =
    parts.length === 0
      ? ''
      : parts.length === 1
        ? parts[0]!.label
        : `on ${behind.map(pod => shortName(pod.node, cluster)).join(', ')}`;
  const where = behind.length === 1 ? shortName(behind[0]!.node, cluster) : `${behind.length} nodes`;
  const short = behind.length === 0 ? 'none' : `on ${where}`;
  const hop: Hop = { kind: 'svclb', title: 'svclb', text, short, parts: parts.slice(0, SHOWN) };
  // Where no node runs there is no svclb either; that is the nodes' break.
  const standing = upstreams.length > 0 && !upstreams.some(name => running.get(name)?.running);
  if (standing || parts.some(({ fault }) => fault === undefined)) return hop;
  return { ...hop, fault: svclbFault(ground, index, service, port, { all: all.length, behind }) };
}

function svclbFault(
  { cluster }: Ground,
  index: Index,
  service: Service,
  port: number,
  {
    all,
    behind,
  }: { all: number; behind: readonly { name: string; namespace: string; problem: string; node: string }[] },
) {
  const [pod] = behind;
  if (pod === undefined && all > 0) {
    return {
      why: `svclb runs on no node behind ${port} of the load balancer`,
      remedy: {
        text: 'put all nodes behind the port',
        command: commandLine`k3dui cluster edit ${cluster.name} --port-add ${port}:${port}@loadbalancer`,
      },
    };
  }
  const holder =
    (pod === undefined && all === 0) || /free ports/.test(pod?.problem ?? '')
      ? holderOf(index, service, port)
      : undefined;
  if (holder !== undefined) {
    const command = `${kubectl(cluster, service.namespace)} edit service ${shellWord(service.name)}`;
    return {
      why: `port ${port} of the nodes belongs to Service ${holder} already`,
      remedy: {
        text: 'give this Service another port, or reach it through an Ingress',
        command,
        act: { kind: 'ingress' } as const,
      },
    };
  }
  if (pod === undefined) {
    const { nodePort = 0 } = service.ports.find(one => one.port === port) ?? {};
    const instead = nodePort > 0 ? `; its NodePort ${nodePort} goes without` : '';
    return {
      why: 'no svclb pod holds its ports on the nodes',
      remedy: {
        text: `see whether k3s' service load balancer is on (--disable servicelb turns it off)${instead}`,
        command: commandLine`kubectl --context ${contextName(cluster.name)} get daemonsets -A -l svccontroller.k3s.cattle.io/nodeselector`,
      },
    };
  }
  const command = `${kubectl(cluster, pod.namespace)} describe pod ${shellWord(pod.name)}`;
  return { why: `${pod.name}: ${pod.problem || 'is not ready'}`, remedy: { text: 'look at the pod', command } };
}

/** The Service whose svclb pods have that port of the nodes. */
function holderOf({ wanting, balancers }: Index, except: Service, port: number): string | undefined {
  const holder = wanting
    .get(port)
    ?.find(service => service !== except && balancers.get(refOf(service))?.some(pod => pod.ready));
  return holder && refOf(holder);
}
