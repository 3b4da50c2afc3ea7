import type { EnrichCounts } from '../../corpus/openalex/enrich.js'
import type { ProgressState } from './progress.js'
import { counted } from '../layout/counted.js'

const SHOWN = 10

/** Returns what a person reads after a corpus was enriched. */
export function renderEnrich(counts: EnrichCounts): string {
  const { retracted, authors } = counts
  if (counts.asked === 0) return 'enrich: nothing to ask about'
  const more = retracted.length > SHOWN ? ' …' : ''
  return [
    `enrich: ${counted(counts.asked, 'paper')} asked about, ${counts.found} found, ${counts.unknown} unknown to OpenAlex, ${authors} authors`,
    ...(retracted.length === 0 ? [] : [`retracted: ${retracted.slice(0, SHOWN).join(', ')}${more}`]),
  ].join('\n')
}

/** Returns how it is getting on. */
export function enrichProgress({ asked, found, authors }: EnrichCounts): Omit<ProgressState, 'doing'> {
  return { done: asked, unit: 'papers', more: [`${found} found`, `${authors} authors`] }
}
