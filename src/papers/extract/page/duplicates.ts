/** Points within which a second print of the same thing counts as the same place. */
const NEAR = 0.75
/** Side of a cell in points, far wider than NEAR: nearly always one cell tells. */
const CELL = 16

/** Finds text objects printed a second time at the same place, as for bold type: by their first glyphs. */
export class DuplicateFilter {
  /** Code, x and y of the objects in each cell, one after the other. */
  readonly #cells = new Map<number, number[]>()

  /** Returns true if an object with the same first character already began near this place. */
  seen(code: number, x: number, y: number): boolean {
    const column = Math.floor(x / CELL)
    const row = Math.floor(y / CELL)
    const own = this.#cells.get(keyOf(column, row))
    if (own !== undefined && holds(own, code, x, y)) return true
    if (this.#isBeyond(code, x, y, column, row)) return true
    if (own === undefined) this.#cells.set(keyOf(column, row), [code, x, y])
    else own.push(code, x, y)
    return false
  }

  /** Looks into the cells next door where the place lies close to their border. */
  #isBeyond(code: number, x: number, y: number, column: number, row: number): boolean {
    const dx = sideOf(x - column * CELL)
    const dy = sideOf(y - row * CELL)
    if (dx === 0 && dy === 0) return false
    const at = (c: number, r: number): boolean => {
      const cell = this.#cells.get(keyOf(c, r))
      return cell !== undefined && holds(cell, code, x, y)
    }
    return (
      (dx !== 0 && at(column + dx, row)) ||
      (dy !== 0 && at(column, row + dy)) ||
      (dx !== 0 && dy !== 0 && at(column + dx, row + dy))
    )
  }
}

function sideOf(inside: number): -1 | 0 | 1 {
  if (inside < NEAR) return -1
  return inside > CELL - NEAR ? 1 : 0
}

function holds(cell: readonly number[], code: number, x: number, y: number): boolean {
  for (let i = 0; i < cell.length; i += 3) {
    if (cell[i] === code && Math.abs(cell[i + 1]! - x) < NEAR && Math.abs(cell[i + 2]! - y) < NEAR)
      return true
  }
  return false
}

/** Small enough for the engine's fast integers: pages are at most some 16,000 pt wide and high. */
function keyOf(column: number, row: number): number {
  return ((column & 0x3fff) << 14) | (row & 0x3fff)
}
