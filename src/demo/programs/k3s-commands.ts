import { readTar } from '../api/archive.ts';
import { digest } from '../ids.ts';
import { splitReference } from '../images.ts';
import type { ExecIo } from '../types.ts';
import { readAll } from './commands.ts';
import type { K3s } from './k3s.ts';
import { clusterOf } from './k3s.ts';
import { kubectl } from './kubectl.ts';
import type { KubeObject } from './kubernetes-objects.ts';

/** What a k3s node's own programs answer: k3s, crictl, ctr, kubectl. undefined for everything else. */
export function k3sCommand(node: K3s, argv: string[], io: ExecIo): Promise<number> | undefined {
  const [path = '', ...args] = argv;
  const name = path.replace(/^.*\//, '');
  if (name === 'k3s') {
    if (['kubectl', 'crictl', 'ctr'].includes(args[0] ?? '')) return k3sCommand(node, args, io);
    io.out(`k3s version ${node.version} (demo)\ngo version go1.24.6\n`);
    return Promise.resolve(0);
  }
  if (name === 'crictl') return crictl(node, args, io);
  if (name === 'ctr') return ctr(node, args, io);
  if (name === 'kubectl') return kubectl(node, args, io);
  return undefined;
}

/** Image names in the node's containerd, kept in the container's memory. */
function images(node: K3s): Set<string> {
  const known = node.container.memory.get('images') as Set<string> | undefined;
  const fresh =
    known ??
    new Set([
      'docker.io/rancher/mirrored-pause:3.6',
      'docker.io/rancher/mirrored-coredns-coredns:1.12.3',
      'docker.io/rancher/klipper-lb:v0.4.13',
    ]);
  node.container.memory.set('images', fresh);
  for (const pod of podsHere(node)) for (const { image } of containersOf(pod)) fresh.add(splitReference(image).full);
  return fresh;
}

const podsHere = (node: K3s): KubeObject[] =>
  (clusterOf(node.container)?.store.list('pods') ?? []).filter(
    pod => (pod.spec as { nodeName?: string }).nodeName === node.nodeName,
  );

const containersOf = (pod: KubeObject) => (pod.spec as { containers: { name: string; image: string }[] }).containers;

const size = (name: string) => 1_000_000 + (Number.parseInt(digest(name).slice(7, 13), 16) % 90_000_000);

async function crictl(node: K3s, args: string[], io: ExecIo): Promise<number> {
  const [verb = ''] = args.filter(arg => !arg.startsWith('-'));
  const json = /-o\s*=?json|--output[= ]json/.test(args.join(' '));
  const print = (value: object, lines: string[]) =>
    io.out(json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
  if (verb === 'images' || verb === 'image') {
    const list = [...images(node)].sort();
    const shapes = list.map(name => ({
      id: digest(name),
      repoTags: [name],
      repoDigests: [],
      size: String(size(name)),
      uid: null,
      username: '',
      spec: null,
    }));
    print({ images: shapes }, [
      'IMAGE                                              TAG       IMAGE ID        SIZE',
      ...list.map(
        name =>
          `${name.replace(/:[^:]*$/, '').padEnd(50)} ${name.split(':').at(-1)!.padEnd(9)} ${digest(name).slice(7, 20)}   ${(size(name) / 1e6).toFixed(1)}MB`,
      ),
    ]);
    return 0;
  }
  if (verb === 'ps' || verb === 'pods') {
    const found = podsHere(node);
    const shapes = found.flatMap(
      (pod): { id: string; metadata: { name: string; [more: string]: unknown }; [more: string]: unknown }[] => {
        const { name, namespace, uid } = pod.metadata;
        const created = String(Date.parse(pod.metadata.creationTimestamp ?? '') * 1e6);
        const labels = {
          'io.kubernetes.pod.name': name,
          'io.kubernetes.pod.namespace': namespace,
          'io.kubernetes.pod.uid': uid,
        };
        if (verb === 'pods')
          return [
            {
              id: digest(`${uid}`).slice(7),
              metadata: { name, uid, namespace, attempt: 0 },
              state: 'SANDBOX_READY',
              createdAt: created,
              labels,
              annotations: {},
            },
          ];
        return containersOf(pod).map(({ name: container, image }) => ({
          id: digest(`${uid}${container}`).slice(7),
          podSandboxId: digest(`${uid}`).slice(7),
          metadata: { name: container, attempt: 0 },
          image: { image: digest(splitReference(image).full), annotations: {} },
          imageRef: digest(splitReference(image).full),
          state: 'CONTAINER_RUNNING',
          createdAt: created,
          labels: { 'io.kubernetes.container.name': container, ...labels },
          annotations: {},
        }));
      },
    );
    print({ [verb === 'ps' ? 'containers' : 'items']: shapes }, [
      verb === 'ps' ? 'CONTAINER       NAME' : 'POD ID          NAME',
      ...shapes.map(shape => `${shape.id.slice(0, 13)}   ${shape.metadata.name}`),
    ]);
    return 0;
  }
  if (verb === 'inspectp') {
    const pid = 100 + (Number.parseInt(args.at(-1)?.slice(0, 6) ?? '0', 16) % 30_000);
    print({ status: { linux: { namespaces: { options: { network: 'POD' } } } }, info: { pid } }, []);
    return 0;
  }
  if (verb === 'rmi') {
    for (const name of args.slice(1)) images(node).delete(splitReference(name).full);
    return 0;
  }
  print({ status: { conditions: [{ type: 'RuntimeReady', status: true }] } }, [
    'Version:  0.1.0',
    'RuntimeName:  containerd',
    'RuntimeVersion:  v2.1.4-k3s1',
    'RuntimeApiVersion:  v1',
  ]);
  return 0;
}

async function ctr(node: K3s, args: string[], io: ExecIo): Promise<number> {
  const plain = args.filter(
    (arg, i) =>
      (!arg.startsWith('-') || arg === '-') && !['-n', '--namespace', '-a', '--address'].includes(args[i - 1] ?? ''),
  );
  const [noun = '', verb = '', target = ''] = plain;
  if (noun === 'version') {
    io.out('Client:\n  Version:  v2.1.4-k3s1\n\nServer:\n  Version:  v2.1.4-k3s1\n');
    return 0;
  }
  if (!['i', 'image', 'images'].includes(noun)) return 0;
  if (verb === 'import') return importImages(node, target, io);
  if (verb === 'rm' || verb === 'remove') images(node).delete(splitReference(target).full);
  if (verb === 'ls' || verb === 'list') {
    const quiet = args.includes('-q');
    if (!quiet) io.out('REF TYPE DIGEST SIZE PLATFORMS LABELS\n');
    for (const name of [...images(node)].sort())
      io.out(
        quiet
          ? `${name}\n`
          : `${name} application/vnd.oci.image.manifest.v1+json ${digest(name)} ${(size(name) / 1e6).toFixed(1)} MiB linux/amd64 -\n`,
      );
  }
  return 0;
}

async function importImages(node: K3s, target: string, io: ExecIo): Promise<number> {
  const body = target === '-' ? await readAll(io) : node.container.files.read(target);
  if (!body) {
    io.err(`ctr: open ${target}: no such file or directory\n`);
    return 1;
  }
  let tags: string[] = [];
  try {
    const manifest = (await readTar(body)).find(entry => entry.header.name.replace(/^\.\//, '') === 'manifest.json');
    if (!manifest) throw new Error('no manifest');
    tags = (JSON.parse(manifest.content.toString('utf8')) as { RepoTags: string[] | null }[]).flatMap(
      image => image.RepoTags ?? [],
    );
  } catch {
    io.err('ctr: unrecognized image format\n');
    return 1;
  }
  await node.world.clock.sleep(400);
  for (const tag of tags) {
    const { full } = splitReference(tag);
    images(node).add(full);
    io.out(`unpacking ${full} (${digest(full)})...done\n`);
  }
  return 0;
}
