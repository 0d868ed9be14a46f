import type { Container, ExecIo } from '../types.ts';
import type { World } from '../world.ts';
import { FILE_COMMANDS } from './file-commands.ts';
import { parseShell, type ShellCommand } from './shell-words.ts';
import { SYSTEM_COMMANDS } from './system-commands.ts';

/** A command that most images have. */
export type Builtin = (run: {
  world: World;
  container: Container;
  args: string[];
  io: ExecIo;
}) => number | Promise<number>;

const SHELLS = /^(\/bin\/|\/usr\/bin\/)?(sh|ash|bash)$/;

/** Runs a command in a container; gives its exit code. An unknown one answers as Docker does and gives 126 or 127. */
export async function runCommand(world: World, container: Container, argv: string[], io: ExecIo): Promise<number> {
  const known = await tryCommand(world, container, argv, io);
  if (known !== undefined) return known;
  const name = argv[0]!;
  const entry = name.startsWith('/') ? container.files.get(name) : undefined;
  const [code, why] = entry
    ? [126, 'permission denied']
    : name.startsWith('/')
      ? [127, 'no such file or directory']
      : [127, 'executable file not found in $PATH'];
  const what = why === 'no such file or directory' ? `stat ${name}: ${why}` : why;
  io.out(
    `OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": ${what}: unknown\r\n`,
  );
  return code;
}

async function tryCommand(world: World, container: Container, argv: string[], io: ExecIo): Promise<number | undefined> {
  const [name = '', ...args] = argv;
  if (SHELLS.test(name)) {
    const at = args.findIndex(arg => /^-[a-z]*c$/.test(arg));
    const script = at < 0 ? undefined : container.program?.script?.(args[at + 1] ?? '', io);
    if (script) return script;
    if (at >= 0) return runShell(world, container, withArguments(args[at + 1] ?? '', args.slice(at + 3)), io);
    return args[0]?.startsWith('/') ? tryCommand(world, container, args, io) : interactive(world, container, io);
  }
  // Nothing here takes long.
  if (base(name) === 'timeout') return tryCommand(world, container, args.slice(1), io);
  const own = container.program?.exec(argv, io);
  if (own) return own;
  const builtin = FILE_COMMANDS[base(name)] ?? SYSTEM_COMMANDS[base(name)];
  return builtin?.({ world, container, args, io });
}

const base = (name: string) => name.replace(/^(\/usr)?(\/local)?\/s?bin\//, '');

/** The line with `"$@"` and `$$` as a shell would have them. */
const withArguments = (line: string, words: string[]): string =>
  line.replaceAll('"$@"', words.map(word => `'${word}'`).join(' ')).replaceAll('$$', '4711');

/** A line of shell: its commands in turn, pipes through memory. */
export async function runShell(world: World, container: Container, line: string, io: ExecIo): Promise<number> {
  const choice = /^\s*if\s+(.+?)[;\n]\s*then\s+(.+?)[;\n]\s*(?:else\s+(.+?)[;\n]\s*)?fi\s*$/s.exec(line);
  if (choice) {
    const yes = (await runShell(world, container, choice[1]!, io)) === 0;
    const branch = yes ? choice[2] : choice[3];
    return branch ? runShell(world, container, branch, io) : 0;
  }
  let code = 0;
  let piped: Buffer[] = [];
  const commands = parseShell(line, { ...io.env, HOSTNAME: container.config.Hostname ?? '' });
  for (const [i, command] of commands.entries()) {
    if ((command.joint === '&&' && code !== 0) || (command.joint === '||' && code === 0)) continue;
    if (io.gone) return 137;
    const input = command.joint === '|' ? piped : undefined;
    const intoPipe = commands[i + 1]?.joint === '|';
    const caught: Buffer[] = [];
    const inner: ExecIo = {
      ...redirect(container, command, io, input),
      out: command.into || intoPipe ? data => void caught.push(Buffer.from(data as string)) : data => io.out(data),
    };
    if (command.argv[0] === 'exec') command.argv.shift();
    if (command.argv[0] === 'exit') return Number(command.argv[1] ?? code);
    code = (await tryCommand(world, container, command.argv, inner)) ?? notFound(command.argv[0] ?? '', io);
    if (command.into && command.into.path !== '/dev/null') {
      const before = command.into.append
        ? (container.files.read(command.into.path) ?? Buffer.alloc(0))
        : Buffer.alloc(0);
      container.files.write(command.into.path, Buffer.concat([before, ...caught]));
    }
    piped = caught;
  }
  return code;
}

function redirect(container: Container, command: ShellCommand, io: ExecIo, piped: Buffer[] | undefined): ExecIo {
  const given = command.from === undefined ? piped : [container.files.read(command.from) ?? Buffer.alloc(0)];
  const stdin = given ? only(given) : io.stdin;
  return {
    stdin,
    out: io.out,
    err: io.err,
    env: io.env,
    get gone() {
      return io.gone;
    },
  };
}

async function* only(chunks: Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

function notFound(name: string, io: ExecIo): number {
  if (name === '') return 0;
  io.err(`sh: ${name}: not found\n`);
  return 127;
}

/** A shell that reads lines from its input until that ends or says `exit`. */
async function interactive(world: World, container: Container, io: ExecIo): Promise<number> {
  const prompt = () => io.out('/ # ');
  let rest = '';
  let code = 0;
  prompt();
  for await (const chunk of io.stdin) {
    const text = chunk.toString('utf8');
    if (text.includes('\x04')) return code;
    io.out(text.replace(/\r/g, '\n'));
    const lines = (rest + text).split(/\r\n|\r|\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const exit = /^\s*exit(?:\s+(\d+))?\s*$/.exec(line);
      if (exit) return Number(exit[1] ?? code);
      if (line.trim()) code = await runShell(world, container, line, io);
      prompt();
    }
  }
  return code;
}

export async function readAll(io: ExecIo): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}
