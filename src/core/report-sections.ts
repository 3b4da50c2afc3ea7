/** The five texts a report is made of, each the answer to one request. Names are those of the stored outputs. */
export type Writer =
  'key_outcome' | 'why_hypotheses' | 'reproduction_notes' | 'open_questions' | 'limits_confidence'

/** Who answers with all sections at once, in a lean pipeline; in a full one, what it gave stands in for what others lack. */
export const WHOLE_REPORT = 'whole_report'

export interface ReportSection {
  /** The heading as it stands in the report and in the writer's answer (`## …`). */
  heading: string
  /** Whose answer holds it; null: made by code alone. */
  writer: Writer | null
  /** Whose answer held it before; one that has it was asked for it and paid for, so it stands. */
  formerly?: Writer
  /** A report is whole without it, and shows no heading where there is nothing: prompts of before did not ask for it. */
  optional?: true
}

/** Heading of the last writer's corrections; those that can be carried out are, and leave the section. */
export const CORRECTIONS = 'Corrections'

/** How a line of a section begins that shows a correction which could not be carried out; it is no statement about the paper. */
export const CORRECTION_LINE = '*Correction:*'

/** The sections of a report, in order. */
export const REPORT_SECTIONS: readonly ReportSection[] = [
  { heading: 'Quick Facts', writer: null },
  // Written last, by the one who has seen the rest.
  { heading: 'Executive Summary', writer: 'limits_confidence', formerly: 'key_outcome' },
  { heading: 'Method Summary', writer: 'reproduction_notes' },
  { heading: 'Key Results', writer: 'key_outcome' },
  { heading: 'Why This Works (Mechanism)', writer: 'why_hypotheses' },
  { heading: 'Foundational Learning', writer: 'why_hypotheses' },
  { heading: 'Architecture Onboarding', writer: 'reproduction_notes' },
  { heading: 'Related Work', writer: 'open_questions', optional: true },
  { heading: 'Open Questions the Paper Calls Out', writer: 'open_questions' },
  { heading: 'Limitations', writer: 'limits_confidence' },
  { heading: 'Does It Add Up?', writer: 'limits_confidence', optional: true },
  { heading: 'Confidence', writer: 'limits_confidence' },
  { heading: 'Next Checks', writer: 'limits_confidence' },
  { heading: CORRECTIONS, writer: 'limits_confidence', optional: true },
]

/** Headings without which a report is whole. */
export const OPTIONAL_SECTIONS: ReadonlySet<string> = new Set(
  REPORT_SECTIONS.flatMap(({ heading, optional }) => (optional === true ? [heading] : [])),
)

/** Heading of the one-line statement that goes to the frontmatter, not into the body; written with `key_outcome`. */
export const CORE_CONTRIBUTION = 'Core Contribution'
