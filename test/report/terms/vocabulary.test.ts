import { describe, expect, it } from 'vitest'
import { formKey, plainForm } from '../../../src/report/terms/term-forms.js'
import { parseTerminology } from '../../../src/report/terms/terminology.js'
import { Vocabulary } from '../../../src/report/terms/vocabulary.js'

const NONE = parseTerminology({}, 'terminology.yml')
const OURS = parseTerminology(
  {
    terms: { 'large language model': ['LLM'], 'fine-tuning': ['finetuning'] },
    domains: { 'cs.CL': 'Language' },
  },
  'terminology.yml',
)

describe('plainForm', () => {
  it.each([
    ['language models', 'language model'],
    ['LLMs', 'LLM'],
    ['graph analyses', 'graph analysis'],
    ['sparse matrices', 'sparse matrix'],
    ['policies', 'policy'],
    ['loss', 'loss'],
    ['Bayes', 'Bayes'],
    ['fluid dynamics', 'fluid dynamics'],
    ['GPS', 'GPS'],
    ['behavioural modelling', 'behavioral modeling'],
    ['image normalisation', 'image normalization'],
    ['noise', 'noise'],
    ['supervised learning', 'supervised learning'],
    ['neural  networks', 'neural network'],
    ['ImageNet', 'ImageNet'],
    ['entités nommées', 'entités nommées'],
    ['redes neuronales convolucionales', 'redes neuronales convolucionales'],
    ['réseaux de neurones', 'réseaux de neurones'],
    ['news articles', 'news article'],
  ])('of %j is %j', (term, plain) => {
    expect(plainForm(term)).toBe(plain)
    expect(plainForm(plain)).toBe(plain)
  })

  it('leaves terms with different subjects apart', () => {
    const terms = ['model', 'modeling', 'graph', 'graph theory', 'analysis', 'analyst', 'GAN', 'game']
    expect(new Set(terms.map(formKey)).size).toBe(terms.length)
  })
})

describe('parseTerminology', () => {
  it('follows chains to their end', () => {
    const { canonical } = parseTerminology({ terms: { a1: ['b1'], b1: ['c1'] } }, 'f')
    expect(canonical('c1')).toBe('a1')
  })

  it.each([
    [{ alpha: ['beta'], beta: ['gamma'], gamma: ['alpha'] }, /"\w+" → "\w+" → "\w+" → "\w+"/],
    [{ alpha: ['beta'], Betas: ['alpha'] }, /"alpha" → "Betas" → "alpha"|"Betas" → "alpha" → "Betas"/],
    [{ alpha: ['beta'], gamma: ['beta'] }, /"beta" stands for "alpha" and for "gamma"/],
  ])('refuses %j, and says where it goes round', (terms, message) => {
    expect(() => parseTerminology({ terms }, '/w/config/terminology.yml')).toThrow(message)
    expect(() => parseTerminology({ terms }, '/w/config/terminology.yml')).toThrow(
      '/w/config/terminology.yml',
    )
  })

  it('refuses what is no list of terms', () => {
    expect(() => parseTerminology({ terms: { a: 'b' } }, 'f.yml')).toThrow(/f\.yml: terms\.a/)
  })
})

describe('Vocabulary', () => {
  const LLM = { short: 'GNN', long: 'graph neural network', index: 0 }

  it('gives each term one name, counts a report once, and lists what was merged and why', () => {
    const vocabulary = new Vocabulary(OURS)
    vocabulary.add(['large language models', 'GNN', 'fine tuning'], [LLM])
    vocabulary.add(['LLM', 'graph neural networks'], [])
    vocabulary.add(['LLMs', 'LLM', 'Graph Neural Networks'], [])
    const terms = vocabulary.terms()
    expect(terms.map(({ term, reports }) => [term, reports])).toEqual([
      ['graph neural network', 3],
      ['large language model', 3],
      ['fine-tuning', 1],
    ])
    expect(terms[0]?.forms).toEqual(
      expect.arrayContaining([
        { form: 'GNN', reports: 1, by: 'acronym' },
        { form: 'graph neural networks', reports: 1, by: 'form' },
      ]),
    )
    expect(terms[1]?.forms.map(({ by }) => by)).toEqual(['terminology', 'terminology', 'terminology'])
  })

  it('keeps a short form apart that stands for different things', () => {
    const vocabulary = new Vocabulary(NONE)
    vocabulary.add(['LCA'], [{ short: 'LCA', long: 'life cycle assessment', index: 0 }])
    vocabulary.add(['LCA'], [{ short: 'LCA', long: 'lowest common ancestor', index: 0 }])
    expect(vocabulary.terms().map(({ term }) => term)).toEqual(['LCA'])
  })

  it('calls a term the same whatever the order of reports, and however many have another form', () => {
    const sets = [['Neural-Networks'], ['neural network'], ['neural networks'], ['Neural Networks']]
    const names = [sets, [...sets].reverse(), [...sets, sets[0]!, sets[0]!]].map((reports) => {
      const vocabulary = new Vocabulary(NONE)
      for (const tags of reports) vocabulary.add(tags, [])
      return vocabulary.terms().map(({ term }) => term)
    })
    expect(names).toEqual([['neural network'], ['neural network'], ['neural network']])
  })
})
