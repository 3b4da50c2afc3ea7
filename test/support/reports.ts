import { parse } from 'yaml'

/** Returns a report's frontmatter as data. */
export function frontmatterOf(report: string): Record<string, unknown> {
  const yaml = /^---\n(.*?)\n---\n/s.exec(report)?.[1]
  if (yaml === undefined) throw new Error(`no frontmatter: ${report.slice(0, 200)}`)
  return parse(yaml) as Record<string, unknown>
}

/** Returns the report below its frontmatter. */
export function bodyOf(report: string): string {
  return report.replace(/^---\n.*?\n---\n/s, '')
}

/** Returns the section headings in their order. */
export function reportHeadings(report: string): string[] {
  return [...bodyOf(report).matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '')
}
