import { splitSentences } from '../text/sentences.js'
import { readCaptions, type Caption } from './paper/tables.js'
import type { ReportInput } from './report-input.js'
import { inlineText, oneLine } from './markdown/sanitize.js'

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

const HEAD = 6000
const VENUE =
  /\b(?:published (?:as a (?:conference|workshop) paper )?(?:at|in)|accepted (?:at|to|by|for publication in)|to appear (?:in|at)|in proceedings of(?: the)?|proceedings of(?: the)?)\s+(?!this\b|their\b|our\b)([\p{Lu}\d][^.\n;()]{3,100})/iu
/** What tells a place of printing from what the authors say of their work ("will be published in a common format"). */
const PRINTED =
  /\b(?:19|20)\d\d\b|\b(?:Proc(?:eedings)?|Conf(?:erence)?|Workshop|Symposium|Trans(?:actions)?|Journal|J\.|Letters?|Lett|Review|Rev|Annals|Ann|Advances|Lecture Notes|Press|Magazine|Bulletin|Astron|Phys|ACM|IEEE|ACL|EMNLP|NAACL|EACL|COLING|TACL|TMLR|JMLR|NeurIPS|NIPS|ICML|ICLR|AAAI|IJCAI|CVPR|ICCV|ECCV|KDD|SIGIR|WWW|CHI|MNRAS|Nature|Science)\b/u

/** Returns where a paper was printed as its first page or its authors' remark says; null where neither does. */
export function venueOf({
  paper,
  paper_text: text,
}: Pick<ReportInput, 'paper' | 'paper_text'>): string | null {
  const places = [paper.comment ?? '', (text ?? '').slice(0, HEAD).split('[p. 2]')[0] ?? '']
  const found = places.flatMap((place) => VENUE.exec(place)?.[1] ?? []).find((place) => PRINTED.test(place))
  return found === undefined ? null : inlineText(found)
}
