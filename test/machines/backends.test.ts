import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FileCheckpointBackend } from '../../src/machines/backends/file.js'
import { checkpointKey, latestKey } from '../../src/machines/backends/keys.js'
import { MemoryCheckpointBackend } from '../../src/machines/backends/memory.js'
import { backendSuite, snapshotOf } from './backend-suite.js'
import { codeOf, rejection, tempFolder } from './support.js'

backendSuite('memory backend', async () => new MemoryCheckpointBackend())
backendSuite('file backend', async () => new FileCheckpointBackend(join(tempFolder(), 'new')))

describe('file backend', () => {
  it('keeps what it saved for another process', async () => {
    const folder = tempFolder()
    const key = checkpointKey('a', 0, 'machine_start')
    await new FileCheckpointBackend(folder).save(key, snapshotOf('a', 0, 'machine_start'))
    expect(await new FileCheckpointBackend(folder).load(latestKey('a'))).toEqual(
      snapshotOf('a', 0, 'machine_start'),
    )
    expect(readdirSync(join(folder, 'a')).sort()).toEqual(['latest', 'step_000000_machine_start.json'])
  })

  it('never leaves its folder, whatever the key', async () => {
    const outside = tempFolder()
    const backend = new FileCheckpointBackend(join(outside, 'inside'))
    for (const id of ['../escape', '..', '.', '/etc', 'a/../../b', 'C:\\x', 'nul\0', 'a//b', 'ü*?']) {
      const key = checkpointKey(id, 1, 'execute')
      await backend.save(key, snapshotOf(id, 1, 'execute'))
      expect((await backend.load(latestKey(id)))?.execution_id).toBe(id)
      expect(await backend.list(`${id}/`)).toContain(key)
    }
    expect(readdirSync(outside)).toEqual(['inside'])
    expect(existsSync(join(outside, 'escape'))).toBe(false)
  })

  it('takes a snapshot beyond the pointer as the latest: a crash came between the two', async () => {
    const folder = tempFolder()
    const backend = new FileCheckpointBackend(folder)
    await backend.save(checkpointKey('a', 1, 'state_enter'), snapshotOf('a', 1, 'state_enter'))
    writeFileSync(
      join(folder, 'a', 'step_000001_execute.json'),
      JSON.stringify(snapshotOf('a', 1, 'execute')),
    )
    expect((await backend.load(latestKey('a')))?.event).toBe('execute')
  })

  it('ignores what a crash left half written', async () => {
    const folder = tempFolder()
    const backend = new FileCheckpointBackend(folder)
    const key = checkpointKey('a', 1, 'state_enter')
    await backend.save(key, snapshotOf('a', 1, 'state_enter'))
    writeFileSync(join(folder, 'a', 'step_000001_execute.json.1234.tmp'), '{"execution')
    expect(await backend.list('a/')).toEqual([key])
    expect((await backend.load(latestKey('a')))?.event).toBe('state_enter')
  })

  it('says which file is damaged', async () => {
    const folder = tempFolder()
    const backend = new FileCheckpointBackend(folder)
    await backend.save(checkpointKey('a', 1, 'state_enter'), snapshotOf('a', 1, 'state_enter'))
    writeFileSync(join(folder, 'a', 'step_000001_state_enter.json'), '{')
    const error = await rejection(backend.load(latestKey('a')))
    expect(codeOf(error)).toBe('checkpoint_damaged')
    expect(error.message).toContain('step_000001_state_enter.json')
  })

  it('leaves the settlement open when the snapshot could not be written', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'a'), 'a file where the folder should be')
    let commits = 0
    const settlement = { commit: async () => void commits++ }
    const save = new FileCheckpointBackend(folder).save(
      checkpointKey('a', 1, 'execute'),
      snapshotOf('a', 1, 'execute'),
      settlement,
    )
    expect(codeOf(await rejection(save))).toBe('checkpoint_write_failed')
    expect(commits).toBe(0)
  })
})
