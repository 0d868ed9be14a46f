import { writeClusterConfig } from '../../config/file/write.ts';
import { sanitise } from '../../text.ts';
import type { ClusterExport } from './spec-of.ts';

/** An export as a config file, with what a person should know on top as comments. */
export function exportText({ spec, notes }: ClusterExport): string {
  const about = [`cluster ${spec.name}, as found; k3dui cluster create -c FILE makes it again`, ...notes];
  const comments = about.flatMap(line => inWidth(withoutVariables(sanitise(line)))).map(line => `# ${line}\n`);
  return `${comments.join('')}${writeClusterConfig(spec)}`;
}

/** Lines of at most so many characters, broken between words. */
const WIDTH = 74;

function inWidth(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines;
}

/** Readers put the environment's values in place of `$NAME` before anything else, comments included. */
function withoutVariables(text: string): string {
  return text.replaceAll('$', '\\x24');
}
