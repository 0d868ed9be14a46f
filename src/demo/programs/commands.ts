import type { Container, ExecIo } from '../types.ts';
import type { World } from '../world.ts';

/** Runs a command in a container; gives its exit code. */
export async function runCommand(_world: World, container: Container, argv: string[], io: ExecIo): Promise<number> {
  const own = container.program?.exec(argv, io);
  if (own) return own;
  io.err(
    `OCI runtime exec failed: exec failed: unable to start container process: exec: "${argv[0]}": executable file not found in $PATH: unknown`,
  );
  return 127;
}
