import * as z from 'zod'
import { ConfigError } from '../../core/errors.js'

const List = z.strictObject({
  name: z.string().min(1),
  weight: z.number(),
  words: z.array(z.string().regex(/[\p{L}\p{N}]/u, 'a word or phrase with a letter or digit')).min(1),
})
/** What relevance.yml may hold. @public */
export const RelevanceFile = z.strictObject({
  title_weight: z.number().min(0).default(3),
  lists: z.array(List).default([]),
})

/** Lists of keywords by which papers are weighed without a request. */
export interface RelevanceLists {
  weigh(title: string, abstract: string): Relevance
}

export interface Relevance {
  value: number
  /** One for each list that has a word in the paper: `agents +6 (title: tool use)`. */
  reasons: string[]
}

/**
 * Returns the lists that a relevance.yml holds; null: it has none.
 *
 * @param content what the YAML says.
 * @throws ConfigError `relevance_invalid`, naming the place in the file.
 */
export function parseRelevance(content: unknown, file: string): RelevanceLists | null {
  const parsed = RelevanceFile.safeParse(content ?? {})
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ConfigError(
      'relevance_invalid',
      `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
      {
        hint: 'A list has a name, a weight and words; config/relevance.yml of the package shows one.',
      },
    )
  }
  const { lists, title_weight: titleWeight } = parsed.data
  if (lists.length === 0) return null
  const finders = lists.map(({ name, weight, words }) => ({ name, weight, word: anyOf(words) }))
  return {
    weigh(title, abstract) {
      const reasons: string[] = []
      let value = 0
      for (const { name, weight, word } of finders) {
        const inTitle = word.exec(title)?.[0]
        const found = inTitle ?? word.exec(abstract)?.[0]
        if (found === undefined) continue
        const counts = weight * (inTitle === undefined ? 1 : titleWeight)
        value += counts
        const place = inTitle === undefined ? 'abstract' : 'title'
        reasons.push(
          `${name} ${counts < 0 ? '−' : '+'}${rounded(Math.abs(counts))} (${place}: ${found.toLowerCase()})`,
        )
      }
      return { value: rounded(value), reasons }
    },
  }
}

/** Whole words, in any case; blanks and hyphens are alike; `agent*` stands for all words that begin so. */
function anyOf(words: readonly string[]): RegExp {
  const each = words.map((word) => {
    const begins = word.trim().endsWith('*')
    const parts = word.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '')
    return `${parts.join('[^\\p{L}\\p{N}]{1,3}')}${begins ? '[\\p{L}\\p{N}]*' : ''}`
  })
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${each.join('|')})(?![\\p{L}\\p{N}])`, 'iu')
}

/** Sums of tenths show no 0.30000000000000004. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
