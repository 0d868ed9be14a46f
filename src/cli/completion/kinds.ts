import type { Named } from '../../engine/names-at-a-glance.ts';
import type { CommandNode, FlagNode } from '../describe.ts';

/** What may stand in a place of the command line. */
export type Kind =
  | { names: Named; files?: string[] }
  /** Fixed words. */
  | { words: string[] }
  /** Files; with these endings, or all. */
  | { files: string[] }
  /** Which nodes, after an `@`. */
  | { filter: true; files?: string[] }
  | undefined;

const YAML = ['yaml', 'yml'];
const ARCHIVES = ['tar', 'tar.gz', 'tgz'];

/** What an argument is, by the command's words and its place; the last one repeats where it may. */
const ARGUMENTS: Record<string, Kind[]> = {
  completion: [{ words: ['bash', 'zsh', 'fish', 'powershell'] }],
  'version list': [{ words: ['k3s', 'k3d', 'k3d-proxy', 'k3d-tools'] }],
  'config migrate': [{ files: YAML }, { files: YAML }],
  'image import': [{ names: 'image', files: ARCHIVES }],
  'image load': [{ names: 'image', files: ARCHIVES }],
};

/** What an argument is by its name in the help, where the command does not say more. */
const ARGUMENT_NAMES: Record<string, Kind> = {
  cluster: { names: 'cluster' },
  clustername: { names: 'cluster' },
  node: { names: 'node' },
  registry: { names: 'registry' },
  image: { names: 'image' },
  file: { files: [] },
};

/** What `NAME` means depends on the noun. */
const NOUNS: Record<string, Kind> = {
  cluster: { names: 'cluster' },
  node: { names: 'node' },
  registry: { names: 'registry' },
  kubeconfig: { names: 'cluster' },
};

/** Names that are new cannot be completed. */
const MAKES_NEW = /^(cluster|node|registry) create$/;

/** What a flag's value is, by the flag's name. */
const FLAGS: Record<string, Kind> = {
  '--cluster': { names: 'cluster' },
  '--image': { names: 'image' },
  '--network': { names: 'network' },
  '--default-network': { names: 'network' },
  '--registry-use': { names: 'registry' },
  '--role': { words: ['agent', 'server'] },
  '--mode': { words: ['auto', 'direct', 'tools-node'] },
  '--sort': { words: ['desc', 'asc', 'off'] },
  '--subnet': { words: ['auto'] },
  '--gpus': { words: ['all'] },
  '--config': { files: YAML },
  '--registry-config': { files: YAML },
  '--port': { filter: true },
  '--port-add': { filter: true },
  '--port-delete': { filter: true },
  '--env': { filter: true },
  '--volume': { filter: true, files: [] },
  '--k3s-arg': { filter: true },
  '--k3s-node-label': { filter: true },
  '--runtime-label': { filter: true },
};

/** `--output` of a command, which is a format or a file. */
const OUTPUTS: Record<string, Kind> = {
  'kubeconfig merge': { files: [] },
  'config init': { files: YAML },
  version: { words: ['json'] },
  'version list': { words: ['raw', 'repo'] },
};

export function flagKind(path: string, flag: FlagNode): Kind {
  if (flag.choices) return { words: flag.choices };
  if (flag.long === '--output') return OUTPUTS[path] ?? { words: ['json', 'yaml'] };
  return FLAGS[flag.long];
}

/** What the argument at this place is; undefined where anything goes, or nothing. */
export function argumentKind(path: string, command: CommandNode, place: number): Kind {
  if (MAKES_NEW.test(path)) return undefined;
  const known = ARGUMENTS[path];
  if (known) return known[Math.min(place, known.length - 1)];
  const last = command.args.at(-1);
  const argument = command.args[place] ?? (last?.includes('...') ? last : undefined);
  if (argument === undefined) return undefined;
  const name = argument.replace(/[^\w-]/g, '').toLowerCase();
  return name === 'name' ? NOUNS[path.split(' ')[0]!] : ARGUMENT_NAMES[name];
}
