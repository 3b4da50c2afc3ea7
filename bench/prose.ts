const SYLLABLES = [
  'the',
  'mo',
  'del',
  'tion',
  're',
  'sult',
  'ing',
  'de',
  'pend',
  'ver',
  'al',
  'con',
  'sta',
  'ble',
  'in',
  'of',
]

/** Returns that many kilobytes of words that deflate makes about three times smaller, the same for the same seed. */
export function prose(seed: number, kilobytes: number): string {
  let state = (seed * 2_654_435_761) >>> 0
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const vocabulary = Array.from({ length: 900 }, () =>
    Array.from({ length: 1 + next(4) }, () => SYLLABLES[next(SYLLABLES.length)]).join(''),
  )
  let text = ''
  while (text.length < kilobytes * 1000)
    text += `${vocabulary[Math.floor(900 * (next(1000) / 1000) ** 2)] ?? ''} `
  return text.slice(0, kilobytes * 1000)
}
