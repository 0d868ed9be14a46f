import { sanitise } from '../src/text.ts';

/** One line, safe for a terminal: what is wrong and what to do next. */
export function errorText({ message, hint }: { message: string; hint?: string }): string {
  return sanitise(hint ? `${message} · ${hint}` : message);
}
