/** Which rows one import has met, and of which day its metadata for each were; two bytes a row. */
export interface MetRows {
  /** Returns the day (since 1970-01-01) of a row's metadata, null for an unknown one, undefined where it was not met. */
  dayOf(rowId: number): number | null | undefined
  /** @param changedAt ISO text. */
  meet(rowId: number, changedAt: string | null): void
  /** Called for what says something else of a version than what was met before it, and was not changed later. */
  onConflict(record: { arxiv_id: string }, fields: readonly string[]): void
}

const PAGE = 4096
const UNKNOWN = 1
const FIRST_DAY = 2

/** Returns the rows of an import that has met none. */
export function metRows(onConflict: MetRows['onConflict']): MetRows {
  const pages = new Map<number, Uint16Array>()
  return {
    dayOf(rowId) {
      const day = pages.get(Math.floor(rowId / PAGE))?.[rowId % PAGE] ?? 0
      if (day === 0) return undefined
      return day === UNKNOWN ? null : day - FIRST_DAY
    },
    meet(rowId, changedAt) {
      const at = Math.floor(rowId / PAGE)
      let page = pages.get(at)
      if (page === undefined) pages.set(at, (page = new Uint16Array(PAGE)))
      const day = dayNumber(changedAt)
      page[rowId % PAGE] = day === null ? UNKNOWN : day + FIRST_DAY
    },
    onConflict,
  }
}

/** Days since 1970-01-01 of ISO text; null for none. */
export function dayNumber(text: string | null): number | null {
  const day = Math.floor(Date.parse(text ?? '') / 86_400_000)
  return day >= 0 && day < 2 ** 16 - FIRST_DAY ? day : null
}
