import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeFolderOf, makeFolders } from '../../../src/core/files/make-folders.js'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rpa-folders-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

it('makes all that are missing, and leaves those that are there', () => {
  const top = folder()
  makeFolders(join(top, 'a/b/c'))
  makeFolders(join(top, 'a/b/c'))
  expect(existsSync(join(top, 'a/b/c'))).toBe(true)
})

it('says what is in the way', () => {
  const top = folder()
  writeFileSync(join(top, 'file'), '')
  expect(() => makeFolders(join(top, 'file'))).toThrow(/EEXIST/)
  expect(() => makeFolders(join(top, 'file/below'))).toThrow(/ENOTDIR/)
})

it('ends below a link that leads nowhere, and where the system lets nobody make a folder', () => {
  const top = folder()
  symlinkSync(join(top, 'disk that is away'), join(top, 'link'))
  expect(() => makeFolders(join(top, 'link/below'))).toThrow(/ENOENT/)
  if (process.platform === 'linux') expect(() => makeFolders('/proc/nobody/below')).toThrow(/ENOENT/)
})

it('of a file: says what to do', () => {
  const top = folder()
  symlinkSync(join(top, 'disk that is away'), join(top, 'link'))
  expect(() => makeFolderOf(join(top, 'link/corpus.sqlite'), 'choose another place with --corpus')).toThrow(
    expect.objectContaining({ code: 'data_folder', message: expect.stringContaining('ENOENT') as string }),
  )
})
