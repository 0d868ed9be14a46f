import { sanitise } from '../../src/text.ts';
import { allOf, newsOf } from './news.ts';
import type { Part } from './parts.ts';

/** Changes that come together are told together. */
const GATHER_MILLISECONDS = 60;
/** What is typed is told once nothing was typed for so long. */
const TYPED_MILLISECONDS = 500;
/** Lines of a log are told at most so often. */
const LOG_MILLISECONDS = 1000;

/** What happened is not told again within this time: a node that restarts for ever would drown all else. */
const SAME_EVENT_MILLISECONDS = 60_000;

/** In this order parts are told. */
const ORDER: readonly Part['kind'][] = ['log', 'list', 'text', 'pane', 'dialog', 'prompt', 'line'];

interface Held {
  now: Part;
  /** As it was when it was told last. */
  said: Part | undefined;
  /** When it changed last, in milliseconds. */
  at: number;
}

/** What somebody may be typing into it. */
function typed(part: Part): string {
  if (part.kind === 'dialog') return part.lines.join('\n');
  return part.kind === 'prompt' ? part.text : '';
}

/**
 * Reads the screen out: what is drawn in the usual app is told here by its parts, and of each only what is new is
 * written, as plain lines one after the other. Nothing that was written is ever changed, and no cursor is moved.
 */
export class Voice {
  readonly #write: (text: string) => void;
  readonly #parts = new Map<string, Held>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is due, in milliseconds. */
  #due = 0;
  /** When lines of a log were told last. */
  #logAt = 0;
  /** What happened of late, and when it was told. */
  readonly #events = new Map<string, number>();
  /** A dialog closed: the list under it is told again. */
  #back = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** One line at once, whatever is on the screen. */
  say(line: string): void {
    const text = sanitise(line);
    if (text !== '') this.#write(`${text}\n`);
  }

  /** A part of the screen is so now. */
  tell(id: string, part: Part): void {
    const held = this.#parts.get(id);
    if (held) {
      if (typed(held.now) !== typed(part)) held.at = Date.now();
      held.now = part;
    } else this.#parts.set(id, { now: part, said: undefined, at: Date.now() });
    this.#later(GATHER_MILLISECONDS);
  }

  /** A part is no longer there. Where a dialog was, the screen under it is told again. */
  drop(id: string): void {
    const held = this.#parts.get(id);
    this.#parts.delete(id);
    if (held?.now.kind !== 'dialog') return;
    this.#back = true;
    this.#later(GATHER_MILLISECONDS);
  }

  /** Says where the person is. */
  again(): void {
    for (const held of this.#inOrder()) if (held.now.kind !== 'line') held.said = undefined;
    this.#flush();
  }

  /** Reads all there is: every row, every line. */
  readAll(): void {
    for (const { now } of this.#inOrder()) for (const line of allOf(now)) this.say(line);
  }

  /** Says no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#parts.clear();
  }

  #inOrder(): Held[] {
    return [...this.#parts.values()].sort((a, b) => ORDER.indexOf(a.now.kind) - ORDER.indexOf(b.now.kind));
  }

  #happened(event: string, now: number): void {
    for (const [line, at] of this.#events) if (now - at > SAME_EVENT_MILLISECONDS) this.#events.delete(line);
    if (this.#events.has(event)) return;
    this.#events.set(event, now);
    this.say(event);
  }

  #later(milliseconds: number): void {
    const due = Date.now() + milliseconds;
    if (this.#timer !== undefined && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => this.#flush(), milliseconds);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let wait = Number.POSITIVE_INFINITY;
    const now = Date.now();
    const parts = [...this.#parts.values()];
    // One dialog may have given way to another.
    if (this.#back && !parts.some(held => held.now.kind === 'dialog')) {
      for (const held of parts) if (held.now.kind === 'list') held.said = undefined;
    }
    this.#back = false;
    for (const held of this.#inOrder()) {
      if (held.said === held.now) continue;
      if (held.now.kind === 'log' && held.said?.kind === 'log' && now - this.#logAt < LOG_MILLISECONDS) {
        wait = Math.min(wait, this.#logAt + LOG_MILLISECONDS - now);
        continue;
      }
      const { lines, events = [], typing } = newsOf(held.said, held.now);
      if (typing && now - held.at < TYPED_MILLISECONDS) {
        wait = Math.min(wait, held.at + TYPED_MILLISECONDS - now);
        continue;
      }
      if (held.now.kind === 'log') this.#logAt = now;
      held.said = held.now;
      for (const event of events) this.#happened(event, now);
      for (const line of lines) this.say(line);
    }
    if (wait < Number.POSITIVE_INFINITY) this.#later(wait);
  }
}
