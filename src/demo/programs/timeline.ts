import type { Process } from '../types.ts';

/** Runs the steps one after another, each at its simulated millisecond after now; their order holds at any tempo. */
export function timeline(process: Process, steps: [ms: number, run: () => void][]): void {
  const next = (i: number, at: number) => {
    const step = steps[i];
    if (!step) return;
    process.after(Math.max(0, step[0] - at), () => {
      step[1]();
      if (process.alive) next(i + 1, step[0]);
    });
  };
  next(0, 0);
}
