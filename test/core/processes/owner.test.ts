import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { machineName, stateFolder } from '../../../src/core/processes/machine-name.js'
import {
  hasEnded,
  hostOfOwner,
  isGone,
  isRunningHere,
  ownersOn,
  processOwnerId,
  sharedOwnerId,
} from '../../../src/core/processes/owner.js'
import type { ProcessSource } from '../../../src/core/processes/process-table.js'
import { thisSystem } from '../../../src/core/processes/process-table.js'
import { temporaryFolder } from '../../support/temp.js'

const PLACE = { host: 'lab', machine: 'abc', container: '', boot: () => 'b1' }

/** Starts a process that waits, which ends with the test. */
function waiting(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child.pid ?? 0
}

/** A system without /proc that has one process, 7, and counts how often ps is asked. */
function withoutProc(ps: string | null): ProcessSource & { asked: number; time: number; gone: boolean } {
  return {
    asked: 0,
    time: 0,
    gone: false,
    hasProc: false,
    exists(pid) {
      return pid === 7 && !this.gone
    },
    stat: () => null,
    ps() {
      this.asked += 1
      return ps
    },
    now() {
      return this.time
    },
  }
}

const START = Date.UTC(2025, 10, 6, 8, 11, 30)

describe('an owner on this system', () => {
  it('is running as this process and ended with another start or a process that is not there', () => {
    const own = processOwnerId()
    expect([isRunningHere(own), isGone(own), hasEnded(own)]).toEqual([true, false, false])
    for (const id of [own.replace(/\d+$/, '1'), processOwnerId(2 ** 30)])
      expect([isRunningHere(id), isGone(id), hasEnded(id)]).toEqual([false, true, true])
    expect(isGone(`elsewhere:${process.pid}:1`)).toBe(false)
  })

  it('is known in the form of before, without the name of the machine', () => {
    const start = processOwnerId().split(':').at(-1)
    const container = /@[^/:]*(\/\d+)?:/.exec(processOwnerId())?.[1] ?? ''
    const before = `${hostname()}${container}:${process.pid}:${start}`
    if (processOwnerId().includes('@')) expect(isRunningHere(before)).toBe(true)
    expect(hasEnded(`${hostname()}${container}:${2 ** 30}:1`)).toBe(processOwnerId().includes('@'))
  })

  it('keeps its name when the host is called otherwise, and is nobody of another machine', () => {
    const id = ownersOn(PLACE, thisSystem).idOf(process.pid)
    expect(ownersOn({ ...PLACE, host: 'lab.local' }, thisSystem).stateOf(id)).toBe('running')
    expect(ownersOn({ ...PLACE, machine: 'def' }, thisSystem).stateOf(id)).toBe('unknown')
    expect(ownersOn({ ...PLACE, container: '/12' }, thisSystem).stateOf(id)).toBe('unknown')
  })

  it('of a shared DB is nobody of a clone of this machine, of another host, or of before it was started anew', () => {
    const id = ownersOn(PLACE, thisSystem).sharedIdOf(process.pid)
    expect(id).toMatch(/^lab@abc~b1:\d+:\d+$/)
    expect(ownersOn(PLACE, thisSystem).stateOf(id)).toBe('running')
    expect(ownersOn(PLACE, thisSystem).stateOf('lab@abc~b1:1073741824:1')).toBe('ended')
    for (const other of [{ boot: () => 'b2' }, { host: 'lab2' }, { machine: 'def' }, { container: '/12' }])
      expect(ownersOn({ ...PLACE, ...other }, thisSystem).stateOf(id)).toBe('unknown')
    expect([id, 'lab@abc:1:2', 'lab:1:2', 'me'].map(hostOfOwner)).toEqual(['lab', 'lab', 'lab', 'me'])
    expect(isRunningHere(sharedOwnerId())).toBe(true)
  })

  it('is seen by ps as it is by /proc', async () => {
    const pid = waiting()
    const started = Date.now()
    if (thisSystem.ps(process.pid) === null) return
    const byPs = ownersOn(PLACE, { ...thisSystem, hasProc: false })
    await expect.poll(() => byPs.stateOf(`lab@abc:${pid}:${started}`)).toBe('running')
    expect(byPs.stateOf(`lab@abc:${pid}:${started - 60_000}`)).toBe('ended')
    expect(byPs.stateOf(`lab@abc:${2 ** 30}:${started}`)).toBe('ended')
    expect(byPs.stateOf(byPs.idOf(process.pid))).toBe('running')
  })
})

describe('an owner where there is no /proc', () => {
  it.each([
    ['S+   Thu Nov  6 08:11:30 2025\n', START + 400, 'running'],
    ['S+   Thu Nov  6 08:11:30 2025\n', START - 60_000, 'ended'],
    ['T    Thu Nov  6 08:11:30 2025\n', START, 'stopped'],
    ['Z    Thu Nov  6 08:11:30 2025\n', START, 'ended'],
    ['', START, 'unknown'],
    [null, START, 'unknown'],
  ])('of which ps says %j is, begun at %d, %s', (ps, start, state) => {
    const owners = ownersOn(PLACE, withoutProc(ps))
    expect(owners.stateOf(`lab@abc:7:${start}`)).toBe(state)
    expect(owners.stateOf(`lab:7:${start}`)).toBe(state)
    expect(owners.stateOf(`lab@abc:8:${start}`)).toBe('ended')
  })

  it('is asked about by ps once in a while, and its end is seen at once', () => {
    const source = withoutProc('S    Thu Nov  6 08:11:30 2025\n')
    const owners = ownersOn(PLACE, source)
    const look = (): string => owners.stateOf(`lab@abc:7:${START}`)
    expect([look(), look(), look(), source.asked]).toEqual(['running', 'running', 'running', 1])
    source.time = 20_000
    expect([look(), source.asked]).toEqual(['running', 2])
    source.gone = true
    expect([look(), source.asked]).toEqual(['ended', 2])
  })
})

describe('the name of a machine', () => {
  it('is a hash of its machine-id, or of an id that is made once and kept', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'machine-id')
    writeFileSync(file, '0123456789abcdef0123456789abcdef\n')
    const name = machineName(null, false, [file])
    expect(name).toMatch(/^[0-9a-f]{16}$/)
    expect('0123456789abcdef0123456789abcdef').not.toContain(name)
    writeFileSync(file, 'uninitialized\n')
    expect(machineName(null, true, [file])).toBeNull()
    const state = join(folder, 'state', 'rpa')
    expect(machineName(state, false, [file])).toBeNull()
    expect(existsSync(state)).toBe(false)
    const made = machineName(state, true, [file])
    expect(made).toMatch(/^[0-9a-f]{16}$/)
    expect(machineName(state, false, [file])).toBe(made)
    expect(machineName(state, true, [])).toBe(made)
    expect(readdirSync(state)).toEqual(['machine-id'])
    mkdirSync(join(folder, 'taken'))
    writeFileSync(join(folder, 'taken', 'rpa'), '')
    expect(machineName(join(folder, 'taken', 'rpa'), true, [])).toBeNull()
    expect(stateFolder({ XDG_STATE_HOME: join(folder, 'x') })).toBe(join(folder, 'x', 'rpa'))
  })
})
