import type { NodeRef } from '../../config/node-filters.ts';
import type { ContainerInspect, ImageInspect } from '../../docker/types.ts';
import type { Cluster } from '../model.ts';
import { API_PORT, loadBalancerName, nodeName } from '../names.ts';

/**
 * What somebody asked for of all that a container holds: without what its image brought and what k3d and k3dui add
 * themselves (engine/node/container.ts; k3d pkg/client/node.go, pkg/runtimes/docker/translate.go).
 */

/** Mounts that show a node the memory it has. k3d pkg/util/infofaker.go. */
const MEMORY_MOUNTS = ['/proc/meminfo', '/sys/devices/system/edac'];
/** Labels by which clusters are recognised, and those that Docker Desktop adds to whatever mounts a folder. */
const OWN_LABELS = /^(app$|k3d\.|k3s\.|k3dui\.|desktop\.docker\.io\/)/;

export function askedVolumes({ HostConfig }: ContainerInspect, cluster: Cluster): string[] {
  return (HostConfig.Binds ?? []).filter(
    bind => bind !== `${cluster.imageVolume}:/k3d/images` && !MEMORY_MOUNTS.some(mount => bind.split(':')[1] === mount),
  );
}

export function askedEnvironment(
  { Config }: ContainerInspect,
  image: ImageInspect | undefined,
  cluster: Cluster,
): string[] {
  const fromImage = new Set(image?.Config?.Env ?? []);
  const nodes = [...cluster.servers, ...(cluster.loadBalancer ? [cluster.loadBalancer] : [])].map(node => node.name);
  const urls = new Set(
    [...nodes, nodeName(cluster.name, 'server', 0), loadBalancerName(cluster.name)].map(
      name => `https://${name}:${API_PORT}`,
    ),
  );
  return (Config.Env ?? []).filter(variable => {
    const [name = '', ...value] = variable.split('=');
    if (name === 'K3S_TOKEN' || name === 'K3S_KUBECONFIG_OUTPUT') return false;
    if (name === 'K3S_URL' && urls.has(value.join('='))) return false;
    return !fromImage.has(variable);
  });
}

/** `KEY=VALUE`, or `KEY` where the value is empty. */
export function askedLabels({ Config }: ContainerInspect, image: ImageInspect | undefined): string[] {
  const fromImage = image?.Config?.Labels ?? {};
  return Object.entries(Config.Labels ?? {})
    .filter(([key, value]) => !OWN_LABELS.test(key) && fromImage[key] !== value)
    .map(([key, value]) => labelText(key, value));
}

/**
 * k3s' arguments, with the node labels, which k3d writes as two words, apart. A filter like `all` leaves them at the load
 * balancer too, where they mean nothing.
 */
export function askedArguments(
  { Config }: ContainerInspect,
  image: ImageInspect | undefined,
  cluster: Cluster,
  ref: NodeRef,
  reachable: string,
): { args: string[]; nodeLabels: string[] } {
  const command = Config.Cmd ?? [];
  const fromImage = command.join('\0') === (image?.Config?.Cmd ?? []).join('\0');
  const words = ref.role !== 'loadbalancer' ? command.slice(1) : fromImage ? [] : command;
  const names = new Set([cluster.api?.host, reachable, loadBalancerName(cluster.name)]);
  // Of several servers; the only one that is left of them needs it to be what it is.
  const init = cluster.servers.length > 1 && cluster.servers.find(node => node.name === ref.name)?.init === true;
  const args: string[] = [];
  const nodeLabels: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const next = words[i + 1];
    if (word === '--tls-san' && next !== undefined && names.has(next)) i++;
    else if (word === '--node-label' && next !== undefined) {
      const equals = next.indexOf('=');
      nodeLabels.push(equals < 0 ? next : labelText(next.slice(0, equals), next.slice(equals + 1)));
      i++;
    } else if (!(word === '--cluster-init' && init)) args.push(word);
  }
  return { args, nodeLabels };
}

function labelText(key: string, value: string): string {
  return value === '' ? key : `${key}=${value}`;
}
