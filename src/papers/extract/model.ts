/** How a font draws, read from its name and descriptor. */
export interface FontStyle {
  bold: boolean
  italic: boolean
  /** A fount of symbols or letters for formulas. */
  math: boolean
  mono: boolean
}

/** A stretch of text on one baseline without a wide gap. Coordinates in points, y grows upwards. */
export interface Segment {
  text: string
  x0: number
  x1: number
  /** Baseline of the largest glyphs. */
  base: number
  /** Font size of the largest glyphs in points. */
  size: number
  /** Numbers of glyphs, of bold, italic, formula glyphs. */
  glyphs: number
  bold: number
  italic: number
  math: number
  mono: number
  /** Letters that run from right to left. */
  leftward: number
  /** Place in the page's content stream. */
  order: number
}

/** One line of a column: its segments joined from left to right. */
export interface Line extends Segment {
  page: number
  /** 0 = across the page, 1 = left column, 2 = right column, 3 = beside the abstract. */
  column: number
  /** Edges of the column on this page. */
  left: number
  right: number
  /** Number of gaps wider than two ems inside the line: cells of a table. */
  wideGaps: number
}

export interface PageText {
  /** From 1. */
  number: number
  width: number
  height: number
  segments: Segment[]
  /** Glyphs left out because nobody can see them. */
  hidden: number
  /** Glyphs whose font names no character for them. */
  unnamed: number
  /** The first of the hidden ones, as text. */
  hiddenText: string
  /** The first of the text that is turned against the page, as text. */
  turnedText: string
}

export type BlockKind = 'body' | 'heading' | 'caption' | 'float' | 'footnote' | 'code'

/** Lines that belong together. */
export interface Block {
  kind: BlockKind
  lines: Line[]
  page: number
  size: number
  /** Share of bold and italic glyphs, 0–1. */
  bold: number
  italic: number
  /** True if the first line is indented against the column (or hangs out of it). */
  indented: boolean
  /** Vertical gap to the line above in the same column, in leadings; Infinity at the top of a column. */
  gapAbove: number
}

/** Where a glyph stands after the page was turned; one object for all glyphs, for there are many. */
export interface GlyphPlace {
  x0: number
  x1: number
  base: number
}
