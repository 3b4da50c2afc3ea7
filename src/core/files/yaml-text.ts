import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { Alias, Document, Node, YAMLMap } from 'yaml'
import { messageOf } from '../errors.js'

export type KeyPath = readonly (string | number)[]

/** Both count from 1. */
export interface TextPlace {
  line: number
  column: number
}

export interface YamlFault extends TextPlace {
  keys: KeyPath
  message: string
}

export interface YamlContent {
  /** Null where there is a fault. */
  value: unknown
  faults: YamlFault[]
  /** Returns where a key stands, or the nearest above it that is there; null where nothing is. */
  keyPlace: (keys: KeyPath) => TextPlace | null
  /** Returns where what stands behind the key begins, if it does in the same line; else the place of the key. */
  valuePlace: (keys: KeyPath) => TextPlace | null
}

/** Aliases that stand for each other may be written in a line and fill the memory. */
const MAX_ALIASES = 100
/** How the parser begins what it says of a file with more than one document; the rest is for programmers. */
const SEVERAL = 'Source contains multiple documents'

/** What a text is, all but its value. */
interface ParsedText extends Omit<YamlContent, 'value'> {
  /** Null where there is a fault already. */
  document: Document.Parsed | null
  faultAt: (offset: number, message: string, keys?: KeyPath) => YamlFault
}

/** By text: whoever reads a configuration file does not know who else did, and a command reads most of them two or three times. */
const known = new Map<string, ParsedText>()
const MOST_KNOWN = 100
/** A longer text is parsed each time. */
const LONGEST_KNOWN = 100_000

/**
 * Parses one YAML document. Syntax errors (with line and column), duplicate keys, keys that would reach an object's
 * prototype, and aliases that stand for themselves or for too much are faults. The value is the caller's own.
 */
export function parseYaml(text: string): YamlContent {
  const { document, faultAt, faults, keyPlace, valuePlace } = known.get(text) ?? learn(text)
  const places = { keyPlace, valuePlace }
  if (document === null) return { value: null, faults: [...faults], ...places }
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown, faults: [], ...places }
  } catch (error) {
    const tooMuch = error instanceof RangeError || error instanceof ReferenceError
    const message = tooMuch ? 'aliases stand for too much' : messageOf(error)
    return { value: null, faults: [faultAt(firstAlias(document)?.range?.[0] ?? 0, message)], ...places }
  }
}

function learn(text: string): ParsedText {
  const found = parseText(text)
  if (known.size >= MOST_KNOWN) known.clear()
  if (text.length <= LONGEST_KNOWN) known.set(text, found)
  return found
}

function parseText(text: string): ParsedText {
  const lines = new LineCounter()
  const placeAt = (offset: number): TextPlace => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const faultAt = (offset: number, message: string, keys: KeyPath = []): YamlFault => {
    const said = message.startsWith(SEVERAL) ? 'a second document begins (`---`), where one is read' : message
    return { keys, ...placeAt(offset), message: said.split('\n', 1)[0] ?? '' }
  }
  let document: Document.Parsed
  try {
    // Its own look for duplicate keys compares each key of a map with every other.
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      merge: true,
      uniqueKeys: false,
    })
  } catch (error) {
    const message = error instanceof RangeError ? 'nested too deeply' : messageOf(error)
    const faults = [{ keys: [], line: 1, column: 1, message }]
    return { document: null, faults, faultAt, keyPlace: () => null, valuePlace: () => null }
  }
  const keyPlace = (keys: KeyPath): TextPlace | null => {
    const offset = offsetOf(document, keys)
    return offset === null ? null : placeAt(offset)
  }
  const valuePlace = (keys: KeyPath): TextPlace | null => {
    const key = keyPlace(keys)
    const offset = (document.getIn(keys, true) as Node | undefined)?.range?.[0]
    const value = offset === undefined ? null : placeAt(offset)
    return value !== null && value.line === key?.line ? value : key
  }
  const tooDeep = document.errors.find(({ message }) => message.startsWith('Maximum call stack'))
  const faults =
    tooDeep === undefined
      ? document.errors.map(({ pos, message }) => faultAt(pos[0], message))
      : [faultAt(tooDeep.pos[0], 'nested too deeply')]
  if (faults.length === 0) {
    faults.push(...strangeNodes(document).map(({ offset, message, keys }) => faultAt(offset, message, keys)))
  }
  return { document: faults.length === 0 ? document : null, faults, faultAt, keyPlace, valuePlace }
}

interface StrangeNode {
  keys: KeyPath
  offset: number
  message: string
}

function strangeNodes(document: Document.Parsed): StrangeNode[] {
  const found: StrangeNode[] = []
  const note = (node: unknown, message: string, keys: KeyPath = []): void => {
    found.push({ keys, offset: (node as Node | null)?.range?.[0] ?? 0, message })
  }
  visit(document, {
    Map(_, map) {
      for (const key of duplicates(map)) note(key, 'duplicate key')
    },
    Pair(_, pair, path) {
      if (String(pair.key) !== '__proto__') return
      note(pair.key, 'the key "__proto__" is not allowed', [...keysOf(path), '__proto__'])
    },
    Alias(_, alias, path) {
      if (path.some((node) => hasAnchor(node, alias.source)))
        note(alias, `*${alias.source} stands for itself`, keysOf(path))
    },
  })
  return found
}

function duplicates(map: YAMLMap): unknown[] {
  const seen = new Set<string>()
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key) || key.value === '<<') return []
    const name = String(key.value)
    if (seen.has(name)) return [key]
    seen.add(name)
    return []
  })
}

function hasAnchor(node: unknown, anchor: string): boolean {
  return typeof node === 'object' && node !== null && 'anchor' in node && node.anchor === anchor
}

function firstAlias(document: Document.Parsed): Alias | null {
  let first: Alias | null = null
  visit(document, {
    Alias(_, alias) {
      first = alias
      return visit.BREAK
    },
  })
  return first
}

function offsetOf(document: Document.Parsed, keys: KeyPath): number | null {
  let node: unknown = document.contents
  let offset = (document.contents as Node | null)?.range?.[0] ?? null
  for (const key of keys) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      if (pair === undefined) return offset
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      offset = (node as Node | undefined)?.range?.[0] ?? offset
    } else return offset
  }
  return offset
}

function keysOf(path: readonly unknown[]): KeyPath {
  const keys: string[] = []
  for (const node of path) {
    if (typeof node === 'object' && node !== null && 'key' in node) keys.push(String(node.key))
  }
  return keys
}
