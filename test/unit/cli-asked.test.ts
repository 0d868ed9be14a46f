import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addAsked, type CommandModule } from '../../src/cli/asked.ts';
import type { Session } from '../../src/cli/command.ts';

/** Names of the commands that these words make known, in the order of help. */
async function added(...words: string[]): Promise<string[]> {
  const modules = [['cluster', 'clusters'], ['node'], ['up', 'down']].map(
    (names): CommandModule => ({
      names,
      load: async () => parent => {
        parent.command(names[0]!);
      },
    }),
  );
  const program = new Command();
  await addAsked(program, {} as Session, modules, words);
  return program.commands.map(command => command.name());
}

it('a command line pays only for the command it names, also by an alias', async () => {
  expect(await added('cluster', 'list')).toEqual(['cluster']);
  expect(await added('clusters', 'list')).toEqual(['cluster']);
  expect(await added('down')).toEqual(['up']);
});

it('a flag that has a value called like a command hides no command', async () => {
  expect(await added('node', 'cluster', 'list')).toEqual(['cluster', 'node']);
  expect(await added('tcp://there:2375', 'node', 'list')).toEqual(['cluster', 'node', 'up']);
});

it('help, slips and descriptions know every command', async () => {
  expect(await added()).toEqual(['cluster', 'node', 'up']);
  expect(await added('help', 'node')).toEqual(['cluster', 'node', 'up']);
  expect(await added('clster', 'list')).toEqual(['cluster', 'node', 'up']);
});
