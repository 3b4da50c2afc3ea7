import { parse } from 'yaml'
import { REPORT_SECTIONS } from '../../src/core/report-sections.js'

/** Returns a report's frontmatter as data. */
export function frontmatterOf(report: string): Record<string, unknown> {
  const yaml = /^---\n(.*?)\n---\n/s.exec(report)?.[1]
  if (yaml === undefined) throw new Error(`no frontmatter: ${report.slice(0, 200)}`)
  return parse(yaml) as Record<string, unknown>
}

/** The headings that every report has, in their order. */
export const REQUIRED_HEADINGS = REPORT_SECTIONS.flatMap(({ heading, optional }) =>
  optional ? [] : [heading],
)

/** Returns the headings of a report that every report has, in the order in which they stand there. */
export function requiredHeadings(report: string): string[] {
  return reportHeadings(report).filter((heading) => REQUIRED_HEADINGS.includes(heading))
}

/** Returns the report below its frontmatter. */
export function bodyOf(report: string): string {
  return report.replace(/^---\n.*?\n---\n/s, '')
}

/** Returns the section headings in their order. */
export function reportHeadings(report: string): string[] {
  return [...bodyOf(report).matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '')
}

/** Returns frontmatter, title and sections (heading → body, in order) of a report that was assembled here. */
export function partsOfReport(report: string): {
  frontmatter: Record<string, unknown>
  title: string | undefined
  sections: Map<string, string>
} {
  // What a code block shows is no heading.
  const body = bodyOf(report).replace(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[`~]* *$/gm, (block) =>
    block.replace(/^## /gm, ' ## '),
  )
  const [head = '', ...sections] = body.split(/^## /m)
  return {
    frontmatter: frontmatterOf(report),
    title: /^# (.+)$/m.exec(head)?.[1],
    sections: new Map(
      sections.map((section) => {
        const end = section.indexOf('\n')
        return [section.slice(0, end), section.slice(end).trim()]
      }),
    ),
  }
}
