import { addImage, findImage, type Image, imageList, removeImage } from './image-store.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const json = (value: unknown): void => say(JSON.stringify(value, null, 2));
const short = (id: string): string => id.replace('sha256:', '').slice(0, 13);

function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toPrecision(3)}GB`;
  return bytes >= 1e6 ? `${Number((bytes / 1e6).toPrecision(3))}MB` : `${Number((bytes / 1e3).toPrecision(3))}kB`;
}

const asCri = (image: Image) => ({
  id: image.id,
  repoTags: image.repoTags,
  repoDigests: image.repoDigests,
  size: String(image.size),
  uid: null,
  username: '',
  spec: null,
});

function table(rows: string[][]): void {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map(row => (row[i] ?? '').length), 17) + 3) ?? [];
  for (const row of rows)
    say(row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join(''));
}

function images(output: string | undefined, quiet: boolean, digests: boolean): void {
  const list = imageList();
  if (output === 'json') {
    json({ images: list.map(asCri) });
    return;
  }
  if (quiet) {
    for (const image of list) say(image.id);
    return;
  }
  const rows = list.flatMap(image =>
    (image.repoTags.length > 0 ? image.repoTags : ['<none>:<none>']).map(tag => {
      const [, name = tag, version = ''] = /^(.*):([^:/]+)$/.exec(tag) ?? [];
      return [name, version, ...(digests ? [short(image.target)] : []), short(image.id), size(image.size)];
    }),
  );
  table([['IMAGE', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE'], ...rows]);
}

async function perform(verb: string, args: string[], output: string | undefined): Promise<number> {
  const words = args.filter(a => !a.startsWith('-'));
  const [first = ''] = words;
  if (verb === 'images' || verb === 'image' || verb === 'img')
    images(output, args.includes('-q'), args.includes('--digests'));
  else if (verb === 'ps' && output === 'json') json({ containers: [] });
  else if (verb === 'ps') table([['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID']]);
  else if (verb === 'pods' && output === 'json') json({ items: [] });
  else if (verb === 'pods') table([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME']]);
  else if (verb === 'stats') json({ stats: [] });
  else if (verb === 'version')
    say('Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v1.7.23-k3s2\nRuntimeApiVersion:  v1');
  else if (verb === 'info') {
    const sound = (type: string) => ({ type, status: true, reason: '', message: '' });
    json({
      status: { conditions: [sound('RuntimeReady'), sound('NetworkReady')] },
      config: { containerd: { snapshotter: 'overlayfs' } },
    });
  } else if (verb === 'pull') {
    const image = await (await import('./registry-pull.ts')).pull(first);
    addImage(image);
    say(`Image is up to date for ${image.id}`);
  } else if (verb === 'inspecti') {
    const image = findImage(first);
    if (!image) throw new Error(`no such image "${first}" present`);
    json({ status: asCri(image), info: { chainID: image.id } });
  } else if (verb === 'rmi') {
    const targets = args.includes('--all') || args.includes('-a') ? imageList().map(i => i.id) : words;
    for (const target of targets) {
      const tags = findImage(target)?.repoTags ?? [];
      if (!removeImage(target)) throw new Error(`no such image ${target}`);
      for (const tag of tags.length > 0 ? tags : [target]) say(`Deleted: ${tag}`);
    }
  } else throw new Error(`No help topic for '${verb}'`);
  return 0;
}

/** `crictl` over the stand-in's image store; it runs no containers, so those lists are empty. @returns the exit code */
export async function crictl(args: string[]): Promise<number> {
  const rest = [...args];
  while (rest[0]?.startsWith('-'))
    rest.splice(0, rest[0].includes('=') || rest[0] === '--debug' || rest[0] === '-D' ? 1 : 2);
  const [verb = '', ...given] = rest;
  const at = given.findIndex(a => a === '-o' || a === '--output');
  const output =
    at >= 0 ? given[at + 1] : given.find(a => a.startsWith('--output=') || a.startsWith('-o='))?.split('=')[1];
  if (at >= 0) given.splice(at, 2);
  try {
    return await perform(verb, given, output);
  } catch (cause) {
    process.stderr.write(`FATA[0000] ${(cause as Error).message}\n`);
    return 1;
  }
}
