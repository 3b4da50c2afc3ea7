import { inlineText } from './markdown/sanitize.js'
import type { ReportInput } from './report-input.js'

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
