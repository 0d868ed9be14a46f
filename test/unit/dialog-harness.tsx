import { Box } from 'ink';
import { render } from 'ink-testing-library';
import type { ReactNode } from 'react';
import { KeyProvider } from '../../components/hooks/use-keys.ts';
import { createTheme, ThemeContext } from '../../components/theme.ts';
import { bytesOf, pasteBytes } from '../screen/keys.ts';

export interface Shown {
  /** Presses keys by name, each in a turn of its own. */
  press(...keys: string[]): Promise<void>;
  /** Sends text in one piece, as fast typing over a slow line arrives. */
  type(text: string): Promise<void>;
  paste(text: string): Promise<void>;
  /** The frame as text. */
  frame(): string;
  /** Waits until the frame shows it. */
  until(condition: RegExp | string): Promise<void>;
  untilGone(text: string): Promise<void>;
  unmount(): void;
}

/** For this long Ink waits whether an Esc begins a sequence, and a little, in milliseconds. */
const ESC_WAIT = 30;
const QUIET = 4;

const turn = () => new Promise(resolve => setImmediate(resolve));

/** Shows a dialog with the keyboard before it, without colours. */
export async function show(dialog: ReactNode, size = { width: 80, height: 24 }): Promise<Shown> {
  const { stdin, lastFrame, unmount } = render(
    <ThemeContext.Provider value={createTheme({ NO_COLOR: '1' })}>
      <Box width={size.width} height={size.height}>
        <KeyProvider>{dialog}</KeyProvider>
      </Box>
    </ThemeContext.Provider>,
  );
  const frame = () => (lastFrame() ?? '').replace(/\x1b\[[\d;]*m/g, '');
  const settle = async (quiet = QUIET) => {
    for (let before = ''; before !== frame(); ) {
      before = frame();
      await new Promise(resolve => setTimeout(resolve, quiet));
      await turn();
    }
  };
  const wait = async (met: () => boolean, what: string) => {
    const deadline = Date.now() + 3000;
    while (!met()) {
      if (Date.now() > deadline) throw new Error(`waited for ${what}\n${frame()}`);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  };
  await settle(ESC_WAIT);
  return {
    async press(...keys) {
      for (const key of keys) {
        stdin.write(bytesOf(key));
        await settle(key === 'Esc' ? ESC_WAIT : QUIET);
      }
    },
    async type(text) {
      stdin.write(text);
      await settle();
    },
    async paste(text) {
      stdin.write(pasteBytes(text));
      await settle();
    },
    frame,
    until: condition =>
      wait(
        () => (typeof condition === 'string' ? frame().includes(condition) : condition.test(frame())),
        `${condition}`,
      ),
    untilGone: text => wait(() => !frame().includes(text), `${text} to go`),
    unmount,
  };
}
