import { expect, it } from 'vitest'
import { parseYaml } from '../../../src/core/files/yaml-text.js'

it('gives each reader of one text a value of its own', () => {
  const text = 'a: &one {list: [1, 2]}\nb: *one\n'
  const first = parseYaml(text).value as { a: { list: number[] } }
  first.a.list.push(3)
  expect(parseYaml(text)).toMatchObject({ value: { a: { list: [1, 2] }, b: { list: [1, 2] } }, faults: [] })
})

it('tells each reader of one text its faults, and where keys stand', () => {
  const text = 'a: 1\nb: {c: 2}\na: 3\n'
  parseYaml(text).faults.pop()
  const { value, faults, keyPlace } = parseYaml(text)
  expect(value).toBeNull()
  expect(faults).toEqual([{ keys: [], line: 3, column: 1, message: 'duplicate key' }])
  expect(keyPlace(['b', 'c'])).toEqual({ line: 2, column: 5 })
})
