/** Draws that are the same for the same seed. */
export interface Draw {
  below(limit: number): number
  one<T>(from: readonly T[]): T
  some<T>(from: readonly T[], count: number): T[]
}

export function drawFrom(seed: number): Draw {
  let state = (seed * 2_654_435_761) >>> 0
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const one = <T>(from: readonly T[]): T => {
    const item = from[below(from.length)]
    if (item === undefined) throw new Error('nothing to draw from')
    return item
  }
  const some = <T>(from: readonly T[], count: number): T[] => {
    const rest = [...from]
    const drawn: T[] = []
    while (drawn.length < count && rest.length > 0) drawn.push(...rest.splice(below(rest.length), 1))
    return drawn
  }
  return { below, one, some }
}
