import type { Command } from 'commander';
import type { Session } from '../../src/cli/command.ts';
import { Interrupts } from '../../src/cli/io.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { collector } from './cli-fake.ts';

/** Our whole command tree; nothing can be run with it. */
export function commandTree(): Promise<Command> {
  const session: Session = {
    io: {
      stdout: collector(),
      stderr: collector(),
      env: {},
      version: '1.2.3',
      interrupts: new Interrupts(),
      openEngine: () => Promise.reject(new Error('no engine')),
    },
    exitCode: 0,
    log: undefined,
    engine: undefined,
  };
  return buildProgram(session, () => {});
}

/** Every command with the words that name it, `cluster create`; the program itself is ''. */
export function allCommands(program: Command, path = ''): { path: string; command: Command }[] {
  return [
    { path, command: program },
    ...program.commands.flatMap(sub => allCommands(sub, `${path} ${sub.name()}`.trim())),
  ];
}
