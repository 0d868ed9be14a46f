import { defineConfig } from 'vitest/config';

/**
 * Four levels, each runnable alone: `npx vitest run --project unit|demo|screen|docker [name of a file]`.
 * unit: pure functions. demo: the engine on the demo engine. screen: the app in a pseudo-terminal. docker: a real engine.
 * The levels run one after another, the quick ones first.
 */
const project = (name: string, groupOrder: number, include: string[], extra: object = {}) => ({
  test: { name, include, testTimeout: 30_000, hookTimeout: 120_000, sequence: { groupOrder }, ...extra },
});
// A terminal or an engine on a busy machine may stall once; what is wrong fails twice. Both tries are reported.
const retry = 1;
const globalSetup = ['test/bed/global-setup.ts'];

export default defineConfig({
  test: {
    projects: [
      project('unit', 1, ['test/unit/**/*.test.{ts,tsx}']),
      // One at a time: the demo engine really publishes ports, and the files use the same ones.
      project('demo', 2, ['test/demo/**/*.test.ts'], { maxWorkers: 1, retry }),
      project('screen', 3, ['test/screen/**/*.test.ts'], { maxWorkers: 2, retry, globalSetup }),
      project('docker', 4, ['test/docker/**/*.test.ts'], { maxWorkers: 2, retry, testTimeout: 180_000, globalSetup }),
    ],
  },
});
