/**
 * Returns numbers from 0 up to, not including, 1 that the seed alone decides (mulberry32, T. Ettinger, 2017).
 *
 * @param seed taken modulo 2^32.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const SEED = process.env['RPA_TEST_SEED']

/**
 * The one source of chance that anything depends on: jitter of waits, the order in which papers probe. Uniform in [0, 1).
 * RPA_TEST_SEED makes it repeatable. Ids are not drawn from it: two processes with one seed must not give the same.
 */
export const random: () => number =
  SEED === undefined || !/^\d+$/.test(SEED) ? Math.random : seededRandom(Number(SEED))
