export interface LongNumber {
  text: string
  digits: string
  index: number
}

/** Returns a text's whole numbers of four digits and more with separators, or five without: years and dates are neither. */
export function longNumbers(text: string): LongNumber[] {
  return [
    ...text.matchAll(/(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w.,]*\d)|(?<![\w.,/-])[1-9]\d{4,6}(?![\w]|[.,]\d)/g),
  ].flatMap(({ 0: shown, index }) => {
    const digits = shown.replaceAll(',', '')
    const isYear = !shown.includes(',') && /^(?:1[89]|20)\d\d$/.test(digits)
    return isYear ? [] : [{ text: shown, digits, index }]
  })
}

/** Returns whether two numbers differ in one digit, or have two changed over. */
export function differInOneDigit(one: string, other: string): boolean {
  if (one.length !== other.length || one === other) return false
  const places = [...one].flatMap((digit, place) => (digit === other[place] ? [] : [place]))
  const [first = 0, second] = places
  if (places.length === 1) return Math.abs(Number(one) / Number(other) - 1) < 0.1
  return (
    places.length === 2 &&
    second === first + 1 &&
    one[first] === other[second] &&
    one[second] === other[first]
  )
}
