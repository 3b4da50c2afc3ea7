import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/commands/index.js'
import { resolveSettings } from '../../src/core/settings/resolve-settings.js'
import { ROOT } from '../support/cli.js'

const pages = ['README.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'))]
const read = (name: string): string =>
  readFileSync(join(ROOT, name === 'README.md' ? name : join('docs', name)), 'utf8')
const words = pages.map(read).join('\n')

/** The code, file by file: path below src/ → text. */
const sources = new Map(
  readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name, readFileSync(join(ROOT, 'src', name), 'utf8')]),
)

/** Every variable of the environment that the code names. */
function environmentNames(): string[] {
  const names = [...sources.values()].flatMap(
    (text) => text.match(/\b(?:(?:RPA|V2)_[A-Z0-9_]+|ARXIV_DB_PATH)\b/g) ?? [],
  )
  // For tests alone.
  return [...new Set(names)].filter((name) => !name.startsWith('RPA_TEST_')).sort()
}

describe('the docs', () => {
  it.each(Object.keys(COMMANDS).map((name) => name.replaceAll(':', ' ')))('name the command %s', (name) => {
    expect(words).toMatch(new RegExp(`\\brpa ${name}\\b`))
  })

  it('name every setting on the page of settings', () => {
    const page = read('settings.md')
    expect(environmentNames().filter((name) => !page.includes(name))).toEqual([])
  })

  it('name no setting that nothing reads', async () => {
    const { settings } = await resolveSettings({}, {}, ROOT)
    const readers = [...sources].filter(
      ([name, text]) => name !== join('core', 'settings.ts') && /settings/i.test(text),
    )
    const unread = Object.keys(settings).filter(
      (name) => !readers.some(([, text]) => new RegExp(`\\b${name}\\b`).test(text)),
    )
    expect(unread).toEqual([])
  })

  it('link to pages that are there', () => {
    const targets = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) =>
        join(ROOT, page === 'README.md' ? '' : 'docs', target),
      ),
    )
    expect(targets.length).toBeGreaterThan(10)
    expect(targets.filter((target) => !existsSync(target))).toEqual([])
  })
})
