import type { Command } from 'commander';
import type { Session } from './command.ts';

/**
 * Commands in a module of their own, loaded when one of them may be meant: every start would pay for all that the
 * others stand on.
 */
export interface CommandModule {
  /** Names and aliases of what it adds. */
  names: readonly string[];
  load: () => Promise<(parent: Command, session: Session, words: readonly string[]) => unknown>;
}

/**
 * Adds to a program or a noun the commands that these words may mean: those whose name is among them. All are added when
 * the words do not begin with such a name: for help, for what is nearest to a slip, and without words to describe them.
 * `words`: what is not a flag, from this command's own sub-command on; a flag's value among them does no harm.
 */
export async function addAsked(
  parent: Command,
  session: Session,
  modules: readonly CommandModule[],
  words: readonly string[] = [],
): Promise<void> {
  const known = modules.some(({ names }) => names.includes(words[0] ?? ''));
  const asked = known ? modules.filter(({ names }) => names.some(name => words.includes(name))) : modules;
  const loaded = await Promise.all(asked.map(({ load }) => load()));
  // One after the other: help shows them in this order.
  for (const add of loaded) await add(parent, session, words.slice(1));
}
