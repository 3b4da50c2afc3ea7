/** Returns a number with its word, in the plural but for one: `1 paper`, `0 papers`. */
export function counted(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}
