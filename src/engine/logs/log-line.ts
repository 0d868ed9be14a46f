/** Where log lines come from. */
export interface LogSource {
  /** Container id or name. */
  id: string;
  /** Container name; found again by it when the container was replaced. */
  name: string;
}

/** One line of a container's log, as Docker stamped it. */
export interface LogLine {
  /** Milliseconds since the epoch, with a fraction; 0 when Docker said none. */
  time: number;
  /** Index of the source it came from. */
  source: number;
  /** What the container wrote, without the line end; at most MAX_LINE_BYTES. */
  bytes: Buffer;
  /** Bytes that were left out at the end because the line is too long. */
  dropped: number;
  /** Our own note among the lines: the node stopped, was restarted, … */
  note: boolean;
}

/** Longer lines are cut: nobody reads on, and one line must not fill the memory. */
export const MAX_LINE_BYTES = 64 * 1024;

/** A note of our own, in the place of a line. */
export function noteLine(text: string, source: number, time = Date.now()): LogLine {
  return { time, source, bytes: Buffer.from(text), dropped: 0, note: true };
}
