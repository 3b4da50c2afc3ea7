import { LineCounter, parseDocument, visit } from 'yaml'
import type { KeyPath } from './faults.js'
import { formatKey } from './faults.js'

export interface YamlFault {
  key: string
  message: string
  hint?: string
}

/**
 * Parses one YAML document. Syntax errors (with line and column), duplicate keys and keys that would reach an
 * object's prototype are faults; with a fault the value is null.
 */
export function parseYaml(text: string): { value: unknown; faults: YamlFault[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    uniqueKeys: true,
  })
  const faults: YamlFault[] = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0])
    const what = error.code === 'DUPLICATE_KEY' ? 'duplicate key' : error.message.split('\n', 1)[0]
    return { key: '', message: `line ${line}, column ${col}: ${what ?? error.code}` }
  })
  visit(document, {
    Pair(_, pair, path) {
      if (String(pair.key) !== '__proto__') return
      faults.push({
        key: formatKey([...keysOf(path), '__proto__']),
        message: 'the key "__proto__" is not allowed',
      })
    },
  })
  if (faults.length > 0) return { value: null, faults }
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as unknown, faults }
  } catch (error) {
    return {
      value: null,
      faults: [{ key: '', message: error instanceof Error ? error.message : String(error) }],
    }
  }
}

function keysOf(path: readonly unknown[]): KeyPath {
  const keys: string[] = []
  for (const node of path) {
    if (typeof node === 'object' && node !== null && 'key' in node) keys.push(String(node.key))
  }
  return keys
}
