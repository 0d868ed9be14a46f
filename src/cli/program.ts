import { Command, CommanderError } from 'commander';
import { isAbort, K3duiError, toK3duiError } from '../errors.ts';
import { sanitise, sanitiseLines } from '../text.ts';
import { addAsked, type CommandModule } from './asked.ts';
import { logFor, type Session, withGlobalFlags } from './command.ts';
import { type CommandNode, describeCommand } from './describe.ts';
import { addExamples } from './examples.ts';
import { Interrupts, type Io, type Output } from './io.ts';
import type { Log } from './log.ts';
import { normaliseFlags, subcommand } from './normalise-flags.ts';
import { findPlugin, runPlugin } from './plugin.ts';
import { versionText } from './version.ts';

/**
 * Runs one command line (`['cluster', 'list']`) and gives its exit code. Errors are shown here, once; nothing is
 * thrown. The process is not ended.
 */
export async function runCommandLine(argv: string[], io: Io): Promise<number> {
  const session: Session = { io, exitCode: 0, log: undefined, engine: undefined };
  const errors: string[] = [];
  const words = argv.filter(arg => !arg.startsWith('-'));
  const program = await buildProgram(session, text => errors.push(text), words);
  try {
    const plugin = findPlugin(program, argv, io.env);
    if (plugin) return await runPlugin(plugin, io);
    await Promise.race([program.parseAsync(normaliseFlags(program, argv), { from: 'user' }), interruptedWhileIdle(io)]);
    return session.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return 0;
      if (thrown.code === 'commander.help') {
        // A noun without a verb: help is the answer, as in k3d.
        io.stdout.write(errors.join(''));
        return 0;
      }
    }
    return showError(
      thrown instanceof CommanderError ? usageError(thrown, commandPath(program, argv)) : toK3duiError(thrown),
      session,
      program,
      argv,
    );
  } finally {
    session.engine?.close();
  }
}

const MODULES: readonly CommandModule[] = [
  { names: ['cluster', 'clusters'], load: async () => (await import('./cluster.ts')).addClusterCommands },
  { names: ['up', 'down'], load: async () => (await import('./cluster-file.ts')).addFolderCommands },
  { names: ['config'], load: async () => (await import('./config.ts')).addConfigCommands },
  { names: ['image', 'images'], load: async () => (await import('./image.ts')).addImageCommands },
  { names: ['kubeconfig'], load: async () => (await import('./kubeconfig.ts')).addKubeconfigCommands },
  { names: ['node', 'nodes'], load: async () => (await import('./node.ts')).addNodeCommands },
  { names: ['registry', 'registries', 'reg'], load: async () => (await import('./registry.ts')).addRegistryCommands },
  { names: ['version'], load: async () => (await import('./version.ts')).addVersionCommand },
  { names: ['runtime-info'], load: async () => (await import('./runtime-info.ts')).addRuntimeInfoCommand },
  { names: ['doctor'], load: async () => (await import('./doctor.ts')).addDoctorCommand },
  { names: ['leftovers'], load: async () => (await import('./leftovers.ts')).addLeftoverCommands },
  { names: ['settings'], load: async () => (await import('./settings.ts')).addSettingsCommands },
  { names: ['expose'], load: async () => (await import('./expose.ts')).addExposeCommand },
  { names: ['ingress'], load: async () => (await import('./ingress.ts')).addIngressCommands },
  { names: ['debug'], load: async () => (await import('./debug.ts')).addDebugCommands },
  { names: ['completion'], load: async () => (await import('./completion/command.ts')).addCompletionCommand },
  { names: ['man'], load: async () => (await import('./man-page.ts')).addManCommand },
];

/**
 * The commands that `words` may mean, with their flags; all of them without words. `onError` gets the texts that commander
 * would write to standard error.
 */
