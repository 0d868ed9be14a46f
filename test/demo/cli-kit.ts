import { Interrupts, type Io } from '../../src/cli/io.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { collector, type Printed } from '../unit/cli-fake.ts';

/** Runs a command line in this process, on an engine that stays open. */
export async function runOn(engine: Engine, argv: string[]): Promise<Printed> {
  const stdout = collector();
  const stderr = collector();
  const io: Io = {
    stdout,
    stderr,
    env: engine.env,
    version: '1.2.3',
    interrupts: new Interrupts(),
    openEngine: async () => {
      // A process of its own would begin with a fresh look, and close what it opened.
      await engine.inventory.refresh();
      return { ...engine, close() {} };
    },
  };
  const code = await runCommandLine(argv, io);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}
