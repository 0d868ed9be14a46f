import type { Command } from 'commander';
import { K3duiError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { handle, type Session } from '../command.ts';
import { explain } from '../explain.ts';
import { completionScript, SCRIPTS, type Shell } from './scripts.ts';

/** `completion SHELL`. k3d cmd/root.go. */
export function addCompletionCommand(program: Command, session: Session): void {
  const command = program
    .command('completion SHELL')
    .description('print what makes a shell complete commands, flags and names: bash, zsh, fish, powershell (or psh)');
  explain(command, 'An alias is told to bash so: complete -F __k3dui_complete k3d');
  handle(command, session, async ({ args, io }) => {
    io.stdout.write(completionScript(shellNamed(args[0]!), 'k3dui'));
    return undefined;
  });
}

function shellNamed(name: string): Shell {
  const shell = name === 'psh' ? 'powershell' : name;
  if (Object.hasOwn(SCRIPTS, shell)) return shell as Shell;
  const known = Object.keys(SCRIPTS);
  const near = nearest(name, known);
  throw new K3duiError({
    code: 'USAGE',
    message: `there is no completion for the shell '${name}'`,
    hint: near ? `did you mean ${near}?` : `one of ${known.join(', ')}`,
  });
}
