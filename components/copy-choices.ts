import { commandLine, shellWord } from '../src/config/command-line.ts';
import type { Finding } from '../src/engine/doctor/finding.ts';
import type { ImageRow } from '../src/engine/image/matrix.ts';
import type { Leftover } from '../src/engine/leftovers/leftover.ts';
import type { Cluster, Node } from '../src/engine/model.ts';
import { contextName } from '../src/engine/names.ts';
import { equivalentFilters } from '../src/engine/ports/filters.ts';
import type { TagRow } from '../src/engine/registry/browse.ts';
import type { Registry } from '../src/engine/registry/model.ts';
import { hostsLine, referencesOf } from '../src/engine/registry/references.ts';
import type { Controller } from './controller.ts';
import type { MenuItem } from './dialogs/menu.tsx';
import { curlOf, exposeLine, remedyOf } from './expose-actions.ts';
import type { ExposeLine } from './expose-work.ts';
import { portLines } from './port-lines.ts';
import { apiUrl } from './screens/clusters-list.ts';
import type { CommandRow } from './screens/commands-list.ts';
import type { PortLine } from './screens/ports-list.ts';
import { portFlag, portSpec, portUrl } from './screens/ports-urls.ts';
import type { Place } from './state/navigation.ts';

const item = (key: string, label: string, value: string): MenuItem<string> => ({ key, label, detail: value, value });

/** What can be copied where the person is; the first is what `c` takes. */
export function copyChoices(app: Controller, place: Place): MenuItem<string>[] {
  if (place.screen === 'nodes') {
    const node = app.selectedRow(place) as Node | undefined;
    return node ? ofNode(node) : [];
  }
  if (place.screen === 'node') {
    const [node] = app.nodes.chosen(place);
    return node ? ofNode(node) : [];
  }
  if (place.screen === 'commands') {
    const row = app.selectedRow(place) as CommandRow | undefined;
    return row ? [item('c', 'Command line', row.entry.command)] : [];
  }
  if (place.screen === 'doctor') {
    const finding = app.selectedRow(place) as Finding | undefined;
    if (!finding) return [];
    const seen = item('e', 'Evidence', [finding.message, ...finding.evidence].join('\n'));
    return finding.remedy ? [item('c', 'Line that puts it right', finding.remedy.command), seen] : [seen];
  }
  if (place.screen === 'registries' || place.screen === 'repositories' || place.screen === 'tags') {
    return ofRegistry(app, place);
  }
  if (place.screen === 'images') {
    const image = app.selectedRow(place) as ImageRow | undefined;
    if (!image) return [];
    return [item('n', 'Name', image.name), item('i', 'Id', image.ids[0] ?? '')];
  }
  if (place.screen === 'leftovers') {
    const leftover = app.selectedRow(place) as Leftover | undefined;
    return leftover ? [item('n', 'Name', leftover.name)] : [];
  }
  if (place.screen === 'ports') {
    const [line] = portLines(app, place);
    return line ? ofPort(app, line) : [];
  }
  const way = exposeLine(app, place);
  if (way) return ofWay(way);
  const { clusters, operation } = app.context(place);
  if (operation) {
    const evidence = operation.error?.evidence;
    const command = item('c', 'Command line', operation.command);
    return evidence === undefined ? [command] : [command, item('e', 'Folder with the evidence', evidence)];
  }
  if (clusters.length === 1) return ofCluster(clusters[0]!);
  return clusters.length === 0 ? [] : [item('n', 'Names', clusters.map(({ name }) => name).join(' '))];
}

/** The names of an image first: the one for the cluster is what is wanted most. */
function ofRegistry(app: Controller, place: Place): MenuItem<string>[] {
  const row = place.screen === 'registries' ? (app.selectedRow(place) as Registry | undefined) : undefined;
  const registry = row ?? app.registries.chosen(place)[0];
  if (!registry) return [];
  const labels = { cluster: 'Reference in the cluster', host: 'Reference on this host', name: 'Reference for both' };
  const references = referencesOf(registry, app.registries.image(place));
  const tag = place.screen === 'tags' ? (app.selectedRow(place) as TagRow | undefined) : undefined;
  return [
    ...references.map((reference, at) => item(String(at + 1), labels[reference.place], reference.text)),
    item('n', 'Name', registry.node.name),
    ...(tag?.manifest ? [item('d', 'Digest', tag.manifest.digest)] : []),
    item('h', 'Line for the hosts file', hostsLine(registry)),
    item(
      'g',
      'Command: use it',
      commandLine`k3dui cluster create --registry-use ${registry.node.name}:${registry.hostPort}`,
    ),
  ];
}

function ofCluster(cluster: Cluster): MenuItem<string>[] {
  const image = cluster.servers[0]?.image;
  return [
    item('n', 'Name', cluster.name),
    item('x', 'Context', contextName(cluster.name)),
    ...(cluster.api ? [item('u', 'API URL', apiUrl(cluster))] : []),
    ...(image ? [item('i', 'Image', image)] : []),
    ...(cluster.network ? [item('w', 'Network', cluster.network.name)] : []),
    item('g', 'Command: kubeconfig', commandLine`k3dui kubeconfig get ${cluster.name}`),
    item('t', 'Command: kubectl', commandLine`kubectl --context ${contextName(cluster.name)} get nodes`),
  ];
}

function ofWay(line: ExposeLine): MenuItem<string>[] {
  const { urls, namespace, name, host } = line.exposure;
  const curl = curlOf(line);
  const command = remedyOf(line)?.command;
  return [
    ...urls.slice(0, 3).map((url, at) => item(at === 0 ? 'u' : String(at), 'URL', url)),
    ...(curl === undefined ? [] : [item('l', 'curl', curl)]),
    ...(host === '' ? [] : [item('h', 'Host name', host)]),
    item('n', 'Name', `${namespace}/${name}`),
    ...(command === undefined ? [] : [item('m', 'What is to be done', command)]),
  ];
}

function ofPort(app: Controller, { row, cluster }: PortLine): MenuItem<string>[] {
  const host = app.ports.hostOf(row.hostIP, row.hostPort);
  const url = portUrl(row, host);
  const spellings = equivalentFilters(row, cluster).filter(one => one !== '' && one !== row.filters);
  return [
    ...(url === undefined ? [] : [item('u', 'URL', url)]),
    ...(row.hostPort === 0 ? [] : [item('a', 'Address', `${host}:${row.hostPort}`)]),
    item('f', 'Flag', `--port ${shellWord(portFlag(row))}`),
    ...spellings
      .slice(0, 6)
      .map((one, at) => item(String(at + 1), 'The same', `--port ${shellWord(`${portSpec(row)}@${one}`)}`)),
  ];
}

function ofNode(node: Node): MenuItem<string>[] {
  const ip = node.networks.find(network => network.ip !== '')?.ip;
  return [
    item('n', 'Name', node.name),
    item('d', 'Container id', node.id),
    item('i', 'Image', node.image),
    ...(ip ? [item('a', 'Address', ip)] : []),
    item('s', 'Command: shell', commandLine`docker exec -it ${node.name} sh`),
    item('l', 'Command: logs', commandLine`docker logs -f ${node.name}`),
  ];
}
