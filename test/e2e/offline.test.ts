import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPORT_SECTIONS } from '../../src/core/report-sections.js'
import type { PhaseResult } from '../../src/pipeline/result.js'
import { ROOT, type Ended } from '../support/cli.js'
import { bodyOf, frontmatterOf, reportHeadings } from '../support/reports.js'
import { SAMPLES, Workspace } from '../support/workspace.js'

const METADATA = join(ROOT, 'samples', 'metadata.jsonl')
const CONTRACT_KEYS = ['ver', 'title', 'arxiv_id', 'source_url', 'model', 'tags', 'core_contribution']
const ESCAPE = String.fromCharCode(27)

describe('without a key, from metadata to reports', () => {
  const workspace = new Workspace(mkdtempSync(join(tmpdir(), 'rpa-e2e-')))
  const ended: Record<string, Ended> = {}
  let corpusBefore: unknown

  beforeAll(async () => {
    workspace.write('rpa.yml', `data_dir: data\npdf_dir: ${join(ROOT, 'samples', 'pdf')}\nprofile: offline\n`)
    ended['import'] = await workspace.rpa(['corpus', 'import', METADATA, '--json'])
    ended['import again'] = await workspace.rpa(['corpus', 'import', METADATA])
    corpusBefore = corpusState()
    ended['seed'] = await workspace.rpa(['seed', '--limit', '2', '--json'])
    ended['seed again'] = await workspace.rpa(['seed', '--limit', '2', '--json'])
    for (const phase of ['prep', 'analyze', 'wrap']) ended[phase] = await workspace.rpa([phase, '--json'])
    for (const phase of ['prep', 'analyze', 'wrap']) ended[`${phase} again`] = await workspace.rpa([phase])
  })
  afterAll(() => rmSync(workspace.path, { recursive: true, force: true }))

  function corpusState(): unknown {
    const bytes = readFileSync(workspace.in('data', 'arxiv.sqlite'))
    const files = readdirSync(workspace.in('data')).filter((name) => name.startsWith('arxiv'))
    return { files, sha256: createHash('sha256').update(bytes).digest('hex') }
  }

  const result = (phase: string): PhaseResult => ended[phase]!.json<PhaseResult>()

  it('imports the metadata, and nothing is changed by importing it again', () => {
    expect(ended['import']).toMatchObject({ code: 0, stderr: '' })
    expect(ended['import']!.json()).toMatchObject({
      papers: 39,
      files: [{ read: 39, inserted: 39, updated: 0, unchanged: 0, invalid: 0 }],
    })
    expect(ended['import again']).toMatchObject({ code: 0, stderr: '' })
    expect(ended['import again']!.stdout).toMatch(/kaggle-lines\s+39\s+0\s+0\s+39\s+0\s+0\n/)
    expect(ended['import again']!.stdout).toContain('holds 39 papers')
  })

  it('seeds on where the seeding before stopped', () => {
    expect(ended['seed']!.json()).toMatchObject({ seeded: 2, already: 0, skipped: 0 })
    expect(ended['seed again']!.json()).toMatchObject({ seeded: 2, already: 2, skipped: 0 })
    expect(Object.keys(workspace.statuses())).toEqual(SAMPLES.slice(0, 4))
  })

  it('takes every paper through every phase and says so', () => {
    for (const phase of ['prep', 'analyze', 'wrap']) {
      expect(ended[phase], phase).toMatchObject({ code: 0, stderr: '' })
      const counts = { phase, claimed: 4, succeeded: 4, failed: 0, released: 0, resumed: 0, stopped: null }
      expect(result(phase)).toMatchObject({ ...counts, requests: { cheap: 0, expensive: 0 } })
      expect(
        result(phase)
          .executions.map((row) => row.arxiv_id)
          .sort(),
      ).toEqual(SAMPLES.slice(0, 4))
    }
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['done']))
    for (const row of result('wrap').executions) {
      expect(row).toMatchObject({ status: 'done' })
      expect(readFileSync(row.report ?? '', 'utf8')).toContain(row.arxiv_id)
    }
    expect(workspace.reports()).toHaveLength(4)
  })

  it('finds nothing to do when everything is done', () => {
    for (const phase of ['prep', 'analyze', 'wrap']) {
      expect(ended[`${phase} again`]).toMatchObject({
        code: 0,
        stdout: `${phase}: nothing to do\n`,
        stderr: '',
      })
    }
  })

  it('sends no request, and writes none down', () => {
    expect(workspace.query('select * from llm_calls')).toEqual([])
    expect(workspace.query('select * from daily_usage')).toEqual([])
  })

  it('leaves the corpus as it was, file for file and byte for byte', () => {
    expect(corpusState()).toEqual(corpusBefore)
  })

  it('holds no lease any more', () => {
    expect(workspace.query('select * from execution_leases where lease_until > 0')).toEqual([])
    expect(workspace.integrity()).toBe('ok')
  })

  it.each(SAMPLES.slice(0, 4))('writes a whole report of %s that says it was made offline', (id) => {
    const report = workspace.report(id)
    const head = frontmatterOf(report)
    const body = bodyOf(report)
    expect(Object.keys(head).slice(0, CONTRACT_KEYS.length)).toEqual(CONTRACT_KEYS)
    expect(head).toMatchObject({ arxiv_id: id, offline: true, requests: { cheap: 0, expensive: 0 } })
    expect(head['tags']).not.toEqual([])
    expect(String(head['core_contribution'])).toMatch(/\w+ \w+/)
    expect(body).toMatch(/> Made offline/)
    // The samples have abstracts and neighbours; whether they have captions differs, and nothing is corrected.
    const may = ['Corrections', 'Tables and Figures']
    expect(reportHeadings(report).filter((heading) => !may.includes(heading))).toEqual(
      REPORT_SECTIONS.map(({ heading }) => heading).filter((heading) => !may.includes(heading)),
    )
    for (const section of body.split(/^## /m).slice(1)) {
      const text = section.slice(section.indexOf('\n')).trim()
      expect(text.split(/\s+/).length, section.split('\n')[0]).toBeGreaterThan(4)
    }
    expect(head['quality']).toMatchObject({ complete: true, incomplete: [] })
  })

  it('writes no escape code anywhere when nobody watches', () => {
    for (const end of Object.values(ended)) expect(end.stdout + end.stderr).not.toContain(ESCAPE)
  })
})
