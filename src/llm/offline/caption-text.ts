import type { Caption } from './document.js'
import { anchor } from './markdown.js'
import { isQuotable, plainInline } from './quotable.js'
import { splitSentences } from '../../text/sentences.js'

/** Returns `Table 2: “…” [p. 6]`, or `Table 2 [p. 6]` where the caption is no prose. */
export function captionText(caption: Caption): string {
  const label = plainInline(caption.label, 20)
  const first = (splitSentences(caption.text)[0]?.text ?? '').replace(/\s+/g, ' ')
  const quotable = isQuotable(first) && first.length <= 240
  return quotable ? `${label}: “${first}” ${anchor(caption.page)}` : `${label} ${anchor(caption.page)}`
}
