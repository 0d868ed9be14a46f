import type { ClusterSpec } from '../../../src/config/cluster-spec.ts';
import { writeClusterConfig } from '../../../src/config/file/write.ts';
import { sanitise, truncate } from '../../../src/text.ts';
import type { Theme } from '../../theme.ts';

/** The config file that asks for the same, to be kept in a project; secrets are left for its reader to put in. */
export function configFileLines(theme: Theme, spec: ClusterSpec, width: number): string[] {
  const { proxy } = spec.registries.create ?? {};
  const shown: ClusterSpec = {
    ...spec,
    ...(spec.token && { token: '<hidden>' }),
    ...(proxy?.password && {
      registries: {
        ...spec.registries,
        create: { ...spec.registries.create, proxy: { ...proxy, password: '<hidden>' } },
      },
    }),
  };
  const lines = writeClusterConfig(shown).trimEnd().split('\n');
  return [
    '',
    theme.paint('title', 'The same as a config file'),
    ...lines.map(line => theme.paint('dim', truncate(`  ${sanitise(line)}`, width))),
  ];
}
