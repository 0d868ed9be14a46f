import type { Command } from 'commander';
import { DEFAULT_K3S_IMAGE } from '../config/default-image.ts';
import { k3sVersionOf } from '../config/image.ts';
import { K3D_VERSION } from '../config/k3d-version.ts';
import { flagValue, handle, type Session } from './command.ts';
import { goJson } from './go-output.ts';
import { addVersionListCommand } from './version-list.ts';

/** Lines of `--version` and `version`: k3d's two first, where scripts read them, and then what really runs. */
export function versionText(version: string): string {
  const k3s = k3sVersionOf(DEFAULT_K3S_IMAGE);
  return `k3d version ${K3D_VERSION}\nk3s version ${k3s} (default)\nk3dui version v${version}\n`;
}

/** `version [-o json]`. k3d cmd/root.go. */
export function addVersionCommand(program: Command, session: Session): Command {
  const command = program
    .command('version')
    .description('show the versions of k3dui, of the k3d it stands for, and of the default k3s')
    .option('-o, --output <format>', 'json instead of text');
  handle<{ output?: string }>(command, session, async ({ flags, io }) => {
    if (flags.output) flagValue('--output', flags.output, ['json']);
    io.stdout.write(
      flags.output === 'json'
        ? goJson({ k3d: K3D_VERSION, k3s: k3sVersionOf(DEFAULT_K3S_IMAGE), k3dui: `v${io.version}` })
        : versionText(io.version),
    );
    return undefined;
  });
  addVersionListCommand(command, session);
  return command;
}
