import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Instance, render } from 'ink';
import { createElement } from 'react';
import { createApp } from '../../components/create-app.tsx';
import { KeyProvider } from '../../components/hooks/use-keys.ts';
import { createTheme, ThemeContext } from '../../components/theme.ts';
import { DEFAULT_SETTINGS } from '../../src/config/settings/schema.ts';
import type { Engine } from '../../src/engine/engine.ts';

/** Longer than anything that draws again by itself, in milliseconds, the ages' tick aside. */
const STILL = 1500;

/** A terminal that keeps the last frame, as plain text, and counts all. */
class Screen extends EventEmitter {
  readonly isTTY = true;
  readonly columns = 120;
  readonly rows = 40;
  frames = 0;
  last = '';

  write(text: string): boolean {
    this.frames++;
    this.last = text.replace(/\x1b\[[0-9;]*m/g, '');
    return true;
  }
}

/** A keyboard that Ink reads as it reads a real one. */
class Keyboard extends EventEmitter {
  readonly isTTY = true;
  #waiting: string[] = [];

  press(keys: string): void {
    this.#waiting.push(keys);
    this.emit('readable');
  }

  read(): string | null {
    return this.#waiting.shift() ?? null;
  }

  setEncoding(): void {}
  setRawMode(): void {}
  ref(): void {}
  unref(): void {}
  resume(): void {}
  pause(): void {}
}

export interface AppOnDemo {
  screen: Screen;
  press(keys: string): void;
  close(): void;
  /** Waits until nothing has been drawn for so many milliseconds, or for a second and a half; how many frames there were so far. */
  still(quiet?: number): Promise<number>;
  /** Who listens to the engine now. */
  subscribed(): number;
}

/** The whole app over an engine, in this process, so that frames, listeners and memory can be counted. */
export function appOnDemo(engine: Engine): AppOnDemo {
  let subscribed = 0;
  const counted = (subscribe: (listener: () => void) => () => void) => (listener: () => void) => {
    const unsubscribe = subscribe(listener);
    subscribed++;
    return () => {
      subscribed--;
      unsubscribe();
    };
  };
  const { inventory, operations } = engine;
  const watched: Engine = {
    ...engine,
    inventory: {
      get snapshot() {
        return inventory.snapshot;
      },
      subscribe: counted(listener => inventory.subscribe(listener)),
      refresh: () => inventory.refresh(),
      close: () => inventory.close(),
    },
    operations: {
      get operations() {
        return operations.operations;
      },
      get revision() {
        return operations.revision;
      },
      newId: () => operations.newId(),
      add: operation => operations.add(operation),
      subscribe: counted(listener => operations.subscribe(listener)),
    },
  };
  const screen = new Screen();
  const keyboard = new Keyboard();
  const app = createApp({
    engine: watched,
    settings: DEFAULT_SETTINGS,
    settingsPath: 'settings',
    key: '0',
    switchTo: async () => {},
    quit: () => {},
    suspend: () => {},
    aside: work => work(),
    copy: async () => '',
  });
  const shown: Instance = render(
    createElement(
      ThemeContext.Provider,
      { value: createTheme({ NO_COLOR: '1' }) },
      createElement(KeyProvider, null, app),
    ),
    {
      stdout: screen as unknown as NodeJS.WriteStream,
      stdin: keyboard as unknown as NodeJS.ReadStream,
      // Each frame is one write.
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  return {
    screen,
    press: keys => keyboard.press(keys),
    close: () => {
      shown.unmount();
      shown.cleanup();
    },
    still: async (quiet = STILL) => {
      for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
        const { frames } = screen;
        await sleep(quiet);
        if (screen.frames === frames) return frames;
      }
      throw new Error('the screen is drawn again and again');
    },
    subscribed: () => subscribed,
  };
}
