import { expect, it } from 'vitest'
import { givenMoment, utcDayOf } from '../../src/core/moment.js'

const NOW = Date.parse('2026-03-04T12:00:00Z')

it.each([
  ['7d', '2026-02-25T12:00:00.000Z'],
  ['24h', '2026-03-03T12:00:00.000Z'],
  ['1h30m', '2026-03-04T10:30:00.000Z'],
  ['2025-01-31', '2025-01-31T00:00:00.000Z'],
  [' 2025-01-31 ', '2025-01-31T00:00:00.000Z'],
  ['2025-01-31T06:00', '2025-01-31T06:00:00.000Z'],
  ['2025-01-31 06:00:10+01:00', '2025-01-31T05:00:10.000Z'],
])('%j is a moment', (text, moment) => {
  expect(new Date(givenMoment(text, NOW) ?? 0).toISOString()).toBe(moment)
})

it.each([
  '',
  'last week',
  '31.12.2024',
  '2025-02-30',
  '2025-02-30T10:00',
  '2025-13-01',
  '7',
  '-7d',
  '99999999999d',
])('%j is none', (text) => expect(givenMoment(text, NOW)).toBeNull())

it('a time is of its UTC day', () => {
  expect(utcDayOf('2024-12-31T23:30:00-01:00')).toBe('2025-01-01')
  expect(utcDayOf('2024-12-31T23:30')).toBe('2024-12-31')
  expect(utcDayOf('31.12.2024')).toBeNull()
  expect(utcDayOf(null)).toBeNull()
})
