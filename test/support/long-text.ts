/** Returns a text that is stored as a blob, another one for each number. */
export function longText(number: number): string {
  return `Text ${number}. `.repeat(600)
}
