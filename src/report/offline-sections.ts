import { REPORT_SECTIONS } from '../core/report-sections.js'
import type { ReportInput } from './report-input.js'

/** Returns the headings whose text was extracted offline, and how many sections the writers owe in all. */
export function offlineSections(input: Pick<ReportInput, 'sections' | 'sources' | 'provenance'>): {
  offline: string[]
  total: number
} {
  const owed = REPORT_SECTIONS.filter(
    ({ heading, writer, optional }) => writer !== null && (optional !== true || input.sections.has(heading)),
  )
  const offline = owed.filter(({ heading, writer }) =>
    isOfflineWriter(input.sources?.get(heading) ?? writer ?? '', input.provenance),
  )
  return { offline: offline.map((section) => section.heading), total: owed.length }
}

function isOfflineWriter(writer: string, provenance: ReportInput['provenance']): boolean {
  if (provenance.offline_writers !== undefined) return provenance.offline_writers.includes(writer)
  return /^offline\b/i.test(provenance.models[writer] ?? '')
}
