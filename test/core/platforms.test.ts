import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { databaseUrl, path } from '../../src/core/settings/setting-values.js'
import { isInside } from '../../src/core/files/small-file.js'

describe('a path of the settings', () => {
  it.each([
    [win32, '~\\rpa', win32.join(homedir(), 'rpa')],
    [win32, '~/rpa', win32.join(homedir(), 'rpa')],
    [win32, '~', win32.join(homedir(), '')],
    [win32, 'D:\\rpa', 'D:\\rpa'],
    [win32, 'data', 'C:\\work\\data'],
    [posix, '~/rpa', posix.join(homedir(), 'rpa')],
    [posix, '~\\rpa', '/work/~\\rpa'],
    [posix, '~name', '/work/~name'],
  ])('is read as the system writes it: %#', (paths, value, expected) => {
    expect(path(value, paths === win32 ? 'C:\\work' : '/work', paths)).toBe(
      expected.replace(/(.)[\\/]$/, '$1'),
    )
  })
})

describe('the URL of the executions DB', () => {
  it.each([
    ['sqlite:///C:/data/x.sqlite', 'C:/data/x.sqlite'],
    ['sqlite:///c:\\data\\x.sqlite', 'c:\\data\\x.sqlite'],
    ['sqlite://C:/data/x.sqlite', 'C:/data/x.sqlite'],
    ['file:C:/data/x.sqlite', 'C:/data/x.sqlite'],
    ['FILE:///C:/data/x.sqlite', 'C:/data/x.sqlite'],
    ['C:\\data\\x.sqlite', 'C:\\data\\x.sqlite'],
    ['sqlite:data/x.sqlite', 'D:\\work\\data\\x.sqlite'],
    ['postgresql://host/rpa', 'postgresql://host/rpa'],
  ])('%s is %s on Windows', (url, expected) => {
    expect(databaseUrl(url, 'D:\\work', win32)).toBe(expected)
  })

  it.each([
    ['sqlite:///data/x.sqlite', '/data/x.sqlite'],
    ['sqlite:data/x.sqlite', '/work/data/x.sqlite'],
    ['sqlite:///C:/x.sqlite', '/C:/x.sqlite'],
    ['x.sqlite', '/work/x.sqlite'],
  ])('%s is %s elsewhere', (url, expected) => {
    expect(databaseUrl(url, '/work', posix)).toBe(expected)
  })
})

it.each([
  [win32, 'C:\\work', 'C:\\work\\..data\\x', true],
  [win32, 'C:\\work', 'c:\\WORK\\x', true],
  [win32, 'C:\\work', 'C:\\workshop\\x', false],
  [win32, 'C:\\work', 'C:\\work\\..\\x', false],
  [win32, 'C:\\work', 'D:\\work\\x', false],
  [posix, '/work', '/work/..data/x', true],
  [posix, '/work', '/work', true],
  [posix, '/work', '/work/../x', false],
  [posix, '/work', '/', false],
])('whether a path is inside a folder follows the system: %#', (paths, folder, file, inside) => {
  expect(isInside(folder, file, paths)).toBe(inside)
})
