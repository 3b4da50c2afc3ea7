import { splitSentences } from '../../text/sentences.js'
import { readCaptions, type Caption } from './tables.js'
import { oneLine } from '../markdown/sanitize.js'

const MOST_OF_A_KIND = 8
const LONGEST_CAPTION = 180
/** A shorter beginning of a caption says too little. */
const LEAST_CAPTION = 30

/** One table or figure of a paper. */
export interface Exhibit {
  /** As printed: `Table 2`, `Fig. 3`. */
  label: string
  /** What it shows: the caption's first sentence, or its beginning up to a clause's end; '' where neither is short. */
  caption: string
  page: number | null
}

/** Returns what tables and figures of the paper show: the first eight tables, then the first eight figures. */
export function exhibitsOf(text: string): Exhibit[] {
  const captions = readCaptions(text)
  const isTable = ({ label }: Caption): boolean => /^tab/i.test(label)
  const kinds = [captions.filter(isTable), captions.filter((one) => !isTable(one))]
  return kinds.flatMap((all) => all.slice(0, MOST_OF_A_KIND)).map(exhibitOf)
}

function exhibitOf({ label, text, page }: Caption): Exhibit {
  return {
    label: oneLine(label),
    caption: shownCaption(oneLine(splitSentences(text)[0]?.text ?? text)),
    page,
  }
}

/** The sentence, or its beginning up to a clause's end; '' where neither is short enough: half a phrase tells nobody anything. */
function shownCaption(sentence: string): string {
  const whole = sentence.replace(/[.:]$/, '')
  if (whole.length <= LONGEST_CAPTION) return whole
  const start = whole.slice(0, LONGEST_CAPTION)
  const clause = start.replace(/(?:[,;:]| \(| [-–—] )(?=[^,;:()–—]*$).*$/, '')
  return clause.length < start.length && clause.length >= LEAST_CAPTION ? clause : ''
}
