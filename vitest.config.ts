import { defineConfig } from 'vitest/config';

/**
 * Four levels, each runnable alone: `npx vitest run --project unit|demo|screen|docker [name of a file]`.
 * unit: pure functions. demo: the engine on the demo engine. screen: the app in a pseudo-terminal. docker: a real engine.
 */
const project = (name: string, include: string[], extra: object = {}) => ({
  test: { name, include, testTimeout: 30_000, hookTimeout: 120_000, ...extra },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', ['test/unit/**/*.test.{ts,tsx}']),
      project('demo', ['test/demo/**/*.test.ts']),
      project('screen', ['test/screen/**/*.test.ts'], { maxWorkers: 2 }),
      project('docker', ['test/docker/**/*.test.ts'], { maxWorkers: 2, testTimeout: 180_000 }),
    ],
  },
});
