import type { FileEntry } from '../files.ts';
import type { Builtin } from './commands.ts';
import { readAll } from './commands.ts';

const plain = (args: string[]) => args.filter(arg => !arg.startsWith('-') || arg === '-');

const cat: Builtin = async ({ world, container, args, io }) => {
  let code = 0;
  for (const path of plain(args).length > 0 ? plain(args) : ['-']) {
    if (path === '-') {
      for await (const chunk of io.stdin) io.out(chunk);
      continue;
    }
    const content = /[*?]/.test(path) ? undefined : (container.files.read(path) ?? world.machine.files.get(path));
    if (content) io.out(content);
    else {
      io.err(`cat: can't open '${path}': No such file or directory\n`);
      code = 1;
    }
  }
  return code;
};

const test: Builtin = ({ container, args }) => {
  const list = args.at(-1) === ']' ? args.slice(0, -1) : args;
  const negate = list[0] === '!';
  const [flag = '', value = '', other] = negate ? list.slice(1) : list;
  const entry: FileEntry | undefined = flag.startsWith('-') ? container.files.get(value) : undefined;
  const checks: Record<string, boolean> = {
    '-e': entry !== undefined,
    '-f': entry?.type === 'file',
    '-d': entry?.type === 'directory',
    '-s': (entry?.content.length ?? 0) > 0,
    '-r': entry !== undefined,
    '-w': entry !== undefined,
    '-x': entry !== undefined && (entry.mode & 0o111) !== 0,
    '-n': value !== '',
    '-z': value === '',
  };
  const same = value === '=' || value === '==' ? flag === other : value === '!=' ? flag !== other : flag !== '';
  return (checks[flag] ?? same) !== negate ? 0 : 1;
};

const ls: Builtin = ({ container, args, io }) => {
  const long = args.some(arg => /^-\w*l/.test(arg));
  let code = 0;
  for (const path of plain(args).length > 0 ? plain(args) : ['/']) {
    const entry = container.files.get(path);
    if (!entry) {
      io.err(`ls: ${path}: No such file or directory\n`);
      code = 1;
      continue;
    }
    const names = entry.type === 'directory' ? container.files.list(path) : [path];
    for (const name of names) {
      const inside = container.files.get(entry.type === 'directory' ? `${path}/${name}` : path, false);
      if (!long || !inside) io.out(`${name}\n`);
      else
        io.out(
          `${inside.type === 'directory' ? 'd' : '-'}${bits(inside.mode)} 1 root root ${String(inside.content.length).padStart(9)} ${new Date(inside.mtime).toISOString().slice(0, 16)} ${name}\n`,
        );
    }
  }
  return code;
};

const bits = (mode: number) =>
  [6, 3, 0]
    .map(shift => ['r', 'w', 'x'].map((letter, i) => ((mode >> shift) & (4 >> i) ? letter : '-')).join(''))
    .join('');

const stat: Builtin = ({ container, args, io }) => {
  const path = plain(args).at(-1) ?? '';
  const entry = container.files.get(path);
  if (!entry) {
    io.err(`stat: can't stat '${path}': No such file or directory\n`);
    return 1;
  }
  io.out(
    args.includes('-c')
      ? `${(entry.mode & 0o7777).toString(8)}\n`
      : `  File: ${path}\n  Size: ${entry.content.length}\n`,
  );
  return 0;
};

const mkdir: Builtin = ({ container, args }) => {
  for (const path of plain(args)) container.files.makeDirectory(path);
  return 0;
};

const rm: Builtin = ({ container, args, io }) => {
  const force = args.some(arg => /^-\w*f/.test(arg));
  let code = 0;
  for (const path of plain(args)) {
    if (container.files.remove(path) || force) continue;
    io.err(`rm: can't remove '${path}': No such file or directory\n`);
    code = 1;
  }
  return code;
};

const move =
  (keep: boolean): Builtin =>
  ({ container, args, io }) => {
    const [from = '', to = ''] = plain(args);
    const entry = container.files.get(from);
    if (!entry) {
      io.err(`${keep ? 'cp' : 'mv'}: can't stat '${from}': No such file or directory\n`);
      return 1;
    }
    const folder = container.files.get(to)?.type === 'directory';
    container.files.put(folder ? `${to}/${from.split('/').at(-1)}` : to, { ...entry });
    if (!keep) container.files.remove(from);
    return 0;
  };

const chmod: Builtin = ({ container, args }) => {
  const [mode = '', ...paths] = args.filter(arg => !/^-[a-zA-Z]+$/.test(arg) || /^-[rwx]+$/.test(arg));
  for (const path of paths) {
    const entry = container.files.get(path);
    if (!entry) return 1;
    const next = /^[0-7]+$/.test(mode)
      ? Number.parseInt(mode, 8)
      : mode.includes('x')
        ? entry.mode | 0o111
        : entry.mode;
    container.files.put(path, { ...entry, mode: next });
  }
  return 0;
};

const touch: Builtin = ({ container, args }) => {
  for (const path of plain(args)) container.files.write(path, container.files.read(path) ?? '');
  return 0;
};

/** Text of the file named last, or of the input. */
const input = async ({ container, args, io }: Parameters<Builtin>[0], path = plain(args).at(-1)): Promise<string> => {
  const known = path ? container.files.text(path) : undefined;
  return known ?? (await readAll(io)).toString('utf8');
};

const grep: Builtin = async run => {
  const [pattern = '', path] = plain(run.args);
  const quiet = run.args.some(arg => /^-\w*q/.test(arg));
  const lines = (await input(run, path)).split('\n');
  const insensitive = run.args.some(arg => /^-\w*i/.test(arg)) ? 'i' : '';
  const found = lines.filter(line => new RegExp(pattern, insensitive).test(line));
  if (!quiet) for (const line of found) run.io.out(`${line}\n`);
  return found.length > 0 ? 0 : 1;
};

const head: Builtin = async run => {
  const count = Number(run.args.join(' ').match(/-n?\s*(\d+)/)?.[1] ?? 10);
  const path = run.args.find(arg => arg.startsWith('/'));
  const lines = (await input(run, path ?? '')).split('\n');
  run.io.out(`${lines.slice(0, count).join('\n')}\n`);
  return 0;
};

const tee: Builtin = async ({ container, args, io }) => {
  const content = await readAll(io);
  for (const path of plain(args)) container.files.write(path, content);
  io.out(content);
  return 0;
};

const wc: Builtin = async run => {
  const text = await input(run);
  run.io.out(`${run.args.includes('-c') ? Buffer.byteLength(text) : text.split('\n').length - 1}\n`);
  return 0;
};

export const FILE_COMMANDS: Record<string, Builtin> = {
  cat,
  test,
  '[': test,
  ls,
  stat,
  mkdir,
  rm,
  mv: move(false),
  cp: move(true),
  chmod,
  touch,
  grep,
  head,
  tail: head,
  tee,
  wc,
};
