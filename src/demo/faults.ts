export interface FaultRequest {
  method: string;
  /** Without the version prefix: `/containers/json`. */
  path: string;
  query: URLSearchParams;
}

export interface Fault {
  /** A function, or a text that `METHOD /path` contains. */
  match: string | ((request: FaultRequest) => boolean);
  /** Strikes first at the nth matching call (counted from 1). */
  nth?: number;
  /** How many calls it strikes; 1 unless told, Infinity for ever. */
  times?: number;
  action: 'error' | 'stall' | 'reset' | 'delay' | 'truncate';
  /** For `error`: status (500) and message. */
  status?: number;
  message?: string;
  /** For `delay`: real milliseconds. */
  ms?: number;
  /** For `truncate`: how many bytes of the answer's body get through before the connection is cut; 16 unless told. */
  bytes?: number;
}

/** What goes wrong on purpose. */
export interface FaultControl {
  add(fault: Fault): void;
  clear(): void;
}

export class Faults implements FaultControl {
  #faults: { fault: Fault; seen: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, seen: 0 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault that strikes this call, if one does. Each call counts for every fault that matches it. */
  strike(request: FaultRequest): Fault | undefined {
    let struck: Fault | undefined;
    for (const entry of this.#faults) {
      const { match, nth = 1, times = 1 } = entry.fault;
      const fits = typeof match === 'string' ? `${request.method} ${request.path}`.includes(match) : match(request);
      if (!fits) continue;
      entry.seen++;
      if (!struck && entry.seen >= nth && entry.seen < nth + times) struck = entry.fault;
    }
    return struck;
  }
}
