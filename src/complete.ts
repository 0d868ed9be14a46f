/**
 * What shells start at every Tab, instead of main.ts: neither the engine nor the code of the commands is loaded. The
 * build writes the tree of commands beside it.
 */
import { readFileSync } from 'node:fs';
import { completionAnswer } from './cli/completion/answer.ts';
import type { CommandNode } from './cli/describe.ts';

const root = JSON.parse(readFileSync(new URL('commands.json', import.meta.url), 'utf8')) as CommandNode;
const answer = await completionAnswer(root, process.argv.slice(3), process.env);
// A connection that hangs (ssh) must not keep the shell waiting.
process.stdout.write(answer, () => process.exit(0));
