import { describe, expect, it } from 'vitest'
import { assembleReport } from '../../../src/report/assemble.js'
import { named, tagsOf } from '../../../src/report/terms/tags.js'
import { extractTerms } from '../../../src/report/terms/terms.js'
import { withTags } from '../../../src/report/frontmatter/with-tags.js'
import { frontmatterOf } from '../../support/reports.js'

const OPENING =
  'We study mass spectrometers for pesticides. The gas chromatograph (GC) feeds the mass spectrometer, and pesticides are ionised. '
const BODY = OPENING.repeat(6)

function tags(text: string, more: { title?: string; keywords?: string[] } = {}): string[] {
  return tagsOf({ authors: '', abstract: OPENING, text, title: 'Pesticides', ...more }).map(({ tag }) => tag)
}

describe('tagsOf', () => {
  it('puts the authors’ own keywords first, whole, without those cut off at a line’s end', () => {
    const keywords = ['vapour plume', 'quadrupole ion trap', 'Hydro-']
    const found = tagsOf({ authors: '', abstract: OPENING, text: BODY, keywords })
    expect(
      found
        .slice(0, 2)
        .map(({ tag }) => tag)
        .sort(),
    ).toEqual(['quadrupole ion trap', 'vapour plume'])
    expect(found[0]?.sources).toEqual(['keywords'])
    expect(found.map(({ tag }) => tag)).not.toContain('ion trap')
    expect(found.map(({ tag }) => tag).join()).not.toContain('Hydro')
  })

  it('has a count written out with its short form, and a thing once with and without a letter behind its number', () => {
    const text =
      'Two-phase commit (2PC) is slow. Two-phase commit blocks, and 2PC waits; 2PC is old. The star WASP-4 and its planet WASP-4b shine: WASP-4b orbits WASP-4. '
    const found = tags(`${BODY} ${text.repeat(5)}`, { title: 'Two-phase commit of WASP-4 and WASP-4b' })
    expect(found.filter((tag) => /2PC|commit/i.test(tag))).toHaveLength(1)
    expect(found.filter((tag) => /WASP/.test(tag))).toHaveLength(1)
  })

  it('leaves short capitals beside one another as they are, and takes no subject and verb for a term', () => {
    const text = 'A 3D IC is high. The layers of a 3D IC are many, among the challenges developers face. '
    const found = tags(`${BODY} ${text.repeat(5)}`, { title: 'Layers of a 3D IC' })
    expect(found).toContain('3D IC')
    expect(found.join()).not.toContain('challenges')
  })

  it('keeps a theorem that the authors list', () => {
    const keywords = ['mixing-correct theorem', 'vapour plume']
    const text = `${BODY} The mixing-correct theorem holds. The mixing-correct theorem is proved.`
    expect(tags(text, { keywords })).toContain('mixing-correct theorem')
  })

  it('writes short forms out, and knows no two capitals that the paper does not explain', () => {
    const found = tags(
      `${BODY} The GC is heated. The GC is cooled. The ZQ is heated. The ZQ is cooled. The ZQ and II.`,
    )
    expect(found).toContain('gas chromatograph')
    expect(found.join(' ')).not.toMatch(/\b(?:GC|ZQ|II)\b/)
  })

  it('has none that is a word of another, nor a lone modifier', () => {
    const text = `${BODY} The memory-efficient oven is a rugged oven. Rugged ovens heat the pesticide residue. Pesticide residue is real-time.`
    const found = tags(text.repeat(3))
    for (const one of found)
      expect(found.filter((other) => other !== one && ` ${other} `.includes(` ${one} `))).toEqual([])
    expect(found).not.toContain('memory-efficient')
    expect(found).not.toContain('real-time')
  })

  it.each([
    ['mass spectrometry helpers ranging', 'participles', /ranging/],
    ['externalize residue', 'verbs by their ending', /externalize/],
    ['large model', 'what any paper could have', /large model/],
    ['low-energy', 'modifiers by their first part', /^low-energy$/],
  ])('holds no %j: %s', (phrase, _, junk) => {
    const found = tags(
      `${BODY} The ${phrase} of it. A ${phrase} is there. The ${phrase} stays. The ${phrase}.`,
    )
    expect(found.length).toBeGreaterThan(1)
    for (const tag of found) expect(tag).not.toMatch(junk)
  })

  it.each([
    ['interactive service', 'interactive online service'],
    ['PL scramblase', 'phospholipid scramblase'],
    ['QKXW', 'quick kiln xenon wash'],
    ['optimum kiln temperature', 'optimal kiln temperature'],
    ['Drell–Yan', 'Drell-Yan'],
  ])('has one of %j and %j', (one, other) => {
    const text = `The ${one} is seen. The ${other} is seen. Our ${one} works; our ${other} works. `
    const found = tagsOf({ authors: '', text: text.repeat(8) }).map(({ tag }) => tag)
    expect(found.filter((tag) => tag === one || tag === other)).toHaveLength(1)
  })

  it('leaves out words that the paper uses as verbs, though others have them as nouns', () => {
    const text =
      'Vendors game the spectrometer. They game the pesticide board, and vendors can game any inspection. Auditors can audit the vendors. '
    const found = extractTerms({ text: text.repeat(4), max: 50 }).map(({ term }) => term)
    expect(found).toContain('spectrometer')
    expect(found.join(' ')).not.toMatch(/\bgame\b/)
  })

  it('names the noun of a stem, and drops an empty word at the end where the paper does', () => {
    const text = `${BODY} The link is epidemiological. This link is epidemiological. It is epidemiological, says epidemiology. Mass spectrometry problems are mass spectrometry problems. Mass spectrometry is mass spectrometry, and mass spectrometry it stays. `
    const found = tags(text.repeat(2), { keywords: ['epidemiology'] })
    expect(found).toContain('epidemiology')
    expect(found).not.toContain('epidemiological')
    expect(found.join(' ')).not.toContain('problem')
  })
})

