import { printable } from './errors.js'
import { columnsOf } from './layout/screen.js'
import { cut, wrapped } from './layout/width.js'

/** A terminal that is drawn on as a whole. */
export interface LiveOutput {
  write(text: string): unknown
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

/** Where keys come from; null where there is no keyboard. */
export interface LiveInput {
  setRawMode(raw: boolean): unknown
  on(event: 'data', listener: (keys: Buffer) => void): unknown
  off(event: 'data', listener: (keys: Buffer) => void): unknown
  resume(): unknown
  pause(): unknown
}

const DEFAULT_ROWS = 24
const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const CTRL_C = '\u0003'
const DOWN = ['j', '\u001b[B', '\u001bOB', ' ']
/** One key: the sequence of an arrow, or a sign. */
// eslint-disable-next-line no-control-regex
const KEY = /\u001b[[O][A-Z]|[^]/g
const UP = ['k', '\u001b[A', '\u001bOA']

/**
 * Shows a text on the whole terminal, drawn again every so many milliseconds, until q or Ctrl-C is pressed or the signal is
 * aborted. The terminal is as it was afterwards, whatever happens.
 *
 * @param frame returns the lines of a moment.
 * @returns whether it was Ctrl-C.
 */
export async function showLive(
  { input, output }: { input: LiveInput | null; output: LiveOutput },
  {
    frame,
    everyMs,
    title,
    stop,
  }: { frame: () => Promise<string>; everyMs: number; title: string; stop: AbortSignal },
): Promise<{ interrupted: boolean }> {
  let text = ''
  let top = 0
  let end: (() => void) | null = null
  let interrupted = false
  const ended = new Promise<void>((resolve) => (end = resolve))
  const draw = (): void => {
    const columns = columnsOf(output)
    const lines = wrapped(text, columns).split('\n')
    const room = Math.max(1, (output.rows || DEFAULT_ROWS) - 1)
    top = Math.max(0, Math.min(top, lines.length - room))
    const hidden = lines.length - top - room
    const shown = lines.slice(top, top + room)
    if (hidden > 0) shown[room - 1] = `… ${hidden + 1} more lines: j and k move`
    const all = [title, ...shown].map((line) => `${cut(line, columns)}\u001b[K`)
    output.write(`\u001b[H${all.join('\r\n')}\u001b[J`)
  }
  const onKeys = (keys: Buffer): void => {
    const typed = keys.toString('utf8')
    interrupted = typed.includes(CTRL_C)
    if (interrupted || typed.includes('q')) return end?.()
    // Keys that are held down, or come over a slow line, arrive together.
    for (const key of typed.match(KEY) ?? []) {
      if (DOWN.includes(key)) top += 1
      if (UP.includes(key)) top -= 1
    }
    draw()
  }
  const restore = (): void => void output.write(LEAVE)
  const onStop = (): void => end?.()
  stop.addEventListener('abort', onStop, { once: true })
  process.once('exit', restore)
  output.on('resize', draw)
  input?.setRawMode(true)
  input?.on('data', onKeys)
  input?.resume()
  output.write(ENTER)
  try {
    let over = stop.aborted
    void ended.then(() => (over = true))
    while (!over) {
      text = await frame()
      if (!over) draw()
      await Promise.race([ended, pause(everyMs, ended)])
    }
  } finally {
    output.off('resize', draw)
    input?.off('data', onKeys)
    input?.setRawMode(false)
    input?.pause()
    stop.removeEventListener('abort', onStop)
    process.off('exit', restore)
    restore()
  }
  return { interrupted }
}

/** Resolves after a time; its timer is gone as soon as the other one has come. */
function pause(ms: number, before: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void before.then(() => clearTimeout(timer))
  })
}

/** Returns what is shown where there is nothing to be shown. */
export function troubleFrame(message: string, hint: string | undefined): string {
  return printable(`${message}\n${hint ?? ''}`)
}
