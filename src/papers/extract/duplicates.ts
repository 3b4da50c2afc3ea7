/** Half a point: bold made by printing twice shifts less than that times two. */
const GRID = 2

/**
 * Finds glyphs printed a second time at the same place. Only the first glyph of a text object is looked up among
 * its neighbours; the others of the object follow its verdict where they too have a twin.
 */
export class DuplicateFilter {
  private readonly places = new Set<number>()
  private first = true
  private suspect = false

  nextObject(): void {
    this.first = true
  }

  /** Returns true if the same character already stands within a point of this place. */
  seen(code: number, x: number, y: number): boolean {
    const column = Math.round(x * GRID)
    const row = Math.round(y * GRID)
    if (this.first) {
      this.suspect = this.near(code, column, row)
      this.first = false
      if (this.suspect) return true
    } else if (this.suspect && this.near(code, column, row)) {
      return true
    }
    this.places.add(keyOf(code, column, row))
    return false
  }

  private near(code: number, column: number, row: number): boolean {
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        if (this.places.has(keyOf(code, column + dx, row + dy))) return true
      }
    }
    return false
  }
}

function keyOf(code: number, column: number, row: number): number {
  return ((column + 32_768) * 65_536 + (row + 32_768)) * 131_072 + (code & 0x1_ffff)
}
