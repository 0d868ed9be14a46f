import { nearest } from '../../src/nearest.ts';
import { HOME, type Path, type ScreenName } from './navigation.ts';

/** What can be typed after `:`. The first word is the command's own name, the others are aliases. */
export interface CommandName {
  names: readonly [string, ...string[]];
  title: string;
  /** What may follow it. */
  argument?: 'cluster' | 'node';
}

export const COMMANDS: readonly CommandName[] = [
  { names: ['clusters', 'cluster', 'cl', 'c'], title: 'all clusters; with a name: its details', argument: 'cluster' },
  { names: ['nodes', 'node', 'no', 'n'], title: 'all nodes; with a name: those of a cluster', argument: 'cluster' },
  { names: ['ports', 'port', 'p'], title: 'ports of all clusters; with a name: of that one', argument: 'cluster' },
  {
    names: ['expose', 'exposed', 'ex'],
    title: 'how Services and Ingresses are reached; with a name: of that cluster',
    argument: 'cluster',
  },
  {
    names: ['images', 'image', 'im', 'i'],
    title: 'images in the nodes; with a name: of a cluster',
    argument: 'cluster',
  },
  { names: ['logs', 'lo'], title: 'logs of a node or a whole cluster', argument: 'node' },
  {
    names: ['doctor', 'dr'],
    title: 'what is wrong or soon will be, and what puts it right; with a name: in a cluster',
    argument: 'cluster',
  },
  { names: ['registries', 'registry', 'reg'], title: 'registries, what is in them, and the names of their images' },
  { names: ['leftovers', 'left'], title: 'what no cluster owns any more' },
  { names: ['operations', 'operation', 'ops', 'op'], title: 'what runs and what has run' },
  { names: ['commands', 'log'], title: 'what was done, as command lines' },
  { names: ['contexts', 'context', 'ctx'], title: "Docker's contexts; Enter goes over to one" },
  { names: ['create', 'new'], title: 'create a cluster' },
  { names: ['export'], title: 'a cluster as the config file that makes it again', argument: 'cluster' },
  { names: ['diff'], title: "in what a config file's cluster differs; without a path: the project's own file" },
  { names: ['apply', 'up'], title: "bring a config file's cluster up, after a preview" },
  { names: ['suspend', 'stop!'], title: 'to the shell; fg comes back' },
  { names: ['help', 'h', '?'], title: 'every key of this screen' },
  { names: ['quit', 'q', 'q!', 'exit'], title: 'leave k3dui' },
];

export type Command =
  | { kind: 'go'; path: Path }
  | { kind: 'create' }
  | { kind: 'suspend' }
  | { kind: 'quit' }
  | { kind: 'help' }
  | { kind: 'logs'; name: string | undefined }
  | { kind: 'export'; cluster: string | undefined }
  | { kind: 'diff'; file: string }
  | { kind: 'apply'; file: string }
  | { kind: 'error'; message: string; hint: string };

/** Reads a line typed after `:`. Never throws. */
export function parseCommand(line: string, clusters: readonly string[]): Command {
  const [word = '', ...rest] = line.trim().replace(/^:/, '').split(/\s+/);
  const name = COMMANDS.find(({ names }) => names.includes(word.toLowerCase()))?.names[0];
  const argument = rest.join(' ');
  const extra = (): Command => ({ kind: 'error', message: `'${word}' takes nothing after it`, hint: `type :${word}` });
  switch (name) {
    case 'clusters':
      return about(argument, clusters, name, [{ screen: 'cluster', subject: argument }]);
    case 'nodes':
      return about(argument, clusters, name, [
        { screen: 'cluster', subject: argument },
        { screen: 'nodes', subject: argument },
      ]);
    case 'ports':
    case 'expose':
    case 'images':
    case 'doctor':
      return about(argument, clusters, name, [{ screen: name, subject: argument }]);
    case 'logs':
      return { kind: 'logs', name: argument === '' ? undefined : argument };
    case 'registries':
      return argument === ''
        ? go('registries')
        : { kind: 'go', path: [{ screen: name }, { screen: 'repositories', subject: argument }] };
    case 'export':
      if (argument === '') return { kind: 'export', cluster: undefined };
      return known(argument, clusters) ?? { kind: 'export', cluster: argument };
    case 'diff':
    case 'apply':
      return { kind: name, file: argument };
    case 'leftovers':
    case 'operations':
    case 'commands':
    case 'contexts':
      return argument === '' ? go(name) : extra();
    case 'create':
    case 'suspend':
    case 'quit':
    case 'help':
      return argument === '' ? { kind: name } : extra();
    default: {
      const near = nearest(
        word,
        COMMANDS.map(({ names }) => names[0]),
      );
      return {
        kind: 'error',
        message: word === '' ? 'nothing was typed' : `there is no command '${word}'`,
        hint: near === undefined ? 'Tab after : shows what there is' : `did you mean :${near}?`,
      };
    }
  }
}

/** A screen of everything, or with a cluster's name what is under the clusters. */
function about(cluster: string, clusters: readonly string[], screen: ScreenName, inside: Path): Command {
  if (cluster === '') return go(screen);
  return known(cluster, clusters) ?? { kind: 'go', path: [...HOME, ...inside] };
}

const go = (screen: ScreenName): Command => ({ kind: 'go', path: [{ screen }] });

function known(cluster: string, clusters: readonly string[]): Command | undefined {
  if (clusters.includes(cluster)) return undefined;
  const list = clusters.length > 0 ? `there are: ${clusters.slice(0, 8).join(', ')}` : 'there are none yet';
  return { kind: 'error', message: `there is no cluster '${cluster}'`, hint: list };
}

/** Whole lines that what was typed could become, best first. */
export function completions(line: string, clusters: readonly string[], nodes: readonly string[] = []): string[] {
  const typed = line.trimStart();
  const space = typed.indexOf(' ');
  if (space < 0) {
    const word = typed.toLowerCase();
    return COMMANDS.filter(({ names }) => names.some(name => name.startsWith(word))).map(({ names }) => names[0]);
  }
  const word = typed.slice(0, space).toLowerCase();
  const command = COMMANDS.find(({ names }) => names.includes(word));
  if (command?.argument === undefined) return [];
  const begun = typed.slice(space + 1).trimStart();
  const names = command.argument === 'node' ? [...clusters, ...nodes] : clusters;
  return names.filter(name => name.startsWith(begun)).map(name => `${command.names[0]} ${name}`);
}
