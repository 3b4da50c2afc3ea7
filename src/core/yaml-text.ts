import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { Alias, Document, Node, YAMLMap } from 'yaml'
import { messageOf } from './errors.js'

export type KeyPath = readonly (string | number)[]

export interface YamlFault {
  keys: KeyPath
  /** Both count from 1. */
  line: number
  column: number
  message: string
}

export interface YamlContent {
  /** Null where there is a fault. */
  value: unknown
  faults: YamlFault[]
  /** Returns the line of a key, or of the nearest above it that is there; null where nothing is. */
  lineOf: (keys: KeyPath) => number | null
  /** Returns the same with the column of what stands behind the key in that line, else of the key; both from 1. */
  placeOf: (keys: KeyPath) => { line: number; column: number } | null
}

/** Aliases that stand for each other may be written in a line and fill the memory. */
const MAX_ALIASES = 100
/** How the parser begins what it says of a file with more than one document; the rest is for programmers. */
const SEVERAL = 'Source contains multiple documents'

/**
 * Parses one YAML document. Syntax errors (with line and column), duplicate keys, keys that would reach an object's
 * prototype, and aliases that stand for themselves or for too much are faults.
 */
export function parseYaml(text: string): YamlContent {
  const lines = new LineCounter()
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
    return {
      value: null,
      faults: [{ keys: [], line: 1, column: 1, message }],
      lineOf: () => null,
      placeOf: () => null,
    }
  }
  const faultAt = (offset: number, message: string, keys: KeyPath = []): YamlFault => {
    const { line, col } = lines.linePos(offset)
    const said = message.startsWith(SEVERAL) ? 'a second document begins (`---`), where one is read' : message
    return { keys, line, column: col, message: said.split('\n', 1)[0] ?? '' }
  }
  const placeOf: YamlContent['placeOf'] = (keys) => {
    const offset = offsetOf(document, keys)
    if (offset === null) return null
    const { line, col } = lines.linePos(offset)
    const value = lines.linePos((document.getIn(keys, true) as Node | undefined)?.range?.[0] ?? offset)
    return { line, column: value.line === line ? value.col : col }
  }
  const lineOf = (keys: KeyPath): number | null => {
    return placeOf(keys)?.line ?? null
  }
  const tooDeep = document.errors.find(({ message }) => message.startsWith('Maximum call stack'))
  const faults =
    tooDeep === undefined
      ? document.errors.map(({ pos, message }) => faultAt(pos[0], message))
      : [faultAt(tooDeep.pos[0], 'nested too deeply')]
  if (faults.length === 0) {
    faults.push(...strangeNodes(document).map(({ offset, message, keys }) => faultAt(offset, message, keys)))
  }
  if (faults.length > 0) return { value: null, faults, lineOf, placeOf }
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown, faults, lineOf, placeOf }
  } catch (error) {
    const tooMuch = error instanceof RangeError || error instanceof ReferenceError
    const message = tooMuch ? 'aliases stand for too much' : messageOf(error)
    return { value: null, faults: [faultAt(firstAlias(document)?.range?.[0] ?? 0, message)], lineOf, placeOf }
  }
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
