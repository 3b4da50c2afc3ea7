const DAY_MS = 86_400_000

/** By how much noon of this UTC day is ahead of this moment, milliseconds. */
const SHIFT_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2 - Date.now()

const SHIFTED_CLOCK = `const now = Date.now
globalThis.Date = class extends Date {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now() + ${SHIFT_MS}] : parts))
  }
  static now() {
    return now() + ${SHIFT_MS}
  }
}`

/** The environment of processes whose clock goes on from noon of this UTC day: whatever the time is, it does not end under a test. */
export const STEADY_DAY = {
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(SHIFTED_CLOCK)}`,
}

/** Returns the moment that it is for them, epoch milliseconds. */
export function steadyNow(): number {
  return Date.now() + SHIFT_MS
}
