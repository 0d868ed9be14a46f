import type { Command } from 'commander';
import { notBuilt } from './cluster-flags.ts';

/** k3d's commands that k3dui does not have yet: said so, rather than called unknown. */
const COMMANDS: Record<string, string[]> = {
  image: ['import', 'load'],
};

/** Adds them, hidden. */
export function addCommandsNotBuilt(program: Command): void {
  for (const [noun, verbs] of Object.entries(COMMANDS)) {
    const group = program.commands.find(command => command.name() === noun) ?? program.command(noun, { hidden: true });
    for (const verb of verbs) refuse(group, verb);
  }
}

function refuse(parent: Command, name: string): void {
  const path = parent.parent ? `${parent.name()} ${name}` : name;
  parent
    .command(`${name} [any...]`, { hidden: true })
    .allowUnknownOption()
    .action(() => {
      throw notBuilt(`'${path}'`);
    });
}
