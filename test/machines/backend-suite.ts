import { describe, expect, it } from 'vitest'
import type { LedgerSettlement } from '../../src/db/calls/settlement.js'
import { checkpointKey, latestKey } from '../../src/machines/backends/keys.js'
import type { CheckpointBackend, CheckpointEvent, Snapshot } from '../../src/machines/types.js'

/** Returns a snapshot such as a machine writes. */
export function snapshotOf(executionId: string, step: number, event: CheckpointEvent): Snapshot {
  return {
    execution_id: executionId,
    machine_name: 'prep',
    spec_version: '4.2.1',
    current_state: 'write',
    context: { title: 'Größe 🙂', list: [1, null, { deep: true }], machine: { step } },
    step,
    created_at: '2026-01-02T03:04:05.000Z',
    event,
    total_api_calls: 2,
    total_cost: 0.25,
    output: { content: 'x'.repeat(20_000) },
  }
}

/**
 * What every checkpoint backend must do. `create` gives one for the execution `paper-1` and its children,
 * with nothing in it.
 */
export function backendSuite(name: string, create: () => Promise<CheckpointBackend>): void {
  describe(name, () => {
    const save = async (backend: CheckpointBackend, id: string, step: number, event: CheckpointEvent) => {
      const key = checkpointKey(id, step, event)
      await backend.save(key, snapshotOf(id, step, event))
      return key
    }

    it('gives back what was saved, whole', async () => {
      const backend = await create()
      const key = await save(backend, 'paper-1', 3, 'execute')
      expect(key).toBe('paper-1/step_000003_execute.json')
      expect(await backend.load(key)).toEqual(snapshotOf('paper-1', 3, 'execute'))
    })

    it('gives null for what is not there', async () => {
      const backend = await create()
      expect(await backend.load(checkpointKey('paper-1', 0, 'machine_start'))).toBeNull()
      expect(await backend.load(latestKey('paper-1'))).toBeNull()
      expect(await backend.list('paper-1/')).toEqual([])
    })

    it('moves latest with each save, one for each execution', async () => {
      const backend = await create()
      await save(backend, 'paper-1', 0, 'machine_start')
      await save(backend, 'paper-1', 1, 'state_enter')
      await save(backend, 'paper-1.1.child', 0, 'machine_start')
      await save(backend, 'paper-1', 1, 'execute')
      expect(await backend.load(latestKey('paper-1'))).toEqual(snapshotOf('paper-1', 1, 'execute'))
      expect((await backend.load(latestKey('paper-1.1.child')))?.event).toBe('machine_start')
    })

    it('lists the keys with a prefix, sorted, without latest', async () => {
      const backend = await create()
      const second = await save(backend, 'paper-1', 2, 'state_enter')
      const first = await save(backend, 'paper-1', 1, 'execute')
      const child = await save(backend, 'paper-1.1.child', 0, 'machine_end')
      expect(await backend.list('paper-1/')).toEqual([first, second])
      expect(await backend.list('paper-1/step_000002')).toEqual([second])
      expect((await backend.list('paper-1')).sort()).toEqual([child, first, second].sort())
      expect(await backend.list('paper-2')).toEqual([])
    })

    it('replaces what was saved under the same key', async () => {
      const backend = await create()
      const key = await save(backend, 'paper-1', 1, 'execute')
      await backend.save(key, { ...snapshotOf('paper-1', 1, 'execute'), output: 'new' })
      expect((await backend.load(key))?.output).toBe('new')
      expect(await backend.list('paper-1/')).toEqual([key])
    })

    it('deletes one checkpoint, and latest with it if that was the one', async () => {
      const backend = await create()
      const first = await save(backend, 'paper-1', 0, 'machine_start')
      const second = await save(backend, 'paper-1', 1, 'execute')
      await backend.delete(first)
      expect((await backend.load(latestKey('paper-1')))?.step).toBe(1)
      await backend.delete(second)
      expect(await backend.load(latestKey('paper-1'))).toBeNull()
      expect(await backend.list('paper-1/')).toEqual([])
      await backend.delete(second)
    })

    it('commits the settlement of the request whose answer it saves', async () => {
      const backend = await create()
      let settled = 0
      // A backend with transactions takes the steps into its own.
      const settlement: LedgerSettlement = {
        commit: async () => void settled++,
        *steps() {
          settled++
          yield* []
        },
      }
      await backend.save(
        checkpointKey('paper-1', 1, 'execute'),
        snapshotOf('paper-1', 1, 'execute'),
        settlement,
      )
      expect(settled).toBe(1)
    })
  })
}
