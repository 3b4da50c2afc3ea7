import { isObject } from '../../core/json.js'
import { didYouMean } from '../../core/words-alike.js'

/** The filters that the template engine has; anything else would fail only when it is rendered. */
const FILTERS = new Set(
  (
    'abs bool capitalize default dictsort first float get indent int items join keys last length list lower ' +
    'map rejectattr replace reverse safe selectattr sort string title tojson trim unique upper values'
  ).split(' '),
)
const BUILT_IN = new Set(['true', 'false', 'none', 'True', 'False', 'None', 'namespace', 'range', 'loop'])

export interface TemplateNames {
  /** Names the template takes from outside (`input`, `context`). */
  free: ReadonlySet<string>
  /** First keys it reads of each such name: `input` → `title`, `abstract`; without those it has a default for or reads on a condition only. */
  members: ReadonlyMap<string, ReadonlySet<string>>
  /** One message for each filter that does not exist. */
  unknownFilters: readonly string[]
}

/** Returns which names and filters a parsed template uses. */
export function inspectTemplate(program: unknown): TemplateNames {
  const walk = new Walk()
  walk.node(program)
  const free = new Set([...walk.used].filter((name) => !walk.declared.has(name) && !BUILT_IN.has(name)))
  return { free, members: walk.members, unknownFilters: walk.unknownFilters }
}

class Walk {
  readonly used = new Set<string>()
  readonly declared = new Set<string>()
  readonly members = new Map<string, Set<string>>()
  readonly unknownFilters: string[] = []
  #conditional = 0

  node(node: unknown): void {
    if (Array.isArray(node)) {
      for (const item of node) this.node(item)
      return
    }
    if (!isObject(node) || typeof node['type'] !== 'string') return
    switch (node['type']) {
      case 'Identifier':
        this.used.add(String(node['value']))
        return
      case 'MemberExpression':
        this.#member(node)
        return
      case 'FilterExpression':
      case 'FilterStatement':
        this.#filter(node)
        return
      case 'If':
      case 'Ternary':
        this.#branches(node)
        return
      case 'TestExpression':
        this.node(isDefinedTest(node) ? memberObject(node['operand']) : node['operand'])
        return
      case 'KeywordArgumentExpression':
        this.node(node['value'])
        return
      case 'BinaryExpression':
        // Its operator is a token, and `or` would pass for a name.
        this.#children(node, ['operator'])
        return
      case 'For':
        this.#declare(node['loopvar'])
        this.#children(node, ['loopvar'])
        return
      case 'Set':
        this.#declare(node['assignee'])
        this.#children(node, ['assignee'])
        return
      case 'Macro':
        this.#declare(node['name'])
        this.#declare(node['args'])
        this.#children(node, ['name', 'args'])
        return
      case 'CallStatement':
        this.#declare(node['callerArgs'])
        this.declared.add('caller')
        this.#children(node, ['callerArgs'])
        return
      default:
        this.#children(node, [])
    }
  }

  #member(node: Record<string, unknown>): void {
    const { object, property } = node
    if (isObject(object) && object['type'] === 'Identifier' && isObject(property)) {
      const name = property['type'] === (node['computed'] === true ? 'StringLiteral' : 'Identifier')
      if (name) this.#addMember(String(object['value']), String(property['value']))
    }
    this.node(object)
    if (node['computed'] === true) this.node(property)
  }

  /** What is read on a condition only may be absent. */
  #branches(node: Record<string, unknown>): void {
    this.node(node['test'] ?? node['condition'])
    this.#conditional++
    this.#children(node, ['test', 'condition'])
    this.#conditional--
  }

  #addMember(root: string, key: string): void {
    if (this.#conditional > 0) return
    const keys = this.members.get(root) ?? new Set<string>()
    this.members.set(root, keys.add(key))
  }

  #filter(node: Record<string, unknown>): void {
    const filter = isObject(node['filter']) ? node['filter'] : {}
    const callee = isObject(filter['callee']) ? filter['callee'] : filter
    const name = String(callee['value'])
    if (!FILTERS.has(name)) {
      const near = didYouMean(name, FILTERS)
      this.unknownFilters.push(`unknown filter "${name}"` + (near === undefined ? '' : `, ${near}`))
    }
    this.node(name === 'default' ? memberObject(node['operand']) : node['operand'])
    this.node(node['body'])
    this.node(filter['args'])
  }

  #children(node: Record<string, unknown>, except: readonly string[]): void {
    for (const [key, child] of Object.entries(node)) if (!except.includes(key)) this.node(child)
  }

  #declare(node: unknown): void {
    if (Array.isArray(node)) {
      for (const item of node) this.#declare(item)
    } else if (isObject(node)) {
      if (node['type'] === 'Identifier') this.declared.add(String(node['value']))
      else if (node['type'] === 'TupleLiteral') this.#declare(node['value'])
      else if (node['type'] === 'KeywordArgumentExpression') {
        this.#declare(node['key'])
        this.node(node['value'])
      }
    }
  }
}

function isDefinedTest(node: Record<string, unknown>): boolean {
  const test = isObject(node['test']) ? node['test']['value'] : null
  return test === 'defined' || test === 'undefined'
}

/** A key that has a default or is asked for may be absent: only what it is a key of counts as read. */
function memberObject(node: unknown): unknown {
  return isObject(node) && node['type'] === 'MemberExpression' ? node['object'] : node
}
