import { expect, it } from 'vitest'
import { diskError, diskHint } from '../../../src/core/files/disk-error.js'

function system(code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { code })
}

it.each([
  ['ENOSPC', 'disk_full', 'disk_full', /Free some space/],
  ['EDQUOT', 'disk_full', 'disk_full', /quota/],
  ['EFBIG', 'disk_full', 'disk_full', /ulimit -f/],
  ['EROFS', 'disk_read_only', 'disk_read_only', /read-only/],
  ['EACCES', 'data_folder', 'permission_denied', /no right/],
  ['EMFILE', 'too_many_files', 'too_many_files', /ulimit -n/],
  ['EIO', 'disk_failing', 'disk_error', /failing/],
  ['EWHATEVER', 'disk_error', 'disk_error', /Check that the folder/],
])('%s: a write fails every paper alike, a read that paper', (code, write, read, hint) => {
  expect(diskError(system(code), '/data/pdf', 'write')).toMatchObject({
    code: write,
    message: `cannot write /data/pdf: ${code}: it failed`,
    hint: expect.stringMatching(hint) as string,
  })
  expect(diskError(system(code), '/data/pdf', 'read')).toMatchObject({ code: read })
})

it('a hint says how another place is chosen', () => {
  expect(diskHint(system('EROFS'), 'point --db elsewhere')).toBe(
    'The disk is mounted read-only: point --db elsewhere.',
  )
})
