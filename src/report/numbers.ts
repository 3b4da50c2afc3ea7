export interface ReadNumber {
  /** As it stands in the text, unit included. */
  text: string
  /** Values it may stand for, as keys: `95.2%` is 95.2 and 0.952, `1.2M` is 1.2 and 1200000. */
  keys: string[]
}

const SCALES: Readonly<Record<string, number>> = {
  k: 1e3, thousand: 1e3, m: 1e6, mn: 1e6, million: 1e6, b: 1e9, bn: 1e9, billion: 1e9, t: 1e12, trillion: 1e12,
} // prettier-ignore

const UNITS =
  'ms|µs|μs|us|ns|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?|' +
  'b|k|m|t|bn|mn|thousand|million|billion|trillion|bits?|bytes?|[kmgtp]i?b|[kmgt]?hz|[kmg]?flops|tflops|pflops|' +
  'nm|µm|μm|um|mm|cm|km|kg|mg|g|[kmgt]?ev|db|°c|°|kelvin|w|kw|mw|mv|v|pa|kpa|mpa|mol|' +
  'x|×|pp|pts?|points?|tokens?|words?|sentences?|parameters?|params|layers?|heads?|dimensions?|dims?|units?|neurons?|' +
  'epochs?|steps?|iterations?|batches|gpus?|tpus?|cpus?|cores?|nodes?|edges?|vertices|seeds?|runs?|trials?|folds?|' +
  'samples?|examples?|instances?|images?|videos?|frames?|documents?|papers?|queries|questions?|sequences?|pairs?|' +
  'classes|categories|labels?|tasks?|datasets?|benchmarks?|languages?|users?|participants?|subjects?|patients?|annotators?|' +
  'stars?|galaxies|events?|fps|qps'

/** Words before a number that make it a label, not a measurement. */
const LABEL =
  /(?:sections?|secs?\.?|§+|tables?|tab\.|figures?|figs?\.?|appendix|eqs?\.?|eqn\.?|equations?|algorithms?|alg\.|theorems?|lemmas?|chapters?|versions?|refs?\.?|v\.?|arxiv[:\s]*)\s*\(?$/i

const NUMBER = new RegExp(
  String.raw`(?<![\p{L}\p{N}_.^])(\d+(?:\.\d+)?)(?!\.?\d)` +
    String.raw`(?:\s*[×x*·]\s*10\s*\^?\s*(-?\d+)|e([-+]?\d+)|\^(-?\d+))?` +
    String.raw`(?:\s*(%)|[\s-]?(${UNITS})(?![\p{L}\p{N}]))?`,
  'giu',
)

/** Returns the numbers of a text that claim something: with decimals, a percent sign, a power, a unit or thousands separators. */
export function readNumbers(text: string): ReadNumber[] {
  const joined = normalise(text)
  return [...joined.matchAll(NUMBER)].flatMap((match) => {
    const [whole, digits = '', power, exponent, caret, percent, unit] = match
    const before = joined.slice(Math.max(0, match.index - 14), match.index)
    const claims =
      digits.includes('.') ||
      digits.length > 4 ||
      [power, exponent, caret, percent, unit].some((part) => part !== undefined)
    if (!claims || LABEL.test(before) || /^\d{4}\.\d{4,5}$/.test(digits)) return []
    return [{ text: whole.trim(), keys: values(match).map(keyOf) }]
  })
}

/** Returns the keys of every value that a paper's text holds, however it is set. */
export function numberKeys(text: string): Set<string> {
  const keys = new Set<string>()
  const joined = normalise(text)
  // A PDF reader may part a number ("76. 1"), a comma may part two ("100,200"), a leading zero may be left out (".95").
  const variants = [
    joined,
    joined.replace(/(?<=\d)\s?\.\s?(?=\d)/g, '.'),
    normalise(text.replace(/(?<=\d),(?=\d)/g, ', ')),
  ]
  for (const variant of variants) {
    for (const match of variant.matchAll(NUMBER)) {
      for (const value of values(match)) keys.add(keyOf(value))
    }
    for (const [digits] of variant.matchAll(/(?<![\d.])\.\d+|\d+(?:\.\d+)?/g)) keys.add(keyOf(Number(digits)))
    // "10-4" and "10^-4"; the caret is lost where a PDF sets the exponent raised.
    for (const [, exponent] of variant.matchAll(/(?<!\d)10\s?\^?(-\d{1,2})(?!\d)/g))
      keys.add(keyOf(10 ** Number(exponent)))
    for (const [, mantissa, exponent] of variant.matchAll(
      /(?<!\d)(\d{1,9}(?:\.\d{1,9})?)\s?[×x*·]\s?10\s?(\d{1,2})(?!\d)/g,
    )) {
      keys.add(keyOf(Number(mantissa) * 10 ** Number(exponent)))
    }
  }
  return keys
}

/** What the parts of a match may mean. */
function values(match: RegExpExecArray): number[] {
  const [, digits = '', power, exponent, caret, percent, unit] = match
  const value = Number(digits)
  if (power !== undefined) return [value * 10 ** Number(power)]
  if (exponent !== undefined) return [value * 10 ** Number(exponent)]
  // "10^6" may stand as "106" in the paper, its raised exponent set flat.
  if (caret !== undefined)
    return caret.startsWith('-') ? [value ** Number(caret)] : [value ** Number(caret), Number(digits + caret)]
  const scale = SCALES[unit?.toLowerCase() ?? '']
  return [
    value,
    ...(percent === undefined ? [] : [value / 100]),
    ...(scale === undefined ? [] : [value * scale]),
  ]
}

function keyOf(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/** One way of setting numbers: plain digits without thousands separators, `-` for every dash, `^` for a raised exponent, `%` for percent. */
function normalise(text: string): string {
  return text
    .replace(/[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (raised) => `^${raised.normalize('NFKC')}`)
    .replace(/(?<=\d)[\u00A0\u2009\u202F\u2006](?=\d{3}(?!\d))/g, '')
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\\times|\\cdot/g, '×')
    .replace(/\\?[{}$]|\\(?=%)/g, '')
    .replace(/(?<=\d)[,'’](?=\d{3}(?!\d))/g, '')
    .replace(/(?<=\d)[\s-]{0,3}per ?cent\b/gi, '%')
}
