import * as z from 'zod'
import { ConfigError } from '../../core/errors.js'
import { formKey, plainForm } from './term-forms.js'

/** What terminology.yml may hold. @public */
export const TerminologyFile = z.strictObject({
  terms: z.record(z.string().min(1), z.array(z.string().min(1))).default({}),
  domains: z.record(z.string().min(1), z.string().min(1)).default({}),
})

/** What terms are called in all reports. */
export interface Terminology {
  /** The one form of a term: that of the file, else its plain one. The same whatever other papers there are. */
  canonical(this: void, term: string): string
  /** Whether the file names the term, or one that is written for it. */
  names(term: string): boolean
  /** The field that a category of arXiv stands for; null: the file does not say. */
  domainOf(category: string): string | null
}

/**
 * Returns the terminology that a file holds.
 *
 * @param content what the YAML says.
 * @throws ConfigError `terminology_invalid`; `terminology_cycle` where terms are written for one another, or one for two.
 */
export function parseTerminology(content: unknown, file: string): Terminology {
  const parsed = TerminologyFile.safeParse(content ?? {})
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ConfigError(
      'terminology_invalid',
      `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
      { hint: 'A term has a list of what else is written for it: `large language model: [LLM]`.' },
    )
  }
  const { terms, domains } = parsed.data
  const names = canonicalNames(terms, file)
  return {
    canonical: (term) => names.get(formKey(term)) ?? plainForm(term),
    names: (term) => names.has(formKey(term)),
    domainOf: (category) => domains[category] ?? null,
  }
}

/** Key of a form → the term at the end of its chain. */
function canonicalNames(
  terms: Readonly<Record<string, readonly string[]>>,
  file: string,
): Map<string, string> {
  const above = new Map<string, string>()
  const shown = new Map<string, string>()
  for (const [term, forms] of Object.entries(terms)) {
    shown.set(formKey(term), term)
    for (const form of forms) {
      const key = formKey(form)
      const other = above.get(key)
      if (key === formKey(term)) continue
      if (other !== undefined && formKey(other) !== formKey(term))
        throw new ConfigError(
          'terminology_cycle',
          `${file}: "${form}" stands for "${other}" and for "${term}".`,
          {
            hint: 'A form can stand for one term alone.',
          },
        )
      above.set(key, term)
    }
  }
  const names = new Map<string, string>()
  for (const start of new Set([...above.keys(), ...shown.keys()])) {
    const way = [start]
    for (let next = above.get(start); next !== undefined; next = above.get(formKey(next))) {
      const key = formKey(next)
      if (way.includes(key))
        throw new ConfigError(
          'terminology_cycle',
          `${file}: ${cycleOf([...way, key], shown)}: terms that stand for one another.`,
          {
            hint: 'Take one of these lines away.',
          },
        )
      way.push(key)
    }
    const end = way.at(-1) ?? start
    names.set(start, shown.get(end) ?? end)
  }
  return names
}

function cycleOf(way: readonly string[], shown: ReadonlyMap<string, string>): string {
  return way
    .slice(way.indexOf(way.at(-1) ?? ''))
    .map((key) => `"${shown.get(key) ?? key}"`)
    .join(' → ')
}
