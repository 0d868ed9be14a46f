import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { CommandNode } from '../../src/cli/describe.ts';
import { manPage } from '../../src/cli/man-page.ts';
import { normaliseFlags } from '../../src/cli/normalise-flags.ts';
import { describeProgram } from '../../src/cli/program.ts';
import { runCli } from './cli-fake.ts';
import { allCommands, commandTree } from './cli-tree.ts';

const described = await describeProgram('1.2.3');

/** Commands that do something, with their words. */
const leaves = allOf(described).filter(({ command }) => command.commands.length === 0 || command.name === 'version');

describe('help teaches by example:', () => {
  it.each(leaves)('$path', async ({ path, command }) => {
    const examples = examplesOf(command);
    expect(examples.length, 'add some to src/cli/examples.ts').toBeGreaterThan(0);
    for (const line of examples) {
      const mine = /k3dui ([^|>]*)/.exec(line.replace(/(\s{2,}|\s#).*$/, ''))?.[1];
      expect(mine, line).toBeDefined();
      const argv = mine!
        .replace(/\)$/, '')
        .trim()
        .split(/\s+/)
        .map(word => word.replace(/^'(.*)'$/, '$1'));
      await parses(argv).catch(error => expect.fail(`${line}: ${error.message}`));
    }
    expect(
      examples.some(line => line.includes(`k3dui ${path}`)),
      `one shows 'k3dui ${path}'`,
    ).toBe(true);
  });

  it.each(leaves)('$path --help tells it and does nothing', async ({ path }) => {
    const { code, stdout } = await runCli([...path.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: k3dui ${path}`);
    // Only what has no space to break it at is longer than the line. An example is a line to be copied whole.
    const [explained = ''] = stdout.split('\nExamples:\n');
    expect(explained.split('\n').filter(line => line.length > 80 && / /.test(line.trim()))).toEqual([]);
    // Commander takes brackets away from both ends of an argument's name.
    for (const [usage] of stdout.matchAll(/^Usage: .*$/gm)) {
      expect(usage.split('[').length, usage).toBe(usage.split(']').length);
    }
  });

  it('and is shown at the end', async () => {
    const { code, stdout } = await runCli(['cluster', 'stop', '-h']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nExamples:\n {2}k3dui cluster stop demo\n {2}k3dui cluster stop --all\n$/);
  });
});

describe('the manual page', () => {
  const page = manPage(described, '1.2.3');

  it('names every command and every flag', () => {
    for (const { path, command } of leaves) {
      expect(page).toContain(`\\fBk3dui ${path.replaceAll('-', '\\-')}\\fR`);
      for (const { long, hidden } of command.flags) {
        if (!hidden) expect(page).toContain(`\\fB${long.replaceAll('-', '\\-')}\\fR`);
      }
    }
  });

  it('holds no text that roff would take for a request', () => {
    const requests = new Set(
      page
        .split('\n')
        .filter(line => /^[.']/.test(line))
        .map(line => line.split(' ')[0]),
    );
    expect([...requests].sort()).toEqual(['.PP', '.SH', '.SS', '.TH', '.TP', '.fi', '.nf']);
    expect(page).not.toMatch(/\\(?![fe&-])/);
  });

  it('is printed by the program, and groff finds nothing wrong with it', async context => {
    expect(await runCli(['man'])).toEqual({ code: 0, stdout: page, stderr: '' });
    const groff = spawnSync('groff', ['-ww', '-man', '-Tutf8', '-Kutf8', '-z'], { input: page, encoding: 'utf8' });
    if (groff.error) return context.skip('no groff here');
    expect(groff.stderr).toBe('');
  });
});

function examplesOf(command: CommandNode): string[] {
  const [, text = ''] = command.notes.split(/^Examples:\n/m);
  return text
    .split('\n')
    .filter(line => /^ {2}\S/.test(line))
    .map(line => line.trim());
}

/** Throws what commander says about the line; runs nothing. */
async function parses(argv: string[]): Promise<void> {
  const program = await commandTree();
  for (const { command } of allCommands(program)) if (command.commands.length === 0) command.action(() => {});
  program.parse(normaliseFlags(program, argv), { from: 'user' });
}

function allOf(command: CommandNode, path = ''): { path: string; command: CommandNode }[] {
  return [
    ...(path && !command.hidden ? [{ path, command }] : []),
    ...command.commands.flatMap(sub => (command.hidden ? [] : allOf(sub, `${path} ${sub.name}`.trim()))),
  ];
}
