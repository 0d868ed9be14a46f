import { type Command, Option } from 'commander';
import type { Engine } from '../engine/engine.ts';
import { K3duiError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Io } from './io.ts';
import { Log } from './log.ts';

/** Flags that every command takes. */
export interface GlobalFlags {
  verbose?: boolean;
  trace?: boolean;
  timestamps?: boolean;
  demo?: boolean;
  host?: string;
  readOnly?: boolean;
  progress?: 'auto' | 'plain' | 'json';
}

/** One run of one command: what it was given, and what it may use. */
export interface Run<Flags> {
  /** What is not a flag: names. */
  args: string[];
  flags: Flags & GlobalFlags;
  io: Io;
  log: Log;
  /** Connects on first use; later calls give the same engine. */
  engine(): Promise<Engine>;
}

/** Does the command's work. May give an exit code; else it is 0. */
export type Handler<Flags> = (run: Run<Flags>) => Promise<number | undefined>;

/** Flags of every command that changes something. */
export interface DryRunFlags {
  dryRun?: boolean;
  output?: string;
}

/** What the program's commands share while one of them runs. */
export interface Session {
  io: Io;
  exitCode: number;
  /** Set when a command has begun; its way of saying things is used for the error that ends it. */
  log: Log | undefined;
  engine: Engine | undefined;
}

/** Gives the command its global flags and its action. */
export function handle<Flags extends object>(command: Command, session: Session, handler: Handler<Flags>): Command {
  return withGlobalFlags(command).action(async () => {
    const flags = command.optsWithGlobals<Flags & GlobalFlags & DryRunFlags>();
    if (printsProgress(command, flags)) Object.assign(flags, { progress: 'json' });
    const log = logFor(session.io, flags);
    session.log = log;
    const engine = async (): Promise<Engine> => {
      session.engine ??= await session.io.openEngine({
        demo: flags.demo === true,
        host: flags.host,
        readOnly: flags.readOnly === true,
      });
      return session.engine;
    };
    session.exitCode = (await handler({ args: command.args, flags, io: session.io, log, engine })) ?? 0;
  });
}

/** `--output json` of a command that changes something, and does it: its progress. */
function printsProgress(command: Command, { dryRun, output }: DryRunFlags): boolean {
  return output === 'json' && !dryRun && command.options.some(option => option.long === '--dry-run');
}

/** Adds `--dry-run` and `--output` to a command that changes something. */
export function addDryRunFlags(command: Command): void {
  flag(command, '--dry-run', 'print what would be done, step by step, and do nothing');
  command.option('-o, --output <format>', 'json: progress as JSON lines; with --dry-run: the plan as json or yaml');
}

export function logFor(io: Io, flags: GlobalFlags): Log {
  return new Log({
    stdout: io.stdout,
    stderr: io.stderr,
    env: io.env,
    verbose: flags.verbose,
    trace: flags.trace,
    timestamps: flags.timestamps,
    json: flags.progress === 'json',
  });
}

/** k3d's persistent flags, and ours. */
export function withGlobalFlags(command: Command): Command {
  const add = (option: Option) => command.addOption(option.helpGroup('Global flags:'));
  flag(command, '--verbose', 'say more', 'Global flags:');
  flag(command, '--trace', 'say everything', 'Global flags:');
  flag(command, '--timestamps', 'show the time in front of each line', 'Global flags:');
  flag(command, '--demo', 'use the demo engine, which lives in memory; no Docker is needed', 'Global flags:');
  flag(command, '--read-only', 'change nothing: what would is refused', 'Global flags:');
  add(
    new Option('--host <address>', 'the Docker engine to use (default: DOCKER_HOST, then the current Docker context)'),
  );
  add(
    new Option(
      '--progress <how>',
      'how to show progress: a live view on a terminal and lines elsewhere, lines, or JSON',
    ).choices(['auto', 'plain', 'json']),
  );
  return command;
}

/**
 * Adds a flag that is on or off, and its hidden opposite, into which `normaliseFlags` turns `--flag=false`: commander
 * has no such form, Go's flags have.
 */
export function flag(command: Command, flags: string, description: string, group?: string): Command {
  const option = new Option(flags, description);
  if (group) option.helpGroup(group);
  const long = option.long!;
  const negative = long.startsWith('--no-');
  const opposite = new Option(negative ? `--${long.slice(5)}` : `--no-${long.slice(2)}`).hideHelp();
  // The positive one first: then commander leaves the value undefined when neither is given.
  for (const each of negative ? [opposite, option] : [option, opposite]) command.addOption(each);
  return command;
}

/** Flags of a command that prints a table. */
export function addTableFlags(command: Command): void {
  command.option('-o, --output <format>', 'json or yaml instead of a table');
  flag(command, '--no-headers', 'leave the headers out');
}

/** For flags that may be given several times: adds to what was given before. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** A whole number. Throws USAGE, with the flag's name. */
export function wholeNumber(name: string): (text: string) => number {
  return text => {
    if (!/^[+-]?\d{1,9}$/.test(text)) {
      throw new K3duiError({
        code: 'USAGE',
        message: `invalid value '${text}' for ${name}: not a whole number`,
        hint: `for example ${name} 3`,
      });
    }
    return Number(text);
  };
}

/** The value, when it is one of those known. Throws USAGE, with the nearest. */
export function flagValue<Value extends string>(flag: string, text: string, known: readonly Value[]): Value {
  const found = known.find(value => value === text);
  if (found !== undefined) return found;
  const near = nearest(text, [...known]);
  throw new K3duiError({
    code: 'USAGE',
    message: `unknown value '${text}' for ${flag}`,
    hint: near ? `did you mean ${near}?` : `${known.length > 1 ? 'one of ' : 'known is '}${known.join(', ')}`,
  });
}
