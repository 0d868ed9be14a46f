import type { Command, Option } from 'commander';
import { K3duiError } from '../errors.ts';

const TRUE = /^(1|t|T|TRUE|true|True)$/;
const FALSE = /^(0|f|F|FALSE|false|False)$/;

/**
 * A command line in the grammar of Go's flags (spf13/pflag), as k3d reads it, told in the one way that commander reads
 * for certain: `--flag=value`, `--flag` and `--no-flag`. Known are `--flag value`, `--flag=value`, `--wait=false`,
 * `-p80`, `-p=80`, `-p 80` and `-kt` for `-k -t`; flags may stand anywhere, those of every command also before its
 * name. What follows `--`, values, and flags nobody knows stay as they are: about those commander complains.
 */
export function normaliseFlags(program: Command, argv: string[]): string[] {
  const words: string[] = [];
  /** Flags in front of the command's last word. */
  const early: string[] = [];
  const rest: string[] = [];
  let command = program;
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') {
      rest.push(...argv.slice(i));
      break;
    }
    if (arg === '-' || !arg.startsWith('-')) {
      const next = rest.length === 0 ? subcommand(command, arg) : undefined;
      if (next) {
        command = next;
        words.push(arg);
      } else rest.push(arg);
      continue;
    }
    const read = arg.startsWith('--')
      ? readLong(command, program, arg, argv[i + 1])
      : readShort(command, program, arg, argv[i + 1]);
    if (read.usedNext) i++;
    (rest.length === 0 && command.commands.length > 0 ? early : rest).push(...read.args);
  }
  return [...words, ...early.filter(arg => isWanted(command, program, arg)), ...rest];
}

/** The command of that name or alias in a group. */
export function subcommand(parent: Command, word: string): Command | undefined {
  return parent.commands.find(sub => sub.name() === word || sub.aliases().includes(word));
}

interface Read {
  args: string[];
  /** The argument behind the flag was its value. */
  usedNext: boolean;
}

function readLong(command: Command, program: Command, arg: string, next: string | undefined): Read {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg : arg.slice(0, equals);
  const option = findOption(command, program, other => other.long === name);
  if (!option) return { args: [arg], usedNext: false };
  if (equals >= 0) {
    const value = withValue(option, arg.slice(equals + 1));
    // Without an opposite of its own, off is as if it had not been given: --no-help=false is not --help.
    const known = option.required || findOption(command, program, other => other.long === value);
    return { args: known ? [value] : [], usedNext: false };
  }
  // The value belongs to the flag, also when it looks like one: --k3s-arg --disable=traefik.
  if (option.required && next !== undefined) return { args: [withValue(option, next)], usedNext: true };
  return { args: [option.long!], usedNext: false };
}

/** One or several letters behind one dash; the first that takes a value takes all that follows. */
function readShort(command: Command, program: Command, arg: string, next: string | undefined): Read {
  const args: string[] = [];
  for (let letters = arg.slice(1); letters !== ''; letters = letters.slice(1)) {
    const option = findOption(command, program, other => other.short === `-${letters[0]}`);
    if (!option) return { args: [...args, `-${letters}`], usedNext: false };
    if (letters.length > 2 && letters[1] === '=') {
      return { args: [...args, withValue(option, letters.slice(2))], usedNext: false };
    }
    if (!option.required) args.push(option.long!);
    else if (letters.length > 1) return { args: [...args, withValue(option, letters.slice(1))], usedNext: false };
    else if (next !== undefined) return { args: [...args, withValue(option, next)], usedNext: true };
    else return { args: [...args, option.long!], usedNext: false };
  }
  return { args, usedNext: false };
}

function withValue(option: Option, value: string): string {
  return option.required ? `${option.long}=${value}` : onOrOff(option, value);
}

function onOrOff(option: Option, value: string): string {
  const long = option.long!;
  if (TRUE.test(value)) return long;
  if (FALSE.test(value)) return long.startsWith('--no-') ? `--${long.slice(5)}` : `--no-${long.slice(2)}`;
  throw new K3duiError({
    code: 'USAGE',
    message: `invalid value '${value}' for ${long}: neither true nor false`,
    hint: `write ${long}=true or ${long}=false`,
  });
}

/** The command's own flag, or one that all commands take. */
function findOption(command: Command, program: Command, matches: (option: Option) => boolean): Option | undefined {
  return command.options.find(matches) ?? program.options.find(matches);
}

/** Flags of every command mean nothing to a group alone, whose answer is its help; they are left out there. */
function isWanted(command: Command, program: Command, arg: string): boolean {
  if (command === program || command.commands.length === 0) return true;
  const name = arg.split('=', 1)[0];
  const takes = (one: Command) => one.options.some(option => option.long === name);
  return takes(command) || !takes(program);
}
