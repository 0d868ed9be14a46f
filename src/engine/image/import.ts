import { commandLine } from '../../config/command-line.ts';
import { isLatest, withTag } from '../../config/image.ts';
import { K3duiError } from '../../errors.ts';
import { formatBytes } from '../../text.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { concluded } from './conclude.ts';
import type { DockerImage, ImageFacts } from './facts.ts';
import { familiarName, fullName } from './names.ts';
import type { ImageSource } from './source.ts';
import type { TransferRequest } from './transfer.ts';

export interface ImportRequest {
  /** Names of clusters. */
  clusters: string[];
  /** Names of images in Docker. */
  images: string[];
  /** Paths of archives. */
  files: string[];
  /** Also what comes through standard input. */
  stdin: boolean;
  /** Images called `:latest` get this tag in the nodes instead. */
  retag?: string;
  /** At once, instead of when a container first needs them. */
  unpack?: boolean;
}

/** Hours that an import may take: a slow link and a large image. */
const TIMEOUT = 4 * 3600;

/**
 * The import of images into all running nodes of clusters. What a node holds already under that name is left out; where it
 * has the image under another name it only gets the new one. Throws CLUSTER_NOT_RUNNING.
 */
export function planImport(request: ImportRequest, facts: ImageFacts): Plan {
  const nodes = facts.nodes.filter(node => node.running);
  if (nodes.length === 0) throw notRunning(request.clusters);
  const rename = new Map(
    facts.images.map(({ name }) => [
      fullName(name),
      fullName(request.retag !== undefined && isLatest(name) ? withTag(name, request.retag) : name),
    ]),
  );
  const steps = [
    ...tagSteps(facts, nodes, rename),
    ...dockerSteps(request, facts, nodes, rename),
    ...archiveSteps(request, facts, nodes),
  ];
  return {
    title: `import ${describe(request)} into ${request.clusters.join(', ')}`,
    command: commandOf(request),
    cluster: request.clusters.length === 1 ? request.clusters[0] : undefined,
    steps: concluded(steps, nodes.length),
    warnings: [
      ...facts.nodes
        .filter(node => !node.running)
        .map(({ node }) => `${node} is stopped and gets nothing: start it and import again`),
      ...(request.retag === undefined ? latestOf(facts).map(latestWarning) : []),
    ],
    onFailure: 'keep',
    timeoutSeconds: TIMEOUT,
    secrets: [],
  };
}

/** Whether a node has the image under the name it is to have, and whether it has it at all. */
function standing(
  image: DockerImage,
  node: ImageFacts['nodes'][number],
  rename: Map<string, string>,
): { named: boolean; held: string | undefined } {
  const held = node.images.find(({ id }) => id === image.id);
  const named = held?.names.includes(rename.get(fullName(image.name))!) ?? false;
  return { named, held: held && (held.names[0] ?? held.id) };
}

function tagSteps(facts: ImageFacts, nodes: ImageFacts['nodes'], rename: Map<string, string>): PlannedStep[] {
  return nodes.flatMap(node =>
    facts.images.flatMap((image): PlannedStep[] => {
      const { named, held } = standing(image, node, rename);
      if (named || held === undefined) return [];
      const to = rename.get(fullName(image.name))!;
      return [
        {
          id: `tag ${to} ${node.node}`,
          title: `name ${familiarName(held)} ${familiarName(to)} too`,
          subject: node.node,
          after: [],
          action: { kind: 'node-image.tag', node: node.node, from: held, to },
          optional: true,
        },
      ];
    }),
  );
}

/** All images that some node lacks, in one stream. */
function dockerSteps(
  { unpack }: ImportRequest,
  facts: ImageFacts,
  nodes: ImageFacts['nodes'],
  rename: Map<string, string>,
): PlannedStep[] {
  const lacks = (node: ImageFacts['nodes'][number], image: DockerImage) =>
    standing(image, node, rename).held === undefined;
  const images = facts.images.filter(image => nodes.some(node => lacks(node, image)));
  if (images.length === 0) return [];
  const targets = nodes.filter(node => images.some(image => lacks(node, image)));
  const changed = [...rename].filter(([from, to]) => from !== to);
  const size = images.reduce((sum, image) => sum + image.size, 0);
  return transferSteps({ from: 'docker', images: images.map(({ name }) => name) }, targets, [], {
    id: 'docker',
    bytes: size,
    title: `read ${images.length === 1 ? images[0]!.name : `${images.length} images`} from Docker (${formatBytes(size)})`,
    rename: Object.fromEntries(changed),
    layers: images.map(({ layers }) => layers),
    unpack,
  });
}

