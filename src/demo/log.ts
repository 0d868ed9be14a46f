import type { Clock } from './clock.ts';

export interface LogLine {
  stream: 1 | 2;
  nano: bigint;
  /** With its line end. */
  text: string;
}

const KEPT = 5000;

/** A container's log: the last lines, and those who follow it. */
export class Log {
  lines: LogLine[] = [];
  #followers = new Set<(line: LogLine | undefined) => void>();
  #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(stream: 1 | 2, text: string, nano = this.#clock.nano()): void {
    const line: LogLine = { stream, nano, text: text.endsWith('\n') ? text : `${text}\n` };
    this.lines.push(line);
    if (this.lines.length > KEPT * 1.2) this.lines = this.lines.slice(-KEPT);
    for (const follower of this.#followers) follower(line);
  }

  /** `follower` gets every new line, and undefined when the container's process ends. */
  follow(follower: (line: LogLine | undefined) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  processEnded(): void {
    for (const follower of [...this.#followers]) follower(undefined);
  }
}
