import { createInterface } from 'node:readline/promises';
import { K3duiError } from '../errors.ts';
import type { Io } from './io.ts';

/**
 * Asks a person to say yes. Throws CANCELLED for anything else, and CONFIRMATION_NEEDED where nobody is there to ask
 * (then `--yes` says so).
 */
export async function askFor(io: Io, question: string): Promise<void> {
  const { streams } = io;
  if (!streams?.stdin.isTTY || !io.stderr.isTTY) {
    throw new K3duiError({
      code: 'CONFIRMATION_NEEDED',
      message: `${question} Nobody is there to be asked`,
      hint: 'say so beforehand, with --yes',
    });
  }
  const terminal = createInterface({ input: streams.stdin, output: streams.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: io.interrupts.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw new K3duiError({ code: 'CANCELLED', message: 'nothing was done', exitCode: 1 });
}
