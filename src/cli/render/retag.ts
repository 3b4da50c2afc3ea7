import type { RetagResult } from '../../pipeline/retag.js'
import { counted } from '../layout/counted.js'

const SHOWN = 50

/** Returns what a person reads after `retag`: per paper what its tags gained and lost. */
export function renderRetag(result: RetagResult, dryRun: boolean): string {
  const { considered, changed, without_text: without, papers } = result
  const lines = papers.slice(0, SHOWN).map(({ arxiv_id: id, before, after }) => {
    const gained = after.filter((tag) => !before.includes(tag)).map((tag) => `+ ${tag}`)
    const lost = before.filter((tag) => !after.includes(tag)).map((tag) => `- ${tag}`)
    return `${id}: ${[...gained, ...lost].join(', ') || 'the same tags, with their scores'}`
  })
  if (papers.length > SHOWN) lines.push(`… and ${changed - SHOWN} more (--json has them)`)
  if (without.length > 0)
    lines.push(`the DB holds no text of ${counted(without.length, 'paper')}: tags were only renamed`)
  const verb = dryRun ? 'would have changed' : 'changed'
  lines.push(
    considered === 0
      ? 'no paper that is done fits'
      : `${verb} the tags of ${changed} of ${counted(considered, 'report')}`,
  )
  return lines.join('\n')
}
