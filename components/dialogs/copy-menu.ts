import type { Cluster, Node } from '../../src/engine/model.ts';
import type { MenuItem } from './menu.tsx';

/** What Shift-C offers to copy of a cluster; the value is what goes to the clipboard. */
export function copyItemsOfCluster(cluster: Cluster): MenuItem<string>[] {
  const node = cluster.servers[0];
  const api = cluster.api;
  const host = api && (api.host === '0.0.0.0' || api.host === '' ? '127.0.0.1' : api.host);
  return present([
    ['n', 'Name', cluster.name],
    ['x', 'Context', `k3d-${cluster.name}`],
    ['u', 'API URL', api && api.port > 0 ? `https://${host}:${api.port}` : ''],
    ['i', 'Image', node?.image],
    ['w', 'Network', cluster.network?.name],
    ['g', 'Command: kubeconfig', `k3dui kubeconfig get ${cluster.name}`],
    ['k', 'Command: kubectl', `kubectl --context k3d-${cluster.name} get nodes`],
  ]);
}

/** The same of a node. */
export function copyItemsOfNode(node: Node): MenuItem<string>[] {
  return present([
    ['n', 'Name', node.name],
    ['d', 'Container id', node.id],
    ['i', 'Image', node.image],
    ['a', 'Address', node.networks.find(network => network.ip)?.ip],
    ['s', 'Command: shell', `docker exec -it ${node.name} sh`],
    ['l', 'Command: logs', `docker logs -f ${node.name}`],
  ]);
}

function present(rows: [key: string, label: string, value: string | undefined][]): MenuItem<string>[] {
  return rows.flatMap(([key, label, value]) => (value ? [{ key, label, detail: value, value }] : []));
}
