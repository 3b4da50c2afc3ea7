import type { WriterInput } from './context.js'
import type { PaperDocument } from './document.js'
import type { Plan } from './plan.js'

/** All a section is written from. */
export interface Writing {
  input: WriterInput
  document: PaperDocument
  plan: Plan
}