describe('named', () => {
  it('has one of two that are cut out of a longer phrase', () => {
    const text = 'Serialization graph testing aborts few. A mixed serialization graph is large. '.repeat(6)
    const found = tags(`${BODY} ${text}`, {
      title: 'A mixed serialization graph',
      keywords: ['serialization graph testing'],
    })
    expect(found.filter((tag) => tag.includes('serialization graph'))).toEqual([
      'serialization graph testing',
    ])
  })

  it('gives each name once, the first that has it', () => {
    const one = { score: 0.9, count: 3, sources: ['title' as const] }
    const tags = [
      { tag: 'LLM', ...one },
      { tag: 'large-language models', ...one, score: 0.5 },
    ]
    expect(named(tags, (tag) => (tag === 'LLM' ? 'large language model' : tag))).toEqual([
      { tag: 'large language model', ...one },
    ])
  })
})

describe('withTags', () => {
  const scored = [{ tag: 'a: "b" # c', score: 0.5, count: 2, sources: ['title' as const] }]

  it.each([
    ['a list in one line', 'tags: ["x", y]\nmodel: "m"\n'],
    ['as the earlier tool wrote them', 'tags: x, y\nmodel: "m"\n'],
    ['a list at the margin, with a remark', 'ver: 1\ntags:\n- x\n# remark\n- y\nmodel: "m"\n'],
    ['none', 'model: "m"\n'],
  ])('replaces tags: %s', (_, yaml) => {
    const report = `---\n${yaml}---\n\nBody\ntags: x\n`
    const after = withTags(report, scored) ?? ''
    expect(frontmatterOf(after)).toMatchObject({
      model: 'm',
      tags: ['a: "b" # c'],
      tag_scores: [{ tag: 'a: "b" # c', score: 0.5, count: 2, sources: ['title'] }],
    })
    expect(after.endsWith('---\n\nBody\ntags: x\n')).toBe(true)
    expect(withTags(after, scored)).toBe(after)
  })

  it.each([['no frontmatter'], ['---\ntags: [\n---\n'], ['---\ntags: >\n  x\n\nmodel: |\n  m\n']])(
    'cuts nothing to pieces: %j',
    (report) => {
      expect(withTags(report, scored)).toBeNull()
    },
  )

  it('changes nothing of a report that was assembled with these tags', () => {
    const { markdown } = assembleReport({
      paper: { arxiv_id: '2401.00001', title: 'T', authors: null, abstract: null },
      sections: new Map(),
      tags: scored.map(({ tag }) => tag),
      tag_scores: scored,
      provenance: {
        rpa_version: '1',
        models: {},
        requests: { cheap: 0, expensive: 0 },
        config_versions: {},
        finished_at: '2026-01-01T00:00:00.000Z',
      },
    })
    expect(withTags(markdown, scored)).toBe(markdown)
  })
})
