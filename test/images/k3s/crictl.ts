import { containerdSocket, containerdUp } from './containerd.ts';
import { Cri, type Image } from './cri.ts';
import { agentDirectory, readIfThere } from './paths.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const json = (value: unknown): void => say(JSON.stringify(value, null, 2));
const short = (id: string): string => id.replace('sha256:', '').slice(0, 13);

function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toPrecision(3)}GB`;
  return bytes >= 1e6 ? `${Number((bytes / 1e6).toPrecision(3))}MB` : `${Number((bytes / 1e3).toPrecision(3))}kB`;
}

const asJson = (image: Image) => ({ ...image, uid: null, spec: null, pinned: false });

function table(rows: string[][]): void {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map(row => (row[i] ?? '').length), 17) + 3) ?? [];
  for (const row of rows)
    say(row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join(''));
}

function images(list: Image[], output: string | undefined, quiet: boolean, digests: boolean): void {
  if (output === 'json') {
    json({ images: list.map(asJson) });
    return;
  }
  if (quiet) {
    for (const image of list) say(image.id);
    return;
  }
  const rows = list.flatMap(image =>
    (image.repoTags.length > 0 ? image.repoTags : ['<none>:<none>']).map(tag => {
      const [, name = tag, version = ''] = /^(.*):([^:/]+)$/.exec(tag) ?? [];
      const digest = short(image.repoDigests[0]?.split('@')[1] ?? '<none>');
      return [name, version, ...(digests ? [digest] : []), short(image.id), size(Number(image.size))];
    }),
  );
  table([['IMAGE', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE'], ...rows]);
}

/** Containers that a test has put into a file, as crictl shows them: the stand-in runs none. */
const containers = (): unknown => JSON.parse(readIfThere(`${agentDirectory}/containers.json`) ?? '[]');

async function perform(cri: Cri, verb: string, args: string[], output: string | undefined): Promise<number> {
  const words = args.filter(a => !a.startsWith('-'));
  const [first = ''] = words;
  if (verb === 'images' || verb === 'image' || verb === 'img')
    images(await cri.images(), output, args.includes('-q'), args.includes('--digests'));
  else if (verb === 'ps' && output === 'json') json({ containers: containers() });
  else if (verb === 'ps') table([['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID']]);
  else if (verb === 'pods' && output === 'json') json({ items: [] });
  else if (verb === 'pods') table([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME']]);
  else if (verb === 'stats') json({ stats: [] });
  else if (verb === 'version') {
    const { name, version, api } = await cri.version();
    say(`Version:  0.1.0\nRuntimeName:  ${name}\nRuntimeVersion:  ${version}\nRuntimeApiVersion:  ${api}`);
  } else if (verb === 'info') {
    const sound = (type: string) => ({ type, status: true, reason: '', message: '' });
    json({
      status: { conditions: [sound('RuntimeReady'), sound('NetworkReady')] },
      config: { containerd: { snapshotter: 'overlayfs' } },
    });
  } else if (verb === 'pull') {
    const id = await cri.pull(first).catch(cause => {
      throw new Error(`pulling image: ${(cause as Error).message}`);
    });
    say(`Image is up to date for ${id}`);
  } else if (verb === 'inspecti') {
    const found = await cri.image(first);
    if (!found) throw new Error(`no such image "${first}" present`);
    json({ status: asJson(found.image), info: found.info });
  } else if (verb === 'rmi') return remove(cri, args, words);
  else throw new Error(`No help topic for '${verb}'`);
  return 0;
}

async function remove(cri: Cri, args: string[], words: string[]): Promise<number> {
  const all = args.includes('--all') || args.includes('-a');
  let code = 0;
  for (const target of all ? (await cri.images()).map(image => image.id) : words) {
    const found = await cri.image(target);
    if (!found) {
      process.stderr.write(`ERRO[0000] no such image ${target}\n`);
      code = 1;
      continue;
    }
    await cri.remove(target);
    const tags = found.image.repoTags;
    for (const tag of tags.length > 0 ? tags : [target]) say(`Deleted: ${tag}`);
  }
  if (code !== 0) throw new Error('unable to remove the image(s)');
  return code;
}

/** `crictl` over containerd's own interface. @returns the exit code */
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
    await containerdUp();
    return await perform(new Cri(containerdSocket), verb, given, output);
  } catch (cause) {
    process.stderr.write(`FATA[0000] ${(cause as Error).message}\n`);
    return 1;
  }
}
