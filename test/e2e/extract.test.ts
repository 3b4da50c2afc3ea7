import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, runCli } from '../support/cli.js'
import { temporaryFolder } from '../support/temp.js'

interface Extracted {
  files: {
    file: string
    pages: number
    text: string
    sections: { title: string; level: number; page: number; text: string }[]
    references: string[]
    duration_ms: number
    error?: { code: string; message: string }
  }[]
}

const SAMPLE = join(ROOT, 'samples', 'pdf', '0000.00004.pdf')

it('reads PDFs, gives a bad one its error, goes on with the others and exits 1', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'page.pdf'), '<!doctype html><title>Not found</title>')
  writeFileSync(join(cwd, 'empty.pdf'), '')
  copyFileSync(SAMPLE, join(cwd, 'paper.pdf'))
  const { code, stderr, json } = await runCli(
    ['extract', 'page.pdf', 'paper.pdf', 'empty.pdf', 'none.pdf', '--json'],
    { cwd },
  )
  const { files } = json<Extracted>()
  expect(files.map(({ file }) => file)).toEqual(['page.pdf', 'paper.pdf', 'empty.pdf', 'none.pdf'])
  expect(files.map(({ error }) => error?.code)).toEqual([
    'pdf_is_html',
    undefined,
    'pdf_empty',
    'pdf_not_found',
  ])
  expect(stderr).toContain('page.pdf: pdf_is_html')
  expect(code).toBe(1)
  const paper = files[1]
  expect(paper?.pages).toBe(3)
  expect(paper?.text).toMatch(/^\[p\. 1\]/)
  expect(paper?.sections.map(({ title }) => title.toLowerCase())).toEqual(
    expect.arrayContaining(['introduction', 'limitations']),
  )
  expect(paper?.references).toHaveLength(12)
})

it('prints the text of a good file alone, without escape codes, and exits 0', async () => {
  const { code, stdout, stderr } = await runCli(['extract', SAMPLE], { cwd: temporaryFolder() })
  expect(code).toBe(0)
  expect(stderr).toBe('')
  expect(stdout).toContain('Exponential backoff')
  // eslint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/\u001b/)
})

it('prints Markdown with its parts, and not together with --json', async () => {
  const cwd = temporaryFolder()
  const { code, stdout } = await runCli(['extract', '--markdown', SAMPLE], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^# Retry storms after a 429/)
  const heads = stdout.match(/^#{1,4} .*$/gm) ?? []
  expect(heads.slice(1, 3)).toEqual(['## Abstract', '## I INTRODUCTION'])
  expect(heads.at(-1)).toBe('## References')
  expect(stdout).toContain('[p. 2]')
  expect(stdout.match(/^\d+\. .+$/gm)).toHaveLength(12)
  const both = await runCli(['extract', '--markdown', '--json', SAMPLE], { cwd })
  expect(both.code).toBe(2)
})

it('finds terms in texts and PDFs', async () => {
  const cwd = temporaryFolder()
  writeFileSync(
    join(cwd, 'abstract.txt'),
    'Leases with fencing tokens. A fencing token protects a write from a stalled worker. We compare fencing tokens with plain leases and show that a stalled worker writes nothing.',
  )
  const { code, json } = await runCli(['terms', 'abstract.txt', SAMPLE, 'none.txt', '--json'], { cwd })
  const { files } = json<{
    files: { file: string; terms: { term: string; score: number }[]; error?: { code: string } }[]
  }>()
  expect(code).toBe(1)
  expect(files[0]?.terms.map(({ term }) => term.toLowerCase())).toContain('stalled worker')
  expect(files[1]?.terms.map(({ term }) => term)).toEqual(
    expect.arrayContaining(['jitter', 'exponential backoff', 'shared circuits']),
  )
  expect(files[2]?.error?.code).toBe('file_unreadable')
})
