import { writeClusterConfig } from '../../config/file/write.ts';
import { sanitise } from '../../text.ts';
import type { ClusterExport } from './spec-of.ts';

/** An export as a config file, with what a person should know on top as comments. */
export function exportText({ spec, notes }: ClusterExport): string {
  const lines = [`cluster ${spec.name}, as it was found: k3dui cluster create -c FILE makes it again`, ...notes];
  return `${lines.map(line => `# ${withoutVariables(sanitise(line))}\n`).join('')}${writeClusterConfig(spec)}`;
}

/** Readers put the environment's values in place of `$NAME` before anything else, comments included. */
function withoutVariables(text: string): string {
  return text.replaceAll('$', '\\x24');
}
