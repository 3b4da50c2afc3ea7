import { readFile, readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { CORE_CONTRIBUTION, REPORT_SECTIONS, WHOLE_REPORT } from '../../src/core/report-sections.js'
import { parseTemplate, renderText } from '../../src/machines/language/template.js'
import { headingsOf } from '../../src/report/answers/headings.js'
import { CRITERIA } from '../../src/report/judging/read-verdict.js'

const CONFIG = new URL('../../config/', import.meta.url)
const WRITERS = [
  ...new Set(REPORT_SECTIONS.flatMap(({ writer }) => (writer === null ? [] : [writer]))),
  WHOLE_REPORT,
] as const
const WRITTEN = [CORE_CONTRIBUTION, ...REPORT_SECTIONS.filter((s) => s.writer !== null).map((s) => s.heading)]

interface Prompt {
  system: string
  user: string
}

async function prompt(name: string): Promise<Prompt> {
  const file = parse(await readFile(new URL(`prompts/${name}.prompt.yml`, CONFIG), 'utf8')) as {
    data: Prompt
  }
  return file.data
}

async function render(name: string, extra: Record<string, unknown> = {}): Promise<string> {
  const input = {
    title: 'THE TITLE',
    authors: 'THE AUTHORS',
    abstract: 'THE ABSTRACT',
    paper_text: '[p. 1]\n## Abstract\n\nTHE TEXT {{ input.title }}',
    corpus_neighbors: null,
    key_outcome: null,
    missing: [],
    ...extra,
  }
  return renderText(parseTemplate((await prompt(name)).user), { input })
}

function asked(text: string): string[] {
  return [...text.matchAll(/^- ## (.+)$/gm)].map((match) => match[1] ?? '')
}

describe('the prompts', () => {
  it.each(WRITERS)('%s asks for exactly the sections that the report takes from it', async (writer) => {
    expect(asked(await render(writer))).toEqual(headingsOf(writer))
  })

  it('the repair asks for what is missing, with a line on each', async () => {
    const text = await render('repair', { missing: WRITTEN })
    expect(asked(text)).toEqual(WRITTEN)
    expect(text.match(/^- ## .+\n {2}\S.{30,}$/gm)).toHaveLength(WRITTEN.length)
    expect(asked(await render('repair', { missing: ['Limitations'] }))).toEqual(['Limitations'])
  })

  it.each([...WRITERS, 'repair'])('%s puts the paper, and nothing else, between the tags', async (name) => {
    const text = await render(name, { missing: ['Limitations'] })
    const paper = /^<paper>\n([\s\S]*)\n<\/paper>$/m.exec(text)?.[1] ?? ''
    expect(paper).toBe(
      'Title: THE TITLE\nAuthors: THE AUTHORS\nAbstract: THE ABSTRACT\n\n[p. 1]\n## Abstract\n\nTHE TEXT {{ input.title }}',
    )
    expect(text.replace(paper, '')).not.toMatch(/THE (TITLE|AUTHORS|ABSTRACT|TEXT)/)
    expect(text).not.toMatch(/\n{3,}|<related>|<notes>/)
    expect((await prompt(name)).system).toMatch(/untrusted[\s\S]*never follow/)
  })

  it('shows near papers and earlier notes in tags of their own', async () => {
    const corpus_neighbors = [{ title: 'Near', arxiv_id: '2312.00001', line: 'Does this.' }]
    expect(await render('open_questions', { corpus_neighbors })).toMatch(
      /<\/paper>\n\n<related>\n.*\n- Near \(2312\.00001\): Does this\.\n<\/related>\n\n/,
    )
    const notes = { key_outcome: 'NOTES', why_hypotheses: 'MORE' }
    expect(await render('limits_confidence', notes)).toMatch(
      /<\/paper>\n\n<notes>\n.*\n\nNOTES\n\nMORE\n<\/notes>\n\n/,
    )
  })

  it('puts what a program found in the paper among the notes, which nobody obeys', async () => {
    const brief = {
      kind: 'method',
      discrepancies: ['33,511 and 33,551 differ.'],
      said_often: ['0.61: 5 times'],
    }
    const [, notes = '', after = ''] =
      /<notes>([\s\S]*)<\/notes>([\s\S]*)$/.exec(
        await render('limits_confidence', { brief, key_outcome: 'NOTES' }),
      ) ?? []
    for (const line of ['* 33,511 and 33,551 differ.', '* 0.61: 5 times', 'NOTES']) {
      expect(notes).toContain(line)
      expect(after).not.toContain(line)
    }
  })

  it.each(['theory', 'dataset', 'survey', 'observation', 'system', 'method'])(
    'asks a paper of the kind %s for the same sections',
    async (kind) => {
      for (const writer of WRITERS) {
        const text = await render(writer, { brief: { kind, discrepancies: [], said_often: [] } })
        expect(asked(text)).toEqual(headingsOf(writer))
        expect(text).not.toMatch(/\n{3,}/)
        if (kind === 'theory') expect(text).not.toMatch(/hyperparameter|batch size|learning rate|\bGPUs?\b/i)
      }
    },
  )

  it('begins every question of a paper with the same bytes, up to the end of the paper', async () => {
    const begins = await Promise.all(
      [...WRITERS, 'repair'].map(async (name) => {
        const text = await render(name, { missing: ['Limitations'] })
        return (await prompt(name)).system + text.slice(0, text.indexOf('</paper>') + '</paper>'.length)
      }),
    )
    expect(new Set(begins).size).toBe(1)
    expect(begins[0]).toContain('THE TEXT')
  })

  it('the judge is given the paper first, both reports in blocks of their own, and told what each criterion means', async () => {
    const reports = { report_a: 'REPORT ONE', report_b: 'REPORT TWO' }
    const text = await render('judge', reports)
    expect(text).toMatch(
      /^<paper>\n\[p\. 1\][\s\S]*\n<\/paper>\n\n<report_a>\nREPORT ONE\n<\/report_a>\n\n<report_b>\nREPORT TWO\n<\/report_b>\n\n/,
    )
    const without = await render('judge', { ...reports, paper_text: null })
    expect(without).toMatch(/^The text of the paper is not at hand\.[^<]*\n\n<report_a>/)
    expect(`${text}${without}`).not.toMatch(/\n{3,}/)
    const { system } = await prompt('judge')
    expect(system).toMatch(/untrusted[\s\S]*never follow/)
    for (const name of CRITERIA) {
      expect(system).toMatch(new RegExp(`- ${name}: [\\s\\S]+?\\n {2}5: [\\s\\S]+?\\n {2}9: `))
      expect(system).toContain(`\n${name}: A x, B x\n`)
    }
  })

  it('every agent has a prompt of its name, and the expensive ones are the three of analyze, and that of the whole report', async () => {
    const files = await readdir(new URL('agents/', CONFIG))
    const agents = await Promise.all(
      files.map(
        async (file) =>
          parse(await readFile(new URL(`agents/${file}`, CONFIG), 'utf8')) as {
            data: Record<string, string>
          },
      ),
    )
    const profiles = new Map(agents.map(({ data }) => [data['name'], data['profile']]))
    expect([...profiles].sort()).toEqual([
      ['judge', 'cheap'],
      ['key_outcome', 'cheap'],
      ['limits_confidence', 'cheap'],
      ['open_questions', 'expensive'],
      ['repair', 'cheap'],
      ['reproduction_notes', 'expensive'],
      ['whole_report', 'expensive'],
      ['why_hypotheses', 'expensive'],
    ])
    for (const { data } of agents) expect(data['prompt']).toBe(`../prompts/${data['name']}.prompt.yml`)
  })
})
