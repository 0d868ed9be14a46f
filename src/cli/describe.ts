import type { EventEmitter } from 'node:events';
import type { Command, Option } from 'commander';

/**
 * The command tree as data: what help tells, for those who cannot ask commander. The build writes it beside the
 * bundle, so that completion need not load the whole program; the man page is made from it.
 */
export interface CommandNode {
  name: string;
  aliases: string[];
  description: string;
  hidden: boolean;
  /** `[NAME...]` */
  args: string[];
  flags: FlagNode[];
  /** What the help says below the flags: explanations and examples. */
  notes: string;
  commands: CommandNode[];
}

export interface FlagNode {
  /** `--port` */
  long: string;
  /** `-p` */
  short?: string;
  /** What its value is called; undefined: it is on or off. */
  value?: string;
  description: string;
  hidden: boolean;
  /** All values there are. */
  choices?: string[];
}

/** The command with all below it. */
export function describeCommand(command: Command): CommandNode {
  const help = command.createHelp();
  const visible = new Set(help.visibleCommands(command));
  return {
    name: command.name(),
    aliases: command.aliases(),
    description: command.description(),
    hidden: false,
    args: command.registeredArguments.map(argument => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? name : `[${name}]`;
    }),
    flags: command.options.filter(option => !isOpposite(option, command)).map(describeFlag),
    notes: notesOf(command),
    commands: command.commands.map(sub => ({
      ...describeCommand(sub),
      hidden: !visible.has(sub),
    })),
  };
}

/** Texts added to the help are functions that wait for an event; this is that event. */
function notesOf(command: Command): string {
  const texts: string[] = [];
  (command as unknown as EventEmitter).emit('afterHelp', {
    error: false,
    command,
    write: (text: string) => texts.push(text),
  });
  return texts.join('').trim();
}

function describeFlag(option: Option): FlagNode {
  const value = /[<[](.+)[>\]]$/.exec(option.flags)?.[1];
  return {
    long: option.long!,
    ...(option.short && { short: option.short }),
    ...(option.required && { value: value ?? 'value' }),
    description: option.description,
    hidden: option.hidden,
    ...(option.argChoices && { choices: [...option.argChoices] }),
  };
}

/** `--no-wait`, which stands for `--wait=false`, and `--lb` for `--no-lb=false`: nobody needs to see them. */
function isOpposite(option: Option, command: Command): boolean {
  if (!option.hidden || option.required) return false;
  const long = option.long!;
  const other = long.startsWith('--no-') ? `--${long.slice(5)}` : `--no-${long.slice(2)}`;
  return command.options.some(one => one.long === other && !one.hidden);
}
