import { describe, expect, it } from 'vitest'
import { tagsOf } from '../../../src/report/terms/tags.js'
import { extractTerms } from '../../../src/report/terms/terms.js'

const TITLE = 'Graph Neural Networks for Parcel Sorting'
const ABSTRACT =
  'Parcel sorting is slow. We present a graph neural network (GNN) that plans the routes of parcels through a sorting centre. The graph neural network reduces congestion on conveyor belts.'
const TEXT = `[p. 1]
## Abstract

${ABSTRACT}

## 1 Introduction

Parcel sorting has been studied by Habermeister et al. (2011) and in (Quagliano and Przybylski, 2014; Habermeister, 2016). These
centres move parcels across conveyor belts; see https://example.org/parcels and arXiv:1234.5678 for a preprint. Conveyor
belts suffer from congestion. Przybylski et al. [4] call this belt congestion. These routes were planned by hand.

## 2 Route Planning with Graph Neural Networks

A graph neural network passes messages along conveyor belts. Route planning then picks, for each parcel, the route with
the least congestion. The GNN is trained with reinforcement learning on simulated parcels, and route planning is repeated.

> Table 1: Route planning times of the GNN.

[p. 2]
## 3 Experiments

Route planning with the GNN lowers congestion on all conveyor belts, and reinforcement learning helps.

## References

Habermeister, A. Conveyor belts of the world. Journal of Belts, 2011. Elephants and belts, a preprint of Przybylski.
`

function terms(text: string, title = TITLE): string[] {
  return extractTerms({ title, abstract: ABSTRACT, text }).map((t) => t.term)
}

