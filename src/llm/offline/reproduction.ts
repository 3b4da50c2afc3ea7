import { anchor, item, listOf, sectionList, titleOf } from './markdown.js'
import type { Plan } from './plan.js'
import type { Slot } from './report-slots.js'
import type { Writing } from './writing.js'

/** The steps of the method in reading order. */
export function methodSummary(writing: Writing): string {
  const picks = writing.plan.method.map((p) => p.sentence)
  if (picks.length === 0) {
    return `The sections of ${titleOf(writing.input.title)} were searched for sentences that say what was done, and none of them can be quoted alone; the method has to be read in the paper itself.`
  }
  const where = sectionList(picks)
  const lead = `Steps named by the paper, in reading order${where === '' ? '' : `, from ${where}`}:`
  return `${lead}\n\n${picks.map((s) => item(s, undefined, true)).join('\n')}`
}

const GROUPS: readonly (readonly [Slot, string, string])[] = [
  ['components', 'Components', 'what the system is made of'],
  ['data', 'Data', 'the data'],
  ['parameters', 'Parameters', 'parameter values'],
  ['hardware', 'Hardware and running time', 'hardware or running time'],
  ['code', 'Code and artefacts', 'where code or data can be had'],
]

/** Kinds of paper that nobody runs. */
const NOT_RUN: ReadonlySet<string> = new Set(['theory', 'survey'])

/** What one needs to rebuild the work: parts, data, parameters, hardware, code; and which of these the paper does not name. */
export function onboarding(writing: Writing): string {
  const parts = GROUPS.filter(([slot]) => writing.plan[slot].length > 0).map(([slot, name]) =>
    group(writing.plan, slot, name),
  )
  const absent = GROUPS.filter(([slot]) => writing.plan[slot].length === 0).map(([, , what]) => what)
  const gap =
    absent.length === 0 || NOT_RUN.has(writing.input.kind)
      ? ''
      : `No sentence was recognised as telling ${listOf(absent, 'or')}; look for that in the paper before a rebuild.`
  return [...parts, readingMap(writing), gap].filter((part) => part !== '').join('\n\n')
}

const MOST_PLACES = 7

/** Where in the paper the method, set-up and appendices are. */
function readingMap(writing: Writing): string {
  const places = writing.document.sections.filter(
    (s) =>
      s.level <= 2 &&
      s.heading !== '' &&
      s.kinds.some((k) => k === 'method' || k === 'setup' || k === 'appendix'),
  )
  const shown = places
    .slice(0, MOST_PLACES)
    .map((s) => (s.page === null ? s.heading : `${s.heading} ${anchor(s.page)}`))
  return shown.length === 0 ? '' : `**Where to read on**: ${shown.join('; ')}.`
}

function group(plan: Plan, slot: Slot, name: string): string {
  return `**${name}**\n\n${plan[slot].map((p) => item(p.sentence, undefined, true)).join('\n')}`
}