export async function buildProgram(
  session: Session,
  onError: (text: string) => void,
  words?: readonly string[],
): Promise<Command> {
  const { io } = session;
  const program = new Command('k3dui');
  program
    .description(
      'See and manage k3s-in-Docker clusters. Without a command: the full-screen app, which takes --theme NAME and --screen-reader too.',
    )
    .usage('[flags] [command]')
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: onError,
      outputError: () => {},
      getOutHelpWidth: () => io.stdout.columns,
      getErrHelpWidth: () => io.stdout.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: false })
    .version(versionText(io.version).trimEnd(), '--version', 'show the versions of k3dui and of the default k3s');
  withGlobalFlags(program);
  await addAsked(program, session, MODULES, words);
  addHelpCommand(program);
  addExamples(program);
  return program;
}

/** All commands as data. */
export async function describeProgram(version: string): Promise<CommandNode> {
  const silent: Output = { write() {}, isTTY: false, columns: 80, rows: 24 };
  const openEngine = () => Promise.reject(new Error('the commands are only described'));
  const io: Io = { stdout: silent, stderr: silent, env: {}, version, interrupts: new Interrupts(), openEngine };
  return describeCommand(await buildProgram({ io, exitCode: 0, log: undefined, engine: undefined }, () => {}));
}

/** `help cluster create` is `cluster create --help`; commander's own goes one word deep. */
function addHelpCommand(program: Command): void {
  program
    .helpCommand(false)
    .command('help [command...]')
    .description('help about any command')
    .action((words: string[]) => {
      let command = program;
      for (const word of words) {
        const next = subcommand(command, word);
        if (!next) throw new K3duiError({ code: 'USAGE', message: `unknown help topic '${words.join(' ')}'` });
        command = next;
      }
      command.outputHelp();
    });
}

/** Rejects when a signal comes while nothing runs that would end by itself. */
function interruptedWhileIdle({ interrupts }: Io): Promise<never> {
  return new Promise((_, reject) => {
    interrupts.signal.addEventListener('abort', () => {
      if (!interrupts.busy)
        reject(new K3duiError({ code: 'CANCELLED', message: 'cancelled', exitCode: interrupts.exitCode }));
    });
  });
}

/**
 * Commander's complaint as one of ours; it already holds the nearest flag or command. k3d's exit code for these is 1, which
 * of `cluster diff` says that there are differences.
 */
function usageError(error: CommanderError, path: string): K3duiError {
  const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = more.join(' ').replace(/^\(|\)$/g, '');
  return new K3duiError({
    code: 'USAGE',
    message,
    hint: suggestion || undefined,
    exitCode: path === 'cluster diff ' ? 2 : 1,
  });
}

/** What went wrong, what to do, and where the evidence is. Gives the exit code. */
function showError(error: K3duiError, session: Session, program: Command, argv: string[]): number {
  const { io } = session;
  const log: Log = session.log ?? logFor(io, { progress: argv.includes('--progress=json') ? 'json' : undefined });
  const hint = error.hint ?? (error.code === 'USAGE' ? `see: k3dui ${commandPath(program, argv)}--help` : undefined);
  log.write('fatal', sanitise(error.message), { code: error.code, hint, evidence: error.evidence });
  if (!log.fields) {
    for (const [at, line] of sanitiseLines(hint ?? '').entries())
      if (line) io.stderr.write(`${at === 0 ? '  hint:' : '       '} ${line}\n`);
    if (error.evidence) io.stderr.write(`  evidence: ${sanitise(error.evidence)}\n`);
    if (log.shows('debug') && error.cause instanceof Error)
      io.stderr.write(`  cause: ${sanitise(error.cause.stack ?? error.cause.message)}\n`);
  }
  return isAbort(error) && io.interrupts.received ? io.interrupts.exitCode : error.exitCode;
}

/** The words that name a command: `cluster create `. */
function commandPath(program: Command, argv: string[]): string {
  let command = program;
  let path = '';
  for (const word of argv.filter(arg => !arg.startsWith('-'))) {
    const next = subcommand(command, word);
    if (!next) break;
    command = next;
    path += `${next.name()} `;
  }
  return path;
}
