import type { NameAndText, Named } from '../../engine/names-at-a-glance.ts';
import type { CommandNode, FlagNode } from '../describe.ts';
import { argumentKind, flagKind, type Kind } from './kinds.ts';

/** What the shell should do with the answer; the numbers are cobra's, whose scripts read this as well. */
const DIRECTIVE = { none: 0, noSpace: 2, noFiles: 4, filesByEnding: 8 } as const;

export interface Answer {
  /** Whole words that may stand in place of the last one. */
  candidates: NameAndText[];
  directive: number;
}

/** Ways to say which nodes; k3d's node filters. */
const NODE_FILTERS: NameAndText[] = [
  { name: 'loadbalancer', text: 'the load balancer' },
  { name: 'server:0', text: 'the first server' },
  { name: 'servers:*', text: 'all servers' },
  { name: 'agent:0', text: 'the first agent' },
  { name: 'agents:*', text: 'all agents' },
  { name: 'all', text: 'all nodes' },
];

/**
 * What may stand in place of the last word, which may be empty. `names` looks up what there is; when it fails nothing is
 * offered. Names that are already there are not offered again.
 */
export async function complete(
  root: CommandNode,
  words: string[],
  names: (kind: Named) => Promise<NameAndText[]>,
): Promise<Answer> {
  const current = words.at(-1) ?? '';
  const place = placeOf(root, words.slice(0, -1));
  const { command, path } = place;
  if (place.flag) return forKind(flagKind(path, place.flag), current, '', [], names);
  const equals = current.indexOf('=');
  if (!place.onlyArguments && current.startsWith('--') && equals > 0) {
    const flag = findFlag(root, command, current.slice(0, equals));
    if (!flag) return nothing();
    const kind: Kind = flag.value === undefined ? { words: ['true', 'false'] } : flagKind(path, flag);
    return forKind(kind, current.slice(equals + 1), current.slice(0, equals + 1), [], names);
  }
  if (!place.onlyArguments && current.startsWith('-')) return forFlags(root, place, current);
  if (path === 'help') return subcommands(placeOf(root, place.args).command, current);
  if (command.commands.length > 0 && place.args.length === 0) return subcommands(command, current);
  return forKind(argumentKind(path, command, place.args.length), current, '', place.args, names);
}

interface Place {
  command: CommandNode;
  /** `cluster create` */
  path: string;
  args: string[];
  /** Flags given already. */
  given: Set<string>;
  /** The next word is this flag's value. */
  flag: FlagNode | undefined;
  /** A `--` was there. */
  onlyArguments: boolean;
}

/** Walks over the words as the flags' grammar reads them. */
function placeOf(root: CommandNode, words: string[]): Place {
  const place: Place = {
    command: root,
    path: '',
    args: [],
    given: new Set(),
    flag: undefined,
    onlyArguments: false,
  };
  for (const word of words) {
    if (place.flag) place.flag = undefined;
    else if (place.onlyArguments || word === '-' || !word.startsWith('-')) {
      const next = place.args.length === 0 && !place.onlyArguments ? findCommand(place.command, word) : undefined;
      if (next) {
        place.command = next;
        place.path = `${place.path} ${next.name}`.trim();
      } else place.args.push(word);
    } else if (word === '--') place.onlyArguments = true;
    else place.flag = awaitedBy(root, place, word);
  }
  return place;
}

/** The flag in the word that waits for its value in the next one. */
function awaitedBy(root: CommandNode, place: Place, word: string): FlagNode | undefined {
  if (word.startsWith('--')) {
    const flag = findFlag(root, place.command, word.split('=', 1)[0]!);
    if (flag) place.given.add(flag.long);
    return flag?.value !== undefined && !word.includes('=') ? flag : undefined;
  }
  for (let i = 1; i < word.length; i++) {
    const flag = findFlag(root, place.command, `-${word[i]}`);
    if (!flag) return undefined;
    place.given.add(flag.long);
    if (flag.value !== undefined) return i === word.length - 1 ? flag : undefined;
  }
  return undefined;
}

function findCommand(parent: CommandNode, word: string): CommandNode | undefined {
  return parent.commands.find(({ name, aliases }) => name === word || aliases.includes(word));
}

function findFlag(root: CommandNode, command: CommandNode, name: string): FlagNode | undefined {
  const is = ({ long, short }: FlagNode) => long === name || short === name;
  return command.flags.find(is) ?? root.flags.find(is);
}

function subcommands(parent: CommandNode, current: string): Answer {
  const candidates = parent.commands
    .filter(({ hidden, name }) => !hidden && name.startsWith(current))
    .map(({ name, description }) => ({ name, text: description }));
  return { candidates, directive: DIRECTIVE.noFiles };
}

/** Flags that have not been given, or may be given again. */
function forFlags(root: CommandNode, { command, given }: Place, current: string): Answer {
  const flags = [...command.flags, ...(command === root ? [] : root.flags)];
  const own = flags.filter(({ long }, i) => flags.findIndex(other => other.long === long) === i);
  const offered = own.filter(
    ({ long, hidden, description }) =>
      !hidden &&
      long.startsWith(current) &&
      (!given.has(long) || description.includes('*') || /repeated/.test(description)),
  );
  const help = '--help'.startsWith(current) ? [{ name: '--help', text: 'what the command does' }] : [];
  return {
    candidates: [...offered.map(({ long, description }) => ({ name: long, text: description })), ...help],
    directive: DIRECTIVE.noFiles,
  };
}

/** `before`: what stands in the same word before what is completed: `--image=`. */
async function forKind(
  kind: Kind,
  current: string,
  before: string,
  taken: string[],
  names: (kind: Named) => Promise<NameAndText[]>,
): Promise<Answer> {
  if (kind === undefined) return nothing();
  if ('words' in kind)
    return offer(
      kind.words.map(name => ({ name, text: '' })),
      current,
      before,
    );
  if ('names' in kind) {
    const found = await names(kind.names).catch(() => []);
    const answer = offer(
      found.filter(({ name }) => !taken.includes(name)),
      current,
      before,
    );
    return kind.files ? { ...answer, directive: DIRECTIVE.none } : answer;
  }
  if ('filter' in kind) {
    const at = Math.max(current.lastIndexOf('@'), current.lastIndexOf(';'));
    if (!current.includes('@')) return { candidates: [], directive: kind.files ? DIRECTIVE.none : DIRECTIVE.noFiles };
    const answer = offer(NODE_FILTERS, current.slice(at + 1), before + current.slice(0, at + 1));
    return { ...answer, directive: DIRECTIVE.noFiles | DIRECTIVE.noSpace };
  }
  if (kind.files.length === 0) return { candidates: [], directive: DIRECTIVE.none };
  return { candidates: kind.files.map(name => ({ name, text: '' })), directive: DIRECTIVE.filesByEnding };
}

function offer(all: NameAndText[], current: string, before: string): Answer {
  const candidates = all
    .filter(({ name }) => name.startsWith(current))
    .map(({ name, text }) => ({ name: before + name, text }));
  return { candidates, directive: DIRECTIVE.noFiles };
}

function nothing(): Answer {
  return { candidates: [], directive: DIRECTIVE.noFiles };
}
