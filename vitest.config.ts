import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const cores = availableParallelism()

/** Tests that start processes, several at once. */
const PROCESSES = ['test/crash/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/contract/**/*.test.ts']

export default defineConfig({
  test: {
    globalSetup: ['test/support/seed.ts', 'test/support/postgres-setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'processes',
          include: PROCESSES,
          maxWorkers: cores,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'modules',
          include: ['test/**/*.test.ts'],
          exclude: PROCESSES,
          // The modules hold no state of their own: loading them once a worker is enough.
          isolate: false,
          maxWorkers: cores,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    pool: 'forks',
    // For machines with much else to do; nothing waits for it on a good day.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    disableConsoleIntercept: true,
  },
})
