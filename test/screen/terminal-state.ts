import type { Terminal } from '@xterm/headless';

/** How the process left the terminal: all of it should be as a shell expects it. */
export interface TerminalState {
  alternateScreen: boolean;
  cursorVisible: boolean;
  autoWrap: boolean;
  mouse: string;
  bracketedPaste: boolean;
  /** Line editing and echo of the tty: raw mode is off. */
  canonical: boolean;
  echo: boolean;
}

/** Put together from the emulator, what was written to it, and what `stty -a` prints. */
export function terminalState(term: Terminal, raw: string, stty: string): TerminalState {
  return {
    alternateScreen: term.buffer.active.type === 'alternate',
    cursorVisible: lastMode(raw, 25) ?? true,
    autoWrap: term.modes.wraparoundMode,
    mouse: term.modes.mouseTrackingMode,
    bracketedPaste: term.modes.bracketedPasteMode,
    canonical: / icanon/.test(stty),
    echo: / echo\b/.test(stty),
  };
}

/** Last state of a DEC private mode by what the program wrote; the emulator does not tell the cursor's. */
function lastMode(raw: string, mode: number): boolean | undefined {
  const matches = [...raw.matchAll(/\x1b\[\?([\d;]+)([hl])/g)].filter(([, modes]) =>
    modes!.split(';').includes(String(mode)),
  );
  const last = matches.at(-1);
  return last && last[2] === 'h';
}
