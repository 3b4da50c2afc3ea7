import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const cores = availableParallelism()

/** Tests that start processes, several at once. */
const PROCESSES = ['test/crash/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/contract/**/*.test.ts']

/** What both engines share: these run once more, on PostgreSQL. */
const SHARED = [
  'test/db/calls/{circuits,circuit-probes,judgements,late-sends,ledger,limit-states,own-failures,slots}.test.ts',
  'test/db/usage/usage.test.ts',
  'test/db/checkpoints/{blobs,checkpoints,runs}.test.ts',
  'test/db/executions/*.test.ts',
  'test/db/hosts/*.test.ts',
  'test/db/maintenance/prune.test.ts',
  'test/db/engine/several-processes.test.ts',
  'test/pipeline/overview/status-report.test.ts',
  'test/pipeline/retag.test.ts',
  'test/pipeline/schedule/run-tasks.test.ts',
  'test/e2e/{judge,model,offline}.test.ts',
]

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
      {
        extends: true,
        test: {
          name: 'postgres',
          include: SHARED,
          env: { RPA_TEST_ENGINE: 'postgres' },
          setupFiles: 'test/support/needs-postgres.ts',
          isolate: false,
          maxWorkers: cores,
          sequence: { groupOrder: 2 },
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
