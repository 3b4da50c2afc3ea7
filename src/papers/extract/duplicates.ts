/** Half a point: bold made by printing twice shifts less than that times two. */
const GRID = 2

/** Finds text objects printed a second time at the same place: by their first glyphs. */
export class DuplicateFilter {
  private readonly places = new Map<number, number[]>()

  /** Returns true if an object with the same first character already began within a point of this place. */
  seen(code: number, x: number, y: number): boolean {
    const column = Math.round(x * GRID)
    const row = Math.round(y * GRID)
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        if (this.places.get(keyOf(column + dx, row + dy))?.includes(code) === true) return true
      }
    }
    const key = keyOf(column, row)
    const codes = this.places.get(key)
    if (codes === undefined) this.places.set(key, [code])
    else codes.push(code)
    return false
  }
}

/** Small enough for the engine's fast integers: pages are at most some 8,000 pt wide and high. */
function keyOf(column: number, row: number): number {
  return ((column & 0x7fff) << 15) | (row & 0x7fff)
}
