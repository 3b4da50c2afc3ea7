import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  fillFile,
  patiently,
  replaceFile,
  syncFile,
  syncFolder,
} from '../../../src/core/files/replace-file.js'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'rpa-replace-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function refused(code: string): Error {
  return Object.assign(new Error(code), { code })
}

describe('fillFile', () => {
  it('names the file when it is whole, and leaves nothing else', async () => {
    const path = join(folder, 'a.md')
    writeFileSync(path, 'old')
    const seen = await fillFile(path, 'part', async (file) => {
      await file.writeFile('new')
      expect(readFileSync(path, 'utf8')).toBe('old')
      return readdirSync(folder).filter((name) => name !== 'a.md')
    })
    expect(seen).toEqual([
      expect.stringMatching(new RegExp(`^\\.a\\.md\\.${process.pid}\\.[0-9a-f]{8}\\.part$`)),
    ])
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(readdirSync(folder)).toEqual(['a.md'])
  })

  it('keeps what was there if the filling fails', async () => {
    const path = join(folder, 'a.md')
    writeFileSync(path, 'old')
    const filled = fillFile(path, 'part', async (file) => {
      await file.writeFile('half')
      throw new Error('lost')
    })
    await expect(filled).rejects.toThrow('lost')
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['a.md'])
  })

  it('removes the temporary file where the name cannot be given', async () => {
    mkdirSync(join(folder, 'a.md', 'inside'), { recursive: true })
    await expect(replaceFile(join(folder, 'a.md'), 'text')).rejects.toMatchObject({
      code: expect.stringMatching(/^(EISDIR|ENOTEMPTY|EPERM|EEXIST)$/) as string,
    })
    expect(readdirSync(folder)).toEqual(['a.md'])
  })
})

describe('patiently', () => {
  it.each(['EPERM', 'EACCES', 'EBUSY'])('waits while a file is in use (%s)', async (code) => {
    let tries = 0
    const work = async (): Promise<string> => {
      if (++tries < 4) throw refused(code)
      return 'renamed'
    }
    expect(await patiently(work)).toBe('renamed')
    expect(tries).toBe(4)
  })

  it('gives up with the last error', async () => {
    let tries = 0
    const work = (): Promise<never> => Promise.reject(refused(++tries < 6 ? 'EBUSY' : 'EPERM'))
    await expect(patiently(work)).rejects.toMatchObject({ code: 'EPERM' })
    expect(tries).toBe(6)
  })

  it('does not wait for what will not pass', async () => {
    let tries = 0
    const work = (): Promise<never> => (tries++, Promise.reject(refused('ENOSPC')))
    await expect(patiently(work)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(tries).toBe(1)
  })
})

describe('syncing', () => {
  it('opens a file for writing, as Windows wants it, and keeps its bytes', async () => {
    const path = join(folder, 'a.sqlite')
    writeFileSync(path, 'bytes')
    await syncFile(path)
    expect(readFileSync(path, 'utf8')).toBe('bytes')
    await expect(syncFile(folder)).rejects.toMatchObject({ code: 'EISDIR' })
  })

  it('lets a folder be that refuses', async () => {
    await expect(syncFolder(join(folder, 'missing'))).resolves.toBeUndefined()
  })
})
