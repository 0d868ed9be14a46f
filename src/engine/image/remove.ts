import { commandLine } from '../../config/command-line.ts';
import { K3duiError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { sanitise } from '../../text.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { concluded } from './conclude.ts';
import type { NodeImage } from './crictl.ts';
import { familiarName, fullName, shortId } from './names.ts';
import { NOT_RUNNING, type NodeImages } from './node-images.ts';

export interface RemoveRequest {
  /** Names, or beginnings of ids. */
  images: string[];
  /** How the command says where: `-c demo`, `--node k3d-demo-agent-0`. */
  where: string[];
}

/**
 * Takes images out of nodes. Of an image with several names only the one given goes, until it is the last. Throws
 * IMAGE_UNKNOWN when no node holds one of them, and what kept a running node from saying what it holds.
 */
export function planImageRemove(request: RemoveRequest, nodes: readonly NodeImages[]): Plan {
  const silent = nodes.find(({ fault }) => fault !== undefined && fault !== NOT_RUNNING);
  if (silent) throw notTold(silent);
  const wanted = request.images.map(reference => ({ reference, holders: holdersOf(reference, nodes) }));
  const unknown = wanted.find(({ holders }) => holders.length === 0);
  if (unknown) throw notHeld(unknown.reference, nodes);
  const steps = wanted.flatMap(({ reference, holders }) => holders.map(holder => removeStep(reference, holder)));
  const unique = steps.filter((step, i) => steps.findIndex(other => other.id === step.id) === i);
  const where = [...new Set(wanted.flatMap(({ holders }) => holders.map(({ node }) => node.node)))];
  const clusters = [...new Set(wanted.flatMap(({ holders }) => holders.map(({ node }) => node.cluster)))];
  return {
    title: `remove ${request.images.length === 1 ? request.images[0] : `${request.images.length} images`} from ${where.length === 1 ? where[0] : `${where.length} nodes`}`,
    command: commandLine`k3dui image remove ${[...request.images, ...request.where]}`,
    cluster: clusters.length === 1 ? clusters[0] : undefined,
    steps: concluded(unique, where.length),
    warnings: wanted.flatMap(({ reference, holders }) => holders.flatMap(holder => inUse(reference, holder))),
    onFailure: 'keep',
    timeoutSeconds: 300,
    secrets: [],
  };
}

/** To pass it over would look as if it held nothing. */
const notTold = ({ node, fault }: NodeImages): K3duiError =>
  new K3duiError({
    code: 'NODE_SILENT',
    message: `${node} does not say what it holds: ${fault}`,
    hint: 'try again; or name the nodes to remove from with --node',
  });

interface Holder {
  node: NodeImages;
  image: NodeImage;
}

function holdersOf(reference: string, nodes: readonly NodeImages[]): Holder[] {
  const full = fullName(reference);
  const id = reference.replace(/^sha256:/, '');
  const isId = /^[0-9a-f]{6,64}$/.test(id);
  return nodes.flatMap(node => {
    const image =
      node.images.find(({ names, digests }) => names.includes(full) || digests.includes(full)) ??
      (isId ? node.images.find(image => image.id.startsWith(`sha256:${id}`)) : undefined);
    return image ? [{ node, image }] : [];
  });
}

function removeStep(reference: string, { node, image }: Holder): PlannedStep {
  const full = fullName(reference);
  const others = image.names.filter(name => name !== full);
  const called = familiarName(image.names[0] ?? shortId(image.id));
  const onlyName = image.names.includes(full) && others.length > 0;
  return {
    id: `remove ${onlyName ? full : image.id} ${node.node}`,
    title: onlyName
      ? `remove the name ${familiarName(full)} (${others.map(familiarName).join(', ')} stays)`
      : `remove ${called}`,
    subject: node.node,
    after: [],
    action: { kind: 'node-image.remove', node: node.node, image: image.id, called, ...(onlyName && { name: full }) },
    optional: true,
  };
}

/** Pods that run from it go on, but cannot be started again there without getting it anew. */
function inUse(reference: string, { node, image }: Holder): string[] {
  const pods = podsOf(node, image);
  if (pods.length === 0) return [];
  return [
    `${reference} is used on ${node.node} by ${pods.join(', ')}: they go on, but need it again when they restart`,
  ];
}

/** The pods whose containers come from an image: `namespace/name`. */
export function podsOf(node: NodeImages, image: NodeImage): string[] {
  const refs = new Set([image.id, ...image.names, ...image.digests]);
  const used = node.containers.filter(container => refs.has(container.imageRef));
  return [...new Set(used.map(({ namespace, pod }) => `${namespace}/${pod}`))];
}

export function notHeld(reference: string, nodes: readonly NodeImages[]): K3duiError {
  const silent = nodes.filter(node => node.fault !== undefined);
  const names = nodes.flatMap(node => node.images.flatMap(image => image.names)).map(familiarName);
  const near = nearest(familiarName(reference), [...new Set(names)]);
  const unheard =
    silent.length > 0 ? ` (not asked: ${silent.map(({ node, fault }) => `${node} ${fault}`).join(', ')})` : '';
  return new K3duiError({
    code: 'IMAGE_UNKNOWN',
    message: `no node holds an image '${sanitise(reference)}'${unheard}`,
    hint: near ? `did you mean '${sanitise(near)}'?` : 'see them all: k3dui image list',
  });
}
