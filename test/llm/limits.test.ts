import { expect, it } from 'vitest'
import { parseLimits } from '../../src/llm/limits.js'

it.each([
  [{ groups: [{ name: 'x', host: 'h', requests_per_minute: 0 }] }],
  [{ groups: [{ name: 'x', host: 'h', requests_per_minute: 5, rpm: 5 }] }],
])('refuses %j, naming the file', (content) => {
  expect(() => parseLimits(content, 'my/limits.yml')).toThrow(/my\/limits\.yml/)
})
