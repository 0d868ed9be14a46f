import { createContext, useContext, useEffect, useId, useLayoutEffect } from 'react';
import type { Part } from './parts.ts';
import type { Voice } from './voice.ts';

/** Present when the screen is read out, and then nothing is drawn. */
export const VoiceContext = createContext<Voice | undefined>(undefined);

/** Tells a part of the screen while it is there; undefined: there is nothing to tell at the moment. */
export function usePart(part: Part | undefined): void {
  const voice = useContext(VoiceContext);
  const id = useId();
  useLayoutEffect(() => {
    if (part) voice?.tell(id, part);
    else voice?.drop(id);
  });
  useEffect(() => () => voice?.drop(id), [voice, id]);
}
