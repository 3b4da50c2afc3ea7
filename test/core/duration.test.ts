import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/core/duration.js'

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['250ms', 250],
    ['1.5h', 5_400_000],
    [' 2H ', 7_200_000],
    ['1m30s500ms', 90_500],
    ['0s', 0],
  ])('%j is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

  it.each(['', '90', 's', '-5s', '1 h', '5x', '1h30', 'h1', '1e3s', '5seconds', '1..5s'])(
    '%j is none',
    (text) => expect(parseDuration(text)).toBeNull(),
  )
})

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [850.4, '850 ms'],
    [999.7, '1.0 s'],
    [3249, '3.2 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 0 s'],
    [250_000, '4 min 10 s'],
    [3_599_999, '1 h 0 min'],
    [7_500_000, '2 h 5 min'],
    [90_000_000, '25 h 0 min'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
})
