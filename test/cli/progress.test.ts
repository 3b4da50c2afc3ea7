import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Progress } from '../../src/cli/progress.js'
import { progressBar } from '../../src/cli/render/progress.js'
import { cut, widthOf } from '../../src/cli/layout/width.js'
import { TestScreen } from '../support/test-screen.js'

/** A terminal, and what a log would hold. */
function watch(doing: string, columns: number | null) {
  const screen = new TestScreen(columns ?? 80)
  const lines: string[] = []
  const progress = new Progress(doing, {
    screen: columns === null ? null : screen,
    clock: { now: () => Date.now() },
    tell: (line) => lines.push(line),
  })
  return { screen, lines, progress }
}

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

it('shows from the first moment what is done, then count, rate and time left, and counts that down', () => {
  const { screen, progress } = watch('prep', 80)
  expect(screen.text()).toBe('prep · for 0 s')
  vi.advanceTimersByTime(30_100)
  progress.update({ doing: 'prep', done: 1, total: 4, unit: 'papers' })
  expect(screen.text()).toBe('prep [##........] · 1/4 papers · 2.0/min · 1 min 31 s left')
  vi.advanceTimersByTime(20_000)
  expect(screen.text()).toContain('1 min 11 s left')
  progress.end()
  expect(screen.text()).toBe('')
})

it('goes slower than was thought where nothing comes', () => {
  const { screen, progress } = watch('prep', 80)
  vi.advanceTimersByTime(10_000)
  progress.update({ doing: 'prep', done: 1, total: 2, unit: 'papers' })
  vi.advanceTimersByTime(20_000)
  expect(screen.text()).toContain('30 s left')
  progress.end()
})

it('a wait is counted down and gone when it ends', () => {
  const { screen, progress } = watch('analyze', 80)
  const ended = progress.waits('openrouter: the minute is used', 45_000)
  vi.advanceTimersByTime(15_000)
  expect(screen.text()).toContain('waits 30 s: openrouter: the minute is used')
  ended()
  vi.advanceTimersByTime(1000)
  expect(screen.text()).not.toContain('waits')
  progress.end()
})

it.each([80, 40, 20])('lines of the log stand above it, never glued to it, at %d columns', (columns) => {
  const { screen, progress } = watch('prep', columns)
  vi.advanceTimersByTime(1000)
  progress.update({ doing: 'prep', done: 3, total: 40, unit: 'papers', more: ['1 failed', '2 put back'] })
  const bar = screen.text()
  expect(widthOf(bar)).toBeLessThan(columns)
  progress.above('warn: first\n')
  progress.above('second\nthird\n')
  expect(screen.rows()).toEqual(['warn: first', 'second', 'third', bar])
  progress.end()
  expect(screen.rows()).toEqual(['warn: first', 'second', 'third'])
})

it('leaves nothing behind in a terminal that is made narrower', () => {
  const { screen, progress } = watch('prep', 80)
  vi.advanceTimersByTime(1000)
  progress.update({ doing: 'prep', done: 3, total: 40, unit: 'papers', more: ['1 failed'] })
  screen.resize(30)
  vi.advanceTimersByTime(1000)
  expect(screen.rows()).toHaveLength(1)
  expect(widthOf(screen.text())).toBeLessThan(30)
  progress.end()
  expect(screen.text()).toBe('')
})

it('without a terminal there is one line a minute, with all of it', () => {
  const { lines, progress } = watch('analyze', null)
  vi.advanceTimersByTime(59_000)
  progress.update({ doing: 'analyze', done: 5, total: 20, unit: 'papers', more: ['1 failed'] })
  progress.waits('the turn at arxiv.org', 90_000)
  expect(lines).toEqual([])
  vi.advanceTimersByTime(61_000)
  expect(lines).toEqual([
    'analyze: 5 of 20 papers, 5.1 a minute, 2 min 56 s left, 1 failed, waits 30 s: the turn at arxiv.org',
    'analyze: 5 of 20 papers, 5.1 a minute, 1 min 56 s left, 1 failed',
  ])
  progress.end()
  vi.advanceTimersByTime(120_000)
  expect(lines).toHaveLength(2)
})

it('time left is told by the bytes of a file where nobody knows how many records it has', () => {
  const { screen, progress } = watch('corpus import', 80)
  vi.advanceTimersByTime(1000)
  progress.update({ doing: 'big.json', done: 1000, unit: 'records', share: { done: 0, total: 4000 } })
  vi.advanceTimersByTime(1100)
  progress.update({ doing: 'big.json', done: 2000, unit: 'records', share: { done: 1000, total: 4000 } })
  expect(screen.text()).toBe('big.json [##........] · 2000 records, 25 % · 952/s · 7 s left')
  progress.end()
})

it('what matters least goes first where there is no room, and a reason is cut before it goes', () => {
  const state = { doing: 'run', done: 12, total: 90, unit: 'steps', more: ['1 failed', 'prep 5, analyze 4'] }
  const pace = { perSecond: 0.05, leftMs: 1_560_000, elapsedMs: 0 }
  const waits = [{ reason: 'analyze rests: openrouter asks for patience', until: 600_000 }]
  const at = (width: number): string => progressBar(state, pace, waits, width, 0)
  expect(at(99)).toBe(
    'run [#.........] · 12/90 steps · 26 min left · waits 10 min: analyze rests: openrouter asks for pa…',
  )
  expect(at(79)).toBe('run [#.........] · 12/90 steps · 26 min left · waits 10 min: analyze rests: op…')
  expect(at(39)).toBe('run · 12/90 steps · 26 min left')
  expect(at(60)).toBe('run [#.........] · 12/90 steps · 26 min left · waits 10 min')
  expect(at(12)).toBe('run · 12/90…')
})

it('cuts by cells: wide letters take two, accents and colours none', () => {
  expect(widthOf('深度学习')).toBe(8)
  expect(widthOf('e\u0301\u001b[31mx\u001b[39m')).toBe(2)
  expect(cut('深度学习', 5)).toBe('深度…')
  expect(cut('\u001b[31mabcdef\u001b[39m', 4)).toBe('\u001b[31mabc…\u001b[0m')
  expect(cut('abc', 3)).toBe('abc')
})
