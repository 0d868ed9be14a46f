import { type Key, useInput, usePaste } from 'ink';
import { createContext, createElement, type ReactNode, useContext, useEffect, useLayoutEffect, useRef } from 'react';

/** One key, paste, wheel turn or click. */
export interface KeyPress {
  /**
   * `a`, `A`, `?`, `space`, `enter`, `escape`, `tab`, `shift-tab`, `backspace`, `delete`, `up`, `shift-left`, `home`,
   * `pageup`, `ctrl-d`, `ctrl-space`, `ctrl-\`, `alt-x`; `paste`; `wheel-up`, `wheel-down`, `click`.
   */
  name: string;
  /** What it types: printable characters, or the pasted text; else empty. */
  text: string;
  /** Column and row on the screen, from 0, of a wheel turn or click. */
  x?: number;
  y?: number;
}

/** Returns false when the key is not its own, so that the handler below gets it; anything else takes the key. */
export type KeyHandler = (key: KeyPress) => unknown;

/** Hands each key to the handler that was activated last. */
class KeyRouter {
  readonly #stack: { current: KeyHandler }[] = [];

  push(handler: { current: KeyHandler }): () => void {
    this.#stack.push(handler);
    return () => {
      const index = this.#stack.lastIndexOf(handler);
      if (index >= 0) this.#stack.splice(index, 1);
    };
  }

  dispatch(key: KeyPress): void {
    for (const handler of [...this.#stack].reverse()) {
      if (handler.current(key) !== false) return;
    }
  }
}

/** Where wheel turns and clicks come from; see components/terminal/tty-stdin.ts. */
export interface MouseSource {
  onMouse(listener: (key: KeyPress) => void): () => void;
}

const RouterContext = createContext<KeyRouter | undefined>(undefined);

/** Reads the keyboard for everything inside; once, at the root of the app (and of a component's test). */
export function KeyProvider({ mouse, children }: { mouse?: MouseSource; children: ReactNode }): ReactNode {
  const router = useRef<KeyRouter>(undefined);
  router.current ??= new KeyRouter();
  const current = router.current;
  useInput((input, key) => {
    for (const press of toKeyPresses(input, key)) current.dispatch(press);
  });
  usePaste(text => current.dispatch({ name: 'paste', text }));
  useEffect(() => mouse?.onMouse(press => current.dispatch(press)), [mouse, current]);
  return createElement(RouterContext.Provider, { value: current }, children);
}

/**
 * Receives keys while `active`. Of all active handlers the one activated last gets the key first, so a dialog that
 * opens takes them all. Use one per dialog: among handlers that appear in the same frame the outermost comes first.
 */
export function useKeys(active: boolean, handler: KeyHandler): void {
  const router = useContext(RouterContext);
  const latest = useRef(handler);
  useLayoutEffect(() => {
    latest.current = handler;
  });
  useLayoutEffect(() => (active ? router?.push(latest) : undefined), [active, router]);
}

const NAMED: [keyof Key, string][] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
];

const ESCAPE: KeyPress = { name: 'escape', text: '' };

/** Ink's idea of a key as ours. Text that arrives in one piece becomes one press per character. */
function toKeyPresses(input: string, key: Key): KeyPress[] {
  if (key.eventType === 'release') return [];
  const modifiers = `${key.ctrl ? 'ctrl-' : ''}${key.meta ? 'alt-' : ''}`;
  const named = NAMED.find(([property]) => key[property] === true)?.[1];
  if (named !== undefined) {
    // Two Esc that arrive in one piece look to Ink like one with Alt.
    if (named === 'escape' && key.meta) return [ESCAPE, ESCAPE];
    const meta = named === 'escape' ? '' : modifiers;
    return [{ name: `${meta}${key.shift ? 'shift-' : ''}${named}`, text: '' }];
  }
  if (input === '\r' || input === '\n') return [{ name: 'enter', text: '' }];
  if (key.ctrl || key.meta)
    return input === '' ? [] : [{ name: modifiers + (input === ' ' ? 'space' : input), text: '' }];
  return [...input].flatMap(character => {
    if (character === '\r') return [{ name: 'enter', text: '' }];
    if (character < ' ' || character === '\x7f') return [];
    return [{ name: character === ' ' ? 'space' : character, text: character }];
  });
}
