import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { showLive } from '../../src/cli/live-screen.js'
import { widthOf } from '../../src/cli/layout/width.js'

/** A terminal that keeps what was written, with a keyboard. */
class Terminal extends EventEmitter {
  columns = 40
  rows = 6
  written = ''
  raw: boolean[] = []
  #drawn: (() => void) | null = null

  write(text: string): void {
    this.written += text
    if (text.includes('\u001b[H')) this.#drawn?.()
  }

  /** Resolves at the next frame. */
  drawn(): Promise<void> {
    return new Promise((resolve) => (this.#drawn = resolve))
  }

  /** Returns the rows of the last frame. */
  frame(): string[] {
    const last = this.written.slice(this.written.lastIndexOf('\u001b[H') + 3)
    // eslint-disable-next-line no-control-regex
    return last.replace(/\u001b\[[?\d]*[A-Za-ln-z]/g, '').split('\r\n')
  }

  setRawMode = (raw: boolean): void => void this.raw.push(raw)
  resume = (): void => undefined
  pause = (): void => undefined
  press = (keys: string): void => void this.emit('data', Buffer.from(keys))
}

function show(terminal: Terminal, lines: readonly string[], stop = new AbortController()) {
  const frame = (): Promise<string> => Promise.resolve(lines.join('\n'))
  return showLive(
    { input: terminal, output: terminal },
    { frame, everyMs: 60_000, title: 'title', stop: stop.signal },
  )
}

const LINES = Array.from({ length: 9 }, (_, n) => `line ${n + 1}, ${'long'.repeat(12)}`)

it('breaks words for people between words, anew where the terminal is made smaller', async () => {
  const terminal = new Terminal()
  const drawn = terminal.drawn()
  const shown = show(terminal, ['About 7 papers more today, and 12 in the queue'])
  await drawn
  expect(terminal.frame()).toEqual(['title', 'About 7 papers more today, and 12 in the', '  queue'])
  Object.assign(terminal, { columns: 24 })
  terminal.emit('resize')
  expect(terminal.frame()[1]).toBe('About 7 papers more')
  terminal.press('q')
  await shown
})

it('draws no wider and no longer than the terminal, also a smaller one, and says that there is more', async () => {
  const terminal = new Terminal()
  const drawn = terminal.drawn()
  const shown = show(terminal, LINES)
  await drawn
  expect(terminal.frame()).toHaveLength(6)
  for (const row of terminal.frame()) expect(widthOf(row)).toBeLessThanOrEqual(40)
  expect(terminal.frame().at(-1)).toBe('… 5 more lines: j and k move')
  Object.assign(terminal, { columns: 20, rows: 4 })
  terminal.emit('resize')
  expect(terminal.frame()).toHaveLength(4)
  for (const row of terminal.frame()) expect(widthOf(row)).toBeLessThanOrEqual(20)
  terminal.press('j')
  expect(terminal.frame()[1]).toMatch(/^line 2/)
  terminal.press('jj\u001b[A\u001b[B')
  expect(terminal.frame()[1]).toMatch(/^line 4/)
  terminal.press('kk')
  expect(terminal.frame()[1]).toMatch(/^line 2/)
  terminal.press('q')
  await shown
})

it.each([
  ['q', false],
  ['\u0003', true],
])('%j ends it, and the terminal is as it was', async (key, interrupted) => {
  const terminal = new Terminal()
  const drawn = terminal.drawn()
  const shown = show(terminal, ['one'])
  await drawn
  terminal.press(key)
  expect(await shown).toEqual({ interrupted })
  expect(terminal.written.startsWith('\u001b[?1049h\u001b[?25l')).toBe(true)
  expect(terminal.written.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true)
  expect(terminal.raw).toEqual([true, false])
  expect(terminal.listenerCount('data') + terminal.listenerCount('resize')).toBe(0)
})

it('a signal ends it too, and an error leaves the terminal as it was', async () => {
  const terminal = new Terminal()
  const stop = new AbortController()
  const drawn = terminal.drawn()
  const shown = show(terminal, ['one'], stop)
  await drawn
  stop.abort()
  expect(await shown).toEqual({ interrupted: false })
  const broken = new Terminal()
  const failing = showLive(
    { input: broken, output: broken },
    {
      frame: () => Promise.reject(new Error('broken')),
      everyMs: 1,
      title: '',
      stop: new AbortController().signal,
    },
  )
  await expect(failing).rejects.toThrow('broken')
  expect(broken.written.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true)
  expect(broken.raw).toEqual([true, false])
})
