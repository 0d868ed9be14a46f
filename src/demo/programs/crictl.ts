import { digest } from '../ids.ts';
import { splitReference } from '../images.ts';
import type { ExecIo } from '../types.ts';
import type { K3s } from './k3s.ts';
import { containersOf, fetched, type NodeImage, namesOf, nodeImages, podsHere } from './node-images.ts';

/** What crictl answers in a node. */
export async function crictl(node: K3s, args: string[], io: ExecIo): Promise<number> {
  const [verb = '', ...words] = args.filter(
    (arg, i) => !arg.startsWith('-') && !['-o', '--output'].includes(args[i - 1] ?? ''),
  );
  const json = /-o\s*=?json|--output[= ]json/.test(args.join(' '));
  const print = (value: object, lines: string[]): number => {
    io.out(json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
    return 0;
  };
  switch (verb) {
    case 'images':
    case 'image':
      return print({ images: imageShapes(nodeImages(node)) }, imageLines(nodeImages(node)));
    case 'ps':
      return print({ containers: containerShapes(node) }, ['CONTAINER       NAME', ...lines(containerShapes(node))]);
    case 'pods':
      return print({ items: podShapes(node) }, ['POD ID          NAME', ...lines(podShapes(node))]);
    case 'inspectp':
      return print({ status: { linux: { namespaces: { options: { network: 'POD' } } } }, info: { pid: 4711 } }, []);
    case 'inspecti':
      return inspect(node, words, io);
    case 'rmi':
      return remove(node, words, io);
    case 'pull':
      return pull(node, words[0] ?? '', io);
    default:
      return print({ status: { conditions: [{ type: 'RuntimeReady', status: true }] } }, [
        'Version:  0.1.0',
        'RuntimeName:  containerd',
        'RuntimeVersion:  v2.1.4-k3s1',
        'RuntimeApiVersion:  v1',
      ]);
  }
}

/** Each image once, with all its names. */
function imageShapes(images: Map<string, NodeImage>): object[] {
  const ids = [...new Set([...images.values()].map(({ id }) => id))];
  const shapes = ids.map(id => {
    const repoTags = [...images].flatMap(([name, image]) => (image.id === id ? [name] : [])).sort();
    const { size } = [...images.values()].find(image => image.id === id)!;
    const repoDigests = [...images].flatMap(([name, image]) =>
      image.id === id && image.pulled ? [`${name.replace(/:[^:/]*$/, '')}@${digest(`manifest ${name}`)}`] : [],
    );
    return { id, repoTags, repoDigests, size: String(size), uid: null, username: '', spec: null, pinned: false };
  });
  return shapes.sort((a, b) => (a.repoTags[0]! < b.repoTags[0]! ? -1 : 1));
}

function imageLines(images: Map<string, NodeImage>): string[] {
  const rows = [...images].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    'IMAGE                                              TAG       IMAGE ID        SIZE',
    ...rows.map(
      ([name, { id, size }]) =>
        `${name.replace(/:[^:]*$/, '').padEnd(50)} ${name.split(':').at(-1)!.padEnd(9)} ${id.slice(7, 20)}   ${(size / 1e6).toFixed(1)}MB`,
    ),
  ];
}

interface Shape {
  id: string;
  metadata: { name: string; [more: string]: unknown };
  [more: string]: unknown;
}

const lines = (shapes: Shape[]): string[] => shapes.map(shape => `${shape.id.slice(0, 13)}   ${shape.metadata.name}`);

function podShapes(node: K3s): Shape[] {
  return podsHere(node).map(({ metadata: { name, namespace, uid, creationTimestamp = '' } }) => ({
    id: digest(`${uid}`).slice(7),
    metadata: { name, uid, namespace, attempt: 0 },
    state: 'SANDBOX_READY',
    createdAt: String(Date.parse(creationTimestamp) * 1e6),
    labels: podLabels(name, namespace, uid),
    annotations: {},
  }));
}

function containerShapes(node: K3s): Shape[] {
  const images = nodeImages(node);
  return podsHere(node).flatMap(pod => {
    const { name, namespace, uid, creationTimestamp = '' } = pod.metadata;
    return containersOf(pod).map(({ name: container, image }) => {
      const { id = '' } = images.get(splitReference(image).full) ?? {};
      return {
        id: digest(`${uid}${container}`).slice(7),
        podSandboxId: digest(`${uid}`).slice(7),
        metadata: { name: container, attempt: 0 },
        image: { image: id, annotations: {} },
        imageRef: id,
        state: 'CONTAINER_RUNNING',
        createdAt: String(Date.parse(creationTimestamp) * 1e6),
        labels: { 'io.kubernetes.container.name': container, ...podLabels(name, namespace, uid) },
        annotations: {},
      };
    });
  });
}

const podLabels = (name: string, namespace: string | undefined, uid: string | undefined) => ({
  'io.kubernetes.pod.name': name,
  'io.kubernetes.pod.namespace': namespace,
  'io.kubernetes.pod.uid': uid,
});

/** One document after the other. */
function inspect(node: K3s, references: string[], io: ExecIo): number {
  const images = nodeImages(node);
  for (const reference of references) {
    const [name] = namesOf(images, reference);
    const image = name === undefined ? undefined : images.get(name);
    if (!image) {
      io.err(`FATA[0000] no such image "${reference}" present\n`);
      return 1;
    }
    const created = new Date(image.created).toISOString();
    const imageSpec = { created, architecture: 'amd64', os: 'linux', ...builtOf(image.id, created) };
    io.out(`${JSON.stringify({ status: { id: image.id, repoTags: [name] }, info: { imageSpec } }, null, 2)}\n`);
  }
  return 0;
}

/** How an image may have been built. */
function builtOf(id: string, created: string): object {
  const [base, own] = [digest('base'), digest(`layer ${id}`)];
  const step = (by: string) => ({ created, created_by: by });
  const setting = (by: string) => ({ ...step(`/bin/sh -c #(nop)  ${by}`), empty_layer: true });
  return {
    rootfs: { type: 'layers', diff_ids: [base, own] },
    history: [
      step(`/bin/sh -c #(nop) ADD file:${base.slice(7)} in / `),
      setting('WORKDIR /app'),
      step('COPY . /app # buildkit'),
      setting('CMD ["/app/run"]'),
    ],
  };
}

function remove(node: K3s, references: string[], io: ExecIo): number {
  const images = nodeImages(node);
  let code = 0;
  for (const reference of references) {
    const names = namesOf(images, reference);
    for (const name of names) {
      images.delete(name);
      io.out(`Deleted: ${name}\n`);
    }
    if (names.length > 0) continue;
    io.err(`ERRO[0000] no such image ${reference}\n`);
    code = 1;
  }
  return code;
}

async function pull(node: K3s, reference: string, io: ExecIo): Promise<number> {
  const { full } = splitReference(reference);
  await node.world.clock.sleep(600);
  if (!node.world.pullable(reference)) {
    io.err(
      `FATA[0000] pulling image: rpc error: code = NotFound desc = failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${full}: not found\n`,
    );
    return 1;
  }
  const image = fetched(node, full);
  nodeImages(node).set(full, { ...image, pulled: true });
  io.out(`Image is up to date for ${image.id}\n`);
  return 0;
}
