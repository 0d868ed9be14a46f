import { useState } from 'react';
import type { KeyPress } from '../hooks/use-keys.ts';

export interface Scroll {
  top: number;
  /** Moves for a key that scrolls; false for any other. */
  onKey(key: KeyPress): boolean;
  /** What the border says of what is out of sight: `↑ 3  ↓ 12`. */
  outside: string;
}

/** Scrolls `count` lines through a window of `height`. */
export function useScroll(count: number, height: number): Scroll {
  const [wanted, setTop] = useState(0);
  const last = Math.max(0, count - height);
  const top = Math.min(wanted, last);
  const page = Math.max(1, height - 1);
  const steps: Record<string, number> = {
    up: -1,
    k: -1,
    'wheel-up': -3,
    down: 1,
    j: 1,
    'wheel-down': 3,
    pageup: -page,
    'ctrl-b': -page,
    pagedown: page,
    'ctrl-f': page,
    space: page,
    home: -count,
    g: -count,
    end: count,
    G: count,
  };
  const below = count - height - top;
  return {
    top,
    onKey(key) {
      const step = steps[key.name];
      if (step === undefined) return false;
      setTop(from => Math.max(0, Math.min(last, Math.min(from, last) + step)));
      return true;
    },
    outside: [top > 0 ? `↑ ${top}` : '', below > 0 ? `↓ ${below}` : ''].filter(text => text !== '').join('  '),
  };
}
