import { defineConfig } from 'vitest/config';

/** Tests that start the program, replace what belongs to the whole process, or take long. */
const wholeProcess = [
  'test/campaign/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/sinks/*-real-peers.test.ts',
];

export default defineConfig({
  test: {
    // Twice the processors of a small machine: the tests of whole processes wait much of their time.
    maxWorkers: 4,
    setupFiles: ['test/support/kept-keys.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      // Run first, by its name: the short files behind them fill both processors to the end.
      {
        extends: true,
        test: {
          name: 'process',
          include: wholeProcess,
          // A machine that stands still for a while breaks what waits for other processes. `.ci/run` names whatever was
          // tried again, so that it is looked at all the same.
          retry: process.env.CI === undefined ? 0 : 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'connectors/**/*.test.ts'],
          exclude: [...wholeProcess, '**/node_modules/**'],
          // Its files share nothing that outlasts a test but loaded modules: to load them anew for each takes longer
          // than the tests.
          isolate: false,
        },
      },
    ],
  },
});