/** Archives one after the other: a broken one does not harm those before. */
function archiveSteps(request: ImportRequest, facts: ImageFacts, nodes: ImageFacts['nodes']): PlannedStep[] {
  const archives: { source: ImageSource; bytes?: number; title: string; names?: string[] }[] = [
    ...facts.files.map(({ path, size, names }) => ({
      source: { from: 'file', path } as const,
      bytes: size,
      title: `read ${path} (${[formatBytes(size), ...inIt(names)].join(': ')})`,
      names,
    })),
    ...(request.stdin ? [{ source: { from: 'stdin' } as const, title: 'read standard input' }] : []),
  ];
  let before: string[] = [];
  const { retag, unpack } = request;
  return archives.flatMap(({ source, bytes, title, names }, i) => {
    const unread = names === undefined;
    const about = { id: `archive ${i + 1}`, bytes, title, unread, rename: {}, retag, layers: [], unpack };
    const steps = transferSteps(source, nodes, before, about);
    before = steps.map(step => step.id);
    return steps;
  });
}

/** What to say of the names in an archive: not too many. */
function inIt(names: string[] = []): string[] {
  const few = names.slice(0, 3).map(familiarName).join(', ');
  return names.length === 0 ? [] : [names.length > 3 ? `${few} and ${names.length - 3} more` : few];
}

function transferSteps(
  source: ImageSource,
  nodes: ImageFacts['nodes'],
  after: string[],
  about: Omit<TransferRequest, 'source' | 'nodes'> & { id: string; bytes?: number; title: string; unread?: boolean },
): PlannedStep[] {
  const { id, bytes, title, unread = false, ...how } = about;
  const names = nodes.map(({ node }) => node);
  return [
    {
      id: `send ${id}`,
      title: names.length > 1 ? `${title}, once for ${names.length} nodes` : title,
      after,
      action: { kind: 'node-image.send', transfer: id, request: { source, nodes: names, ...how }, unread },
    },
    ...names.map(
      (node): PlannedStep => ({
        id: `receive ${id} ${node}`,
        title: 'import',
        subject: node,
        after,
        action: { kind: 'node-image.receive', transfer: id, node, bytes },
        optional: true,
      }),
    ),
  ];
}

/** Names of images that are called `:latest`, as far as they are known before the archives are read. */
const latestOf = ({ images, files }: ImageFacts): string[] => [
  ...images.map(({ name }) => name).filter(isLatest),
  ...files.flatMap(({ names = [] }) => names.filter(isLatest).map(familiarName)),
];

/** What to tell whoever imports such an image. */
export const latestWarning = (name: string): string =>
  `${name}: Kubernetes asks the registry for :latest whenever a pod starts (imagePullPolicy is Always then) and so will ` +
  'not use what is imported; give it a tag of its own (--retag dev), or set imagePullPolicy: IfNotPresent';

function describe({ images, files, stdin }: ImportRequest): string {
  const count = images.length + files.length + (stdin ? 1 : 0);
  if (count > 1) return `${count} ${files.length + (stdin ? 1 : 0) === 0 ? 'images' : 'images and archives'}`;
  return images[0] ?? files[0] ?? 'standard input';
}

function commandOf({ clusters, images, files, stdin, retag, unpack }: ImportRequest): string {
  const words = [...images, ...files, ...(stdin ? ['-'] : []), ...clusters.flatMap(name => ['-c', name])];
  const flags = [...(retag === undefined ? [] : ['--retag', retag]), ...(unpack ? ['--unpack'] : [])];
  return commandLine`k3dui image import ${words} ${flags}`;
}

const notRunning = (clusters: string[]): K3duiError =>
  new K3duiError({
    code: 'CLUSTER_NOT_RUNNING',
    message: `no node of ${clusters.join(', ')} runs, and images are kept in the nodes`,
    hint: `start it first: k3dui cluster start ${clusters.join(' ')}`,
  });
