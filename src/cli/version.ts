import type { Command } from 'commander';
import { DEFAULT_K3S_IMAGE } from '../config/default-image.ts';
import { k3sVersionOf } from '../config/image.ts';
import { K3D_VERSION } from '../engine/cluster/create.ts';
import { K3duiError } from '../errors.ts';
import { handle, type Session } from './command.ts';
import { goJson } from './go-output.ts';

/** Lines of `--version` and `version`. */
export function versionText(version: string): string {
  return `k3dui version v${version}\nk3d version ${K3D_VERSION} (compatible with)\nk3s version ${k3sVersionOf(DEFAULT_K3S_IMAGE)} (default)\n`;
}

/** `version [-o json]`. k3d cmd/root.go. */
export function addVersionCommand(program: Command, session: Session): Command {
  const command = program
    .command('version')
    .description('show the versions of k3dui and of the default k3s')
    .option('-o, --output <format>', 'json instead of text');
  handle<{ output?: string }>(command, session, async ({ flags, io }) => {
    if (flags.output !== undefined && flags.output !== '' && flags.output !== 'json') {
      throw new K3duiError({
        code: 'USAGE',
        message: `unknown output format '${flags.output}'`,
        hint: 'only json is known',
      });
    }
    io.stdout.write(
      flags.output === 'json'
        ? goJson({ k3dui: `v${io.version}`, k3d: K3D_VERSION, k3s: k3sVersionOf(DEFAULT_K3S_IMAGE) })
        : versionText(io.version),
    );
    return undefined;
  });
  return command;
}
