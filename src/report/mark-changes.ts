/** What became known of a paper after it was read. */
export interface KnownChanges {
  newer_version: number | null
  /** ISO-8601 UTC text. */
  withdrawn_at: string | null
}

const PAPER = /^(---\n(?:(?!---\n).*\n)*?paper:\n)((?: {2}newer_version: .*\n)?(?: {2}withdrawn_at: .*\n)?)/

/** Returns a report whose frontmatter says, under `paper`, what became known since; without news it is left as it is. */
export function markChanges(markdown: string, { newer_version, withdrawn_at }: KnownChanges): string {
  const lines = [
    ...(newer_version === null ? [] : [`  newer_version: ${newer_version}\n`]),
    ...(withdrawn_at === null ? [] : [`  withdrawn_at: ${JSON.stringify(withdrawn_at)}\n`]),
  ]
  return markdown.replace(PAPER, (_, before: string) => before + lines.join(''))
}