describe('extractTerms', () => {
  it('finds the phrases a paper is about, in the form it writes them', () => {
    const found = terms(TEXT)
    expect(found.slice(0, 12)).toEqual(
      expect.arrayContaining(['graph neural network', 'route planning', 'conveyor belts']),
    )
    expect(found).toContain('reinforcement learning')
  })

  it('never offers stop words, addresses, names from citations or words of the reference list', () => {
    const found = extractTerms({ title: TITLE, text: TEXT, max: 100 }).map((t) => t.term.toLowerCase())
    expect(found.length).toBeGreaterThan(15)
    for (const term of found) {
      expect(term).not.toMatch(
        /\b(?:these|across|https?|arxiv|preprint|example|org|habermeister|quagliano|przybylski|elephants|al|table|1234)\b/,
      )
    }
  })

  it('leaves out the names of the authors', () => {
    const text = `Ada Kowalczyk and the sorting of parcels. Kowalczyk parcels are sorted by hand in every sorting centre.`
    const found = extractTerms({ text, authors: 'Ada Kowalczyk, B. Other' }).map((t) => t.term)
    expect(found.join(' ')).not.toContain('Kowalczyk')
    expect(found.join(' ')).toContain('sort')
  })

  it('gives each term once, whatever its number, with where it was found and a falling score', () => {
    const found = extractTerms({ title: TITLE, abstract: ABSTRACT, text: TEXT, max: 50 })
    const lower = found.map((t) => t.term.toLowerCase().replace(/s$/, ''))
    expect(new Set(lower).size).toBe(lower.length)
    const network = found.find((t) => t.term === 'graph neural network')
    expect(network?.sources).toEqual(expect.arrayContaining(['title', 'abstract', 'headings', 'text']))
    const scores = found.map((t) => t.score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    for (const score of scores) expect(score >= 0 && score <= 1).toBe(true)
  })

  it('gives a short form and its long form as one term, and says so', () => {
    const found = extractTerms({ title: TITLE, abstract: ABSTRACT, text: TEXT, max: 50 })
    const forms = found.filter((t) => ['GNN', 'graph neural network'].includes(t.term))
    expect(forms).toHaveLength(1)
    expect(forms[0]?.sources).toContain('acronym')
  })

  it('gives as tags no noun beside the phrase it ends, nor a phrase that only adds to another', () => {
    const text = `${TEXT.split('## References')[0]}
The deep graph neural network learns. The deep graph neural network plans. A network is a network, and networks are full.
Route planning problems are hard. Route planning problems are many. Parcel routes are routes of a parcel network.`
    const tags = extractTerms({ title: TITLE, text, max: 30, distinct: true }).map((t) =>
      t.term.toLowerCase(),
    )
    expect(tags).toContain('route planning')
    for (const one of tags)
      expect(tags.filter((other) => other !== one && other.endsWith(` ${one}`))).toEqual([])
    expect(tags).not.toContain('route planning problems')
  })

  it('takes nothing from prompts, data sheets and appendices, and no citation keys', () => {
    const body = TEXT.split('## References')[0] ?? ''
    const text = `${body}
The BERTopic approach [KPV+19; LeM14] of smith2020learning reaches state-of-the-art results. State-of-the-art results matter.

## 4 Prompt Templates

Unicorn bonus points are given. Unicorn bonus points are given to conveyor belts. Unicorn bonus points.

## 5 Prompt Learning

Dragon embeddings help. Dragon embeddings sort parcels. Dragon embeddings.

## References

[1] Nobody.

## A Datasheet

Phoenix questionnaire answers. Phoenix questionnaire answers. Phoenix questionnaire answers.
`
    const found = extractTerms({ title: TITLE, text, max: 100 }).map((t) => t.term.toLowerCase())
    expect(found).toContain('dragon embeddings')
    expect(found.join('\n')).not.toMatch(/unicorn|phoenix|kpv|lem14|smith2020|art result/)
  })

  it('trusts keywords the authors list', () => {
    const text = `${TITLE}\n\nAbstract\nParcel sorting is slow, and conveyor belts are full.\n\nKeywords: hypergraph matching; parcel logistics\n\n1 Introduction\nParcel sorting moves parcels over conveyor belts. Conveyor belts are full.\n`
    const found = extractTerms({ text })
    expect(found.slice(0, 4).map((t) => t.term)).toEqual(
      expect.arrayContaining(['hypergraph matching', 'parcel logistics']),
    )
    expect(found.find((t) => t.term === 'hypergraph matching')?.sources).toEqual(['keywords'])
  })

  it('reads plain text without any heading, and a lone abstract', () => {
    expect(extractTerms({ text: ABSTRACT }).map((t) => t.term)).toContain('graph neural network')
    expect(extractTerms({ title: TITLE, abstract: ABSTRACT, text: '' }).map((t) => t.term)).toContain(
      'graph neural network',
    )
  })

  it('knows the function words of a German paper', () => {
    const text =
      'Die Sortierung von Paketen ist für die Post wichtig. Wir zeigen, dass die Sortierung der Pakete mit einem Graphen gelingt und nicht teuer ist. '.repeat(
        20,
      )
    const found = extractTerms({ text }).map((t) => t.term)
    expect(found.join(' ')).toContain('Sortierung')
    for (const term of found) expect(term).not.toMatch(/\b(?:die|der|ist|mit|und|von|für)\b/i)
  })

  it('is deterministic, and keeps to the number asked for', () => {
    expect(terms(TEXT)).toEqual(terms(TEXT))
    expect(extractTerms({ text: TEXT, max: 3 })).toHaveLength(3)
    expect(extractTerms({ text: TEXT, max: 0 })).toEqual([])
  })

  it.each([[''], ['\n\n\n'], ['1 2 3 . , ;'], ['\u0000\uFFFD'], ['the of and']])(
    'finds nothing in %j',
    (text) => {
      expect(extractTerms({ text })).toEqual([])
    },
  )

  it('reads a huge hostile text', () => {
    const text = `${'(A and B, '.repeat(20_000)}\n${'Graph '.repeat(50_000)}\n${'x'.repeat(300_000)}${'X'.repeat(300_000)}`
    expect(Array.isArray(extractTerms({ text }))).toBe(true)
  })
})

it('makes no verb of a sentence a part of a term', () => {
  const sentence =
    'Many processes overspend the budget when stalls begin, and the cheapest checks look at a thousand requests. '
  const found = extractTerms({ text: sentence.repeat(4), max: 50 }).map(({ term }) => term)
  expect(found.length).toBeGreaterThan(0)
  for (const term of found) expect(term).not.toMatch(/\b(?:overspend|begin|look|cheapest|thousand)\b/)
})

it('reads German: keywords, nouns with their adjectives and no verbs, all forms of a word as one, capitals kept', () => {
  const text = `## Zusammenfassung
Die maschinelle Übersetzung leidet unter Datenmangel. Die Rückübersetzung erzeugt synthetische Parallelkorpora, und das
mehrsprachige Vortraining nutzt verwandte Sprachen. Der topologische Raum ist klein, und nicht alle topologischen Räume sind es.
## Schlüsselwörter
Schlüsselwörter: maschinelle Übersetzung, Rückübersetzung, Obersorbisch
## 1 Einleitung
Das mehrsprachige Vortraining überträgt Wissen. Das mehrsprachige Vortraining und die Rückübersetzung ergänzen einander. In einem
topologischen Raum gilt das auch für die Rückübersetzung, die von der maschinellen Übersetzung nicht zu trennen ist.`
  const terms = extractTerms({
    title: '',
    abstract: '',
    text,
    distinct: true,
  }).map(({ term }) => term)
  expect(terms).toEqual(
    expect.arrayContaining(['Rückübersetzung', 'Obersorbisch', 'mehrsprachige Vortraining']),
  )
  expect(terms.filter((term) => /Übersetzung$/.test(term))).toHaveLength(1)
  expect(terms.filter((term) => /^topologische/.test(term))).toHaveLength(1)
  expect(terms.join(' ')).not.toMatch(/erzeugt|nutzt|überträgt|ergänzen|unter/)
})

it.each([
  {
    language: 'French',
    text: `## Résumé
L'analyse syntaxique de l'oral spontané reste difficile. Nous présentons un analyseur qui traite les disfluences de l'oral et
la reconnaissance automatique de la parole. L'analyseur repère les disfluences dans un corpus.
## Introduction
La reconnaissance automatique de la parole produit des erreurs. L'analyse syntaxique corrige une partie de ces erreurs, et
d'un corpus à l'autre la reconnaissance automatique de la parole change. L'analyseur utilise une grammaire; il utilise la
grammaire pour l'analyse syntaxique. Les entités nommées sont rares, mais les entités nommées comptent dans l'analyse.`,
    has: ['reconnaissance automatique de la parole', 'analyse syntaxique', 'entités nommées'],
    not: /(?:^|, )(?:l'|d'|syntaxique|automatique|utilise)|d'un/,
  },
  {
    language: 'Spanish',
    text: `## Resumen
La red detecta las etapas de la leucemia. Las redes neuronales convolucionales permiten el análisis de la sangre, y el
diagnóstico de la leucemia se hace con las redes neuronales convolucionales.
## Introducción
El diagnóstico de la leucemia usa el microscopio. Las redes neuronales convolucionales no son nuevas en el diagnóstico, pero
la detección de la leucemia con una red es más rápida que con el microscopio, y el médico usa el microscopio para el diagnóstico.`,
    has: ['redes neuronales convolucionales', 'diagnóstico de la leucemia'],
    not: /(?:^|, )(?:neuronal|permiten|usa|más)/,
  },
])(
  'reads $language: nouns with what joins them, no article, no verb and no adjective alone',
  ({ text, has, not }) => {
    const tags = tagsOf({ title: '', abstract: '', authors: '', text }).map(({ tag }) => tag)
    expect(tags).toEqual(expect.arrayContaining(has))
    expect(tags.join(', ')).not.toMatch(not)
  },
)
