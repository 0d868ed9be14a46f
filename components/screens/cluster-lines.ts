import { commandLine } from '../../src/config/command-line.ts';
import type { Cluster, Node } from '../../src/engine/model.ts';
import { contextName } from '../../src/engine/names.ts';
import { formatAge, sanitise, stringWidth } from '../../src/text.ts';
import type { Theme } from '../theme.ts';
import { fitCell } from '../widgets/columns.ts';
import { apiUrl, clusterStatusStyle, clusterStatusText, portText } from './clusters-list.ts';
import { nodeStatusStyle, nodeStatusText } from './nodes-list.ts';
import { fact } from './text-screen.tsx';

/** Everything about a cluster that the picture holds, as lines. */
export function clusterLines(theme: Theme, cluster: Cluster, inUse: boolean, now: number): string[] {
  const heading = (text: string): string[] => ['', theme.paint('title', text)];
  const faults = cluster.faults.map(fault => theme.paint('bad', `✗ ${sanitise(fault)}`));
  const ports = [...new Set(cluster.ports.map(portText))];
  return [
    fact(theme, 'Status', theme.paint(clusterStatusStyle(cluster.status), clusterStatusText(cluster.status))),
    ...(faults.length > 0
      ? [fact(theme, 'Faults', faults[0]!), ...faults.slice(1).map(text => fact(theme, '', text))]
      : []),
    fact(theme, 'k3s', sanitise(cluster.k3sVersion || '-')),
    fact(theme, 'Image', sanitise(cluster.servers[0]?.image ?? '-')),
    fact(theme, 'Age', formatAge(now / 1000 - cluster.created)),
    fact(theme, 'Made by', cluster.madeBy === '' ? '-' : sanitise(cluster.madeBy)),
    fact(theme, 'Token', cluster.token === '' ? 'none' : 'set, hidden'),
    ...heading('Kubernetes API'),
    fact(theme, 'Address', cluster.api ? sanitise(apiUrl(cluster)) : 'not published'),
    fact(theme, 'Context', `${sanitise(contextName(cluster.name))}${inUse ? theme.paint('accent', '  ✓ in use') : ''}`),
    ...heading('Nodes'),
    ...nodeLines(theme, cluster),
    ...heading('Network'),
    ...networkLines(theme, cluster),
    fact(theme, 'Ports', ports.length === 0 ? 'none but the API' : sanitise(ports[0]!)),
    ...ports.slice(1).map(port => fact(theme, '', sanitise(port))),
    ...heading('Volumes'),
    ...volumeLines(theme, cluster),
    ...heading('The same from the command line'),
    ...equalCommands(cluster).map(command => theme.paint('dim', sanitise(command))),
  ];
}

function nodeLines(theme: Theme, cluster: Cluster): string[] {
  const nodes: Node[] = [
    ...cluster.servers,
    ...cluster.agents,
    ...(cluster.loadBalancer ? [cluster.loadBalancer] : []),
    ...cluster.registries,
    ...cluster.others,
  ];
  if (nodes.length === 0) return ['none'];
  const width = Math.max(...nodes.map(node => stringWidth(sanitise(node.name))));
  const lines = nodes.map(node => {
    const status = theme.paint(nodeStatusStyle(node), fitCell(nodeStatusText(node), 13));
    const ip = fitCell(sanitise(node.networks[0]?.ip || '-'), 15);
    const fault = node.fault ? theme.paint('bad', sanitise(node.fault)) : theme.paint('dim', sanitise(node.status));
    return `${fitCell(sanitise(node.name), width)}  ${fitCell(node.role, 13)} ${status} ${ip} ${fault}`;
  });
  return cluster.loadBalancer ? lines : [...lines, theme.paint('dim', 'no load balancer')];
}

function networkLines(theme: Theme, { network }: Cluster): string[] {
  if (!network) return [fact(theme, 'Name', 'unknown')];
  const owner = network.external ? 'not the cluster’s own: stays when the cluster is deleted' : "the cluster's own";
  return [
    fact(theme, 'Name', `${sanitise(network.name)}  ${theme.paint('dim', owner)}`),
    fact(theme, 'Subnet', sanitise(network.subnet || '-')),
  ];
}

function volumeLines(theme: Theme, cluster: Cluster): string[] {
  const others = cluster.volumes.filter(volume => volume !== cluster.imageVolume);
  return [
    fact(theme, 'Images', sanitise(cluster.imageVolume || 'none')),
    ...others.map((volume, index) => fact(theme, index === 0 ? 'Others' : '', sanitise(volume))),
  ];
}

/** Command lines that do what the keys of this screen do. */
function equalCommands({ name, status }: Cluster): string[] {
  return [
    commandLine`k3dui cluster list ${name} --output yaml`,
    commandLine`k3dui cluster ${status === 'running' ? 'stop' : 'start'} ${name}`,
    commandLine`k3dui kubeconfig merge ${name} --kubeconfig-merge-default --kubeconfig-switch-context`,
    commandLine`k3dui cluster delete ${name}`,
  ];
}
