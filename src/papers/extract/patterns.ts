/** The label of a caption: kind, number, and the sign after it. */
export const CAPTION =
  /^(?:(?:Supplementary|Extended Data|Supp\.)\s+)?(Figures?|Figs?\.?|Tables?|Tab\.|Algorithm|Listing|Scheme|Box|Chart|Plate|Abbildung|Abb\.|Tabelle|FIGURE|FIGS?\.?|TABLE|ALGORITHM)\s*((?:[A-Z]\.?)?\d{1,3}[a-z]?(?:\.\d{1,2})?|[IVX]{1,5})\b\s*([.:|–—-])?/u
