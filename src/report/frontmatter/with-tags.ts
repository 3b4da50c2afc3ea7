import { isDeepStrictEqual } from 'node:util'
import { renderYaml } from './frontmatter.js'
import { readFrontmatter } from './read-frontmatter.js'
import { oneLine } from '../markdown/sanitize.js'
import type { Tag } from '../terms/tags.js'

const BLOCK = /^(\uFEFF?---(\r?\n))([\s\S]*?)(---[ \t]*(?:\r?\n|$)[\s\S]*)$/

/**
 * Returns a report with other tags; every other byte of it stays, and all of them where it has these tags already.
 *
 * @param tags a list of names alone leaves what is said of their scores as it is.
 * @returns null where it has no frontmatter that can be read.
 */
export function withTags(markdown: string, tags: readonly Tag[] | readonly string[]): string | null {
  const before = readFrontmatter(markdown)
  const [, open, end, yaml, rest] = BLOCK.exec(markdown) ?? []
  if (before === null || open === undefined || end === undefined || yaml === undefined) return null
  const wanted = tagEntries(tags)
  let text = yaml
  for (const [key, value] of Object.entries(wanted))
    if (!isDeepStrictEqual(before[key], value))
      text = replaced(text, key, renderYaml({ [key]: value }).replaceAll('\n', end))
  const report = `${open}${text}${rest}`
  // What YAML may say in other ways than ours is not cut to pieces.
  return isDeepStrictEqual(readFrontmatter(report), { ...before, ...wanted }) ? report : null
}

/** Returns what the frontmatter says of tags, key by key. */
export function tagEntries(tags: readonly Tag[] | readonly string[]): Record<string, unknown> {
  const scores = tags.filter((tag): tag is Tag => typeof tag !== 'string')
  const names = tags.map((tag) => oneLine(typeof tag === 'string' ? tag : tag.tag))
  if (scores.length < tags.length) return { tags: names }
  return { tags: names, tag_scores: scores.map(({ tag, ...found }) => ({ tag: oneLine(tag), ...found })) }
}

/** The YAML with another block under a key, or with that block at its end. */
function replaced(yaml: string, key: string, block: string): string {
  const lines = yaml.split(/(?<=\n)/)
  const at = lines.findIndex((line) => line.startsWith(`${key}:`))
  if (at < 0) return yaml + block
  const next = lines.findIndex((line, n) => n > at && /^[^\s#-]/.test(line))
  return [...lines.slice(0, at), block, ...(next < 0 ? [] : lines.slice(next))].join('')
}
