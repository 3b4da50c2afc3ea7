/** Names of the actions that machine files may use. */
export const ACTION_NAMES = [
  'fetch_pdf',
  'extract_text',
  'corpus_signals',
  'assemble_report',
  'save_report',
] as const

export type ActionName = (typeof ACTION_NAMES)[number]
