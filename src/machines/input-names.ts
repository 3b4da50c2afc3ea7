import type { LoadedMachine } from './loaded.js'
import type { TemplateValue } from './language/template.js'

/** Returns the first keys of `input` that a machine itself reads, in the order of its file; what conditions read is not among them. */
export function inputNames({ context, states }: LoadedMachine): string[] {
  const names = new Set<string>()
  const walk = (value: TemplateValue | null): void => {
    if (value === null) return
    if (value.kind === 'list') return value.items.forEach(walk)
    if (value.kind === 'map') return value.entries.forEach(([, entry]) => walk(entry))
    if (value.kind === 'constant') return
    const { template } = value
    if (template.kind === 'jinja')
      for (const name of template.names.members.get('input') ?? []) names.add(name)
    const [first] = template.kind === 'path' && template.path.root === 'input' ? template.path.keys : []
    if (first !== undefined) names.add(first)
  }
  walk(context)
  for (const { input, outputToContext, output } of states.values()) {
    walk(input)
    outputToContext.forEach(([, value]) => walk(value))
    walk(output)
  }
  return [...names]
}
