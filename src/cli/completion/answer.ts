import { namesAtAGlance } from '../../engine/names-at-a-glance.ts';
import { sanitise } from '../../text.ts';
import type { CommandNode } from '../describe.ts';
import { complete } from './complete.ts';

/** Longest a person waits for names, in milliseconds; the words of the program itself need none. */
const LIMIT = 1000;

/**
 * The answer to the shells' question `__complete WORD… CURRENT` (`words`): a line for each candidate, its name and a few words
 * about it with a tab between, and last a line `:N` that says what the shell should do besides. As cobra's programs
 * answer, k3d being one.
 */
export async function completionAnswer(root: CommandNode, words: string[], env: NodeJS.ProcessEnv): Promise<string> {
  // Windows' older PowerShell cannot pass an empty word.
  const asked = words.map(word => (word === '""' ? '' : word));
  const demo = asked.includes('--demo');
  const { candidates, directive } = await complete(root, asked, kind =>
    demo ? Promise.resolve([]) : namesAtAGlance(kind, { env, host: hostIn(asked), limit: LIMIT }),
  );
  const lines = candidates.map(({ name, text }) => (text ? `${line(name)}\t${line(text)}` : line(name)));
  return [...lines, `:${directive}`, ''].join('\n');
}

/** One line, whatever an engine calls its things. */
function line(text: string): string {
  return sanitise(text).replaceAll('\t', ' ');
}

function hostIn(words: string[]): string | undefined {
  const at = words.findIndex(word => word === '--host' || word.startsWith('--host='));
  if (at < 0 || at === words.length - 1) return undefined;
  return words[at] === '--host' ? words[at + 1] : words[at]!.slice('--host='.length);
}
