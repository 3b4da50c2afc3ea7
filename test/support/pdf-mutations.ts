export interface MutatedPdf {
  bytes: Buffer
  /** Names of what was done, in order. */
  mutations: string[]
}

type Random = () => number
type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer

/** Returns a copy of `bytes` with one to three kinds of damage; `other` is what is spliced in. */
export function mutatePdf(bytes: Buffer, other: Buffer, random: Random): MutatedPdf {
  const names = Object.keys(MUTATIONS)
  const mutations: string[] = []
  let result: Buffer = Buffer.from(bytes)
  for (let n = 1 + below(random, 3); n > 0; n--) {
    const name = names[below(random, names.length)]!
    mutations.push(name)
    result = MUTATIONS[name]!(result, random, other)
  }
  return { bytes: result, mutations }
}

const MUTATIONS: Record<string, Mutation> = {
  flip(bytes, random) {
    if (bytes.length === 0) return bytes
    for (let n = 1 + below(random, 64); n > 0; n--) {
      const at = below(random, bytes.length)
      bytes[at] = bytes[at]! ^ (1 << below(random, 8))
    }
    return bytes
  },
  cut(bytes, random) {
    const from = below(random, bytes.length + 1)
    const to = random() < 0.5 ? bytes.length : Math.min(bytes.length, from + below(random, 4096))
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  splice(bytes, random, other) {
    const head = bytes.subarray(0, below(random, bytes.length + 1))
    return Buffer.concat([head, other.subarray(below(random, other.length + 1))])
  },
  overwrite(bytes, random) {
    const from = below(random, bytes.length + 1)
    const fill = [0, 0xff, 0x20, 0x28][below(random, 5)]
    const to = Math.min(bytes.length, from + 1 + below(random, 512))
    for (let at = from; at < to; at++) bytes[at] = fill ?? below(random, 256)
    return bytes
  },
  repeat(bytes, random) {
    const from = below(random, bytes.length + 1)
    const block = bytes.subarray(from, from + below(random, 2048))
    const at = below(random, bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), block, bytes.subarray(at)])
  },
  xref: numbers(/\d{10} \d{5} [nf]|startxref\s+\d+|\/(?:Prev|XRefStm|Size|Index|W)\b[^/>]*\d/g),
  length: numbers(/\/(?:Length|DL|N|First)\s+\d+/g),
  number: numbers(/\/[A-Z]\w+\s*\[?\s*-?\d+(?:\.\d+)?/g),
  reference: numbers(/\d+ 0 (?:R|obj)\b/g),
}

const NUMBERS = ['0', '1', '-1', '7', '255', '65535', '99999999', '2147483647', '4294967296', '1e9']

/** Returns a mutation that puts another number into up to four places which match. */
function numbers(pattern: RegExp): Mutation {
  return (bytes, random) => {
    let text: string = bytes.toString('latin1')
    for (let n = 1 + below(random, 4); n > 0; n--) {
      const places = [...text.matchAll(pattern)]
      const place = places[below(random, places.length)]
      if (place === undefined) break
      const digits = [...place[0].matchAll(/-?\d+/g)]
      const digit = digits[below(random, digits.length)]!
      const value =
        random() < 0.4 ? NUMBERS[below(random, NUMBERS.length)]! : String(below(random, 2 * bytes.length + 9))
      const at = place.index + digit.index
      text = text.slice(0, at) + value + text.slice(at + digit[0].length)
    }
    return Buffer.from(text, 'latin1')
  }
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}
