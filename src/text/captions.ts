/** A caption of a table, a figure and the like. */
export interface CaptionLine {
  /** As printed: `Table 2`, `Fig. 3`, `Abbildung 4`. */
  label: string
  text: string
}

const LABEL =
  /^(?:(?:Supplementary|Extended Data|Supp\.)\s+)?((?:Figs?\.?|Figures?|Tab\.|Tables?|Algorithm|Listing|Scheme|Box|Chart|Plate|Abbildung|Abb\.|Tabelle) ?(?:(?:[A-Z]\.?)?\d{1,3}[a-z]?(?:\.\d{1,2})?|[IVXL]{1,6}))(?![\p{L}\d])/iu
const BEHIND_SIGN = /^\s*[:.|–—-]\s*(\S.*)$/u
/** Without a sign behind its number it is a caption where a sentence begins; "Table 3 shows" is running text. */
const BEHIND_BLANK = /^\s+(["“(]?\p{Lu}.*)$/u

/** Returns the caption that a line is, in English or German; null for any other line. */
export function captionOf(line: string): CaptionLine | null {
  const match = LABEL.exec(line)
  if (match === null) return null
  const rest = line.slice(match[0].length)
  const text = (BEHIND_SIGN.exec(rest) ?? BEHIND_BLANK.exec(rest))?.[1]
  return text === undefined ? null : { label: match[1] ?? '', text: text.trim() }
}
