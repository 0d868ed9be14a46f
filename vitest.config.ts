import { defineConfig } from 'vitest/config';

/**
 * Four levels, each runnable alone: `npx vitest run --project unit|demo|screen|docker [name of a file]`.
 * unit: pure functions. demo: the engine on the demo engine. screen: the app in a pseudo-terminal. docker: a real engine.
 * The levels run one after another, the quick ones first. Only what hangs reaches a time limit.
 */
const project = (name: string, groupOrder: number, include: string[], extra: object = {}) => ({
  test: {
    name,
    include,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    sequence: { groupOrder },
    ...extra,
  },
});
// On a busy machine a terminal, an engine or a process may stall once; what is wrong fails twice. Both tries are reported.
const retry = 1;
const globalSetup = ['test/bed/global-setup.ts'];

export default defineConfig({
  test: {
    projects: [
      project('unit', 1, ['test/unit/**/*.test.{ts,tsx}']),
      // The demo engine really publishes ports: each file has ports of its own (181xx), or asks for free ones.
      project('demo', 2, ['test/demo/**/*.test.ts'], { maxWorkers: 2, retry }),
      project('screen', 3, ['test/screen/**/*.test.ts'], { maxWorkers: 2, retry, globalSetup }),
      project('docker', 4, ['test/docker/**/*.test.ts'], { maxWorkers: 2, retry, testTimeout: 180_000, globalSetup }),
    ],
  },
});
