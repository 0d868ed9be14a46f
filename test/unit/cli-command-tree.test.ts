import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collect } from '../../src/cli/command.ts';
import { allCommands, commandTree } from './cli-tree.ts';

/** One flag of k3d 5.9, without its text. */
interface K3dFlag {
  short?: string;
  type: 'bool' | 'int' | 'string' | 'duration' | 'stringArray' | 'stringSlice';
  default: string;
  hidden?: boolean;
  persistent?: boolean;
}

interface K3dCommand {
  aliases: string[];
  hidden?: boolean;
  flags: Record<string, K3dFlag>;
}

const k3d = JSON.parse(readFileSync(new URL('../fixtures/k3d/commands.json', import.meta.url), 'utf8')) as Record<
  string,
  K3dCommand
>;
const { '(root)': root, ...commands } = k3d;
const ours = allCommands(await commandTree());
const global = Object.entries(root!.flags).filter(([, flag]) => flag.persistent);

function find(path: string) {
  return ours.find(one => one.path === path)!.command;
}

describe('k3d’s commands are ours, with all their flags:', () => {
  it.each(Object.entries(commands))('%s', (path, theirs) => {
    const command = find(path);
    expect(command.aliases()).toEqual(expect.arrayContaining(theirs.aliases));
    for (const [name, flag] of Object.entries(theirs.flags)) {
      const option = command.options.find(other => other.long === `--${name}`);
      expect(option, `--${name}`).toBeDefined();
      expect(option!.short, `shorthand of --${name}`).toBe(flag.short && `-${flag.short}`);
      expect(option!.required, `--${name} takes a value`).toBe(flag.type !== 'bool');
      expect(option!.parseArg === collect, `--${name} may be given again`).toBe(/Array|Slice/.test(flag.type));
      expect(option!.description, `default of --${name}`).toContain(shownDefault(flag));
    }
    const letters = command.options.flatMap(option => option.short ?? []);
    expect(new Set(letters).size, 'each letter means one flag').toBe(letters.length);
  });

  it('the words they have are not hidden', () => {
    const missing = Object.entries(commands)
      .filter(([path, theirs]) => !theirs.hidden && !visible(path))
      .map(([path]) => path);
    expect(missing).toEqual([]);
  });

  it('every command takes the flags that all of k3d’s take', () => {
    for (const { path, command } of ours.filter(one => one.command.commands.length === 0 && one.path !== 'help')) {
      const names = command.options.map(option => option.long);
      for (const [name] of global) expect(names, path).toContain(`--${name}`);
    }
  });
});

function visible(path: string): boolean {
  const [name] = path.split(' ').slice(-1);
  const parent = find(path.split(' ').slice(0, -1).join(' '));
  return parent
    .createHelp()
    .visibleCommands(parent)
    .some(sub => sub.name() === name);
}

/** How a default that does something stands in our help. */
function shownDefault({ type, default: value }: K3dFlag): string {
  if (type === 'bool') return value === 'true' ? '(default: yes' : '';
  if (value === '' || value === '[]' || value === '0' || value === '0s') return '';
  return `(default: ${value.replace(/^\[|\]$/g, '')}`;
}
