import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { FailureRule } from '../../../src/pipeline/failures/rules.js'
import { FAILURE_RULES } from '../../../src/pipeline/failures/rules.js'
import { ROOT } from '../../support/cli.js'

interface DocumentedRow {
  paper: string
  closes: string
  command: string
}

/** Rows of the table in docs/limits.md by class; `the same` stands for the cell above. */
function documented(): Map<string, DocumentedRow[]> {
  const rows = new Map<string, DocumentedRow[]>()
  let above: string[] = []
  const lines = readFileSync(join(ROOT, 'docs', 'limits.md'), 'utf8').split('\n')
  const head = lines.findIndex((line) => line.startsWith('| what happened | class |'))
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith('|')) break
    const cells = line
      .slice(1, -1)
      .split('|')
      .map((cell, column) => (cell.trim() === 'the same' ? (above[column] ?? '') : cell.trim()))
    above = cells
    const [, classes = '', paper = '', closes = '', command = ''] = cells
    for (const [, name = ''] of classes.matchAll(/`(\w+)`/g)) {
      rows.set(name, [...(rows.get(name) ?? []), { paper, closes, command }])
    }
  }
  return rows
}

it('the table in docs/limits.md has each class once, and says what the code does', () => {
  const rows = documented()
  expect([...rows.keys()].sort()).toEqual(Object.keys(FAILURE_RULES).sort())
  for (const [name, [row, ...more]] of rows) {
    expect(more, name).toEqual([])
    if (row !== undefined) expectSaid(name, row, FAILURE_RULES[name as keyof typeof FAILURE_RULES])
  }
})

function expectSaid(name: string, { paper, closes, command }: DocumentedRow, rule: FailureRule): void {
  const said = { fail: /failed$/, release: /goes back|same request|once with/, abandon: /left/ }[rule.paper]
  expect(paper, name).toMatch(said)
  if (rule.host?.kind !== 'trouble' && paper.includes('goes back'))
    expect(paper.includes('no try used'), name).toBe(rule.refund)
  expect(paper.includes('next profile'), name).toBe(rule.paper === 'fail' && rule.fallback)
  expect(closes === '', name).toBe(rule.circuit === null)
  if (rule.exit !== null) expect(command, name).toContain(`ends, exit ${rule.exit}`)
  else if (rule.stop === 'signal') expect(command, name).toBe('ends')
  else if (rule.stop !== null && rule.inPlace === null) expect(command, name).toBe('ends, exit 75')
  else if (rule.host?.kind !== 'trouble') expect(command, name).not.toContain('ends')
}

/** Codes of errors that end a command before any paper is worked on. */
const BEFORE_WORK = new Set([
  'checkpoint_damaged',
  'db_foreign',
  'db_in_use',
  'disk_low',
  'expression_syntax',
  // Of a comparison of reports that are there.
  'judgement_unreadable',
])
/** Where the work on a paper happens. */
const WORK_FOLDERS = [
  'papers',
  'machines',
  'report',
  'db/checkpoints',
  'db/executions',
  'db/leases',
  'pipeline/actions',
  'pipeline/paper',
  'pipeline/requests',
]

it('every class that work on a paper may fail with has a rule', () => {
  const missing: string[] = []
  for (const folder of WORK_FOLDERS) {
    for (const file of readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      const source = readFileSync(join(ROOT, 'src', folder, file), 'utf8')
      for (const [, code = ''] of source.matchAll(/new RpaError\(\s*'(\w+)'/g)) {
        if (!Object.hasOwn(FAILURE_RULES, code) && !BEFORE_WORK.has(code)) missing.push(`${file}: ${code}`)
      }
    }
  }
  expect(missing).toEqual([])
})

it('no class is matched by name outside of the table', () => {
  const matched: string[] = []
  for (const folder of ['commands', 'cli', 'corpus', 'db', 'papers', 'pipeline', 'report']) {
    for (const file of readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      const source = readFileSync(join(ROOT, 'src', folder, file), 'utf8')
      for (const [text, code = ''] of source.matchAll(/[!=]==? '(\w+)'/g)) {
        if (Object.hasOwn(FAILURE_RULES, code)) matched.push(`${file}: ${text}`)
      }
    }
  }
  expect(matched).toEqual([])
})
