import { describe, expect, it } from 'vitest'
import {
  kindOfTitleStart,
  kindOfWholeTitle,
  kindsInTitle,
  withoutNumber,
} from '../../src/text/section-titles.js'

describe('a whole title', () => {
  it.each([
    ['1 Introduction', 'introduction'],
    ['I N T R O D U C T I O N', 'introduction'],
    ['IV. RELATED WORK', 'background'],
    ['Literaturverzeichnis', 'references'],
    ['Références', 'references'],
    ['Danksagung', 'acknowledgements'],
    ['Acknowledgments and Funding', 'acknowledgements'],
    ['Conclusions & Outlook', null],
    ['Conclusion and Future Work', 'conclusion'],
    ['The Introduction of Species', null],
    ['Referencing Images', null],
    ['5', null],
  ])('%s is of the kind %s', (title, kind) => {
    expect(kindOfWholeTitle(title)).toBe(kind)
  })
})

describe('the beginning of a title', () => {
  it.each([
    ['A.2 Supplementary Experiments', 'appendix'],
    ['NeurIPS Paper Checklist', 'statement'],
    ['Checklists for Pilots', null],
    ['Author’s Contributions', 'statement'],
    ['Discussion and Conclusions', 'conclusion'],
    ['Zusammenfassung und Ausblick', 'conclusion'],
    ['Zusammenfassung', 'abstract'],
    ['Prior approaches to parsing', 'background'],
    ['Datenlage', null],
  ])('%s tells %s', (title, kind) => {
    expect(kindOfTitleStart(title)).toBe(kind)
  })
})

it('names the kinds of which a title has a word, the most specific first', () => {
  expect(kindsInTitle('7 Limitations and Future Work')).toEqual(['limitations', 'future'])
  expect(kindsInTitle('Experimental Design')[0]).toBe('setup')
  expect(kindsInTitle('Results of the ablation')[0]).toBe('results')
  expect(kindsInTitle('Coldness')).toEqual([])
})

it.each([
  ['3.2.1 Loss', 'Loss'],
  ['IV. Data', 'Data'],
  ['B: Proofs', 'Proofs'],
  ['Data', 'Data'],
])('finds %s without its number', (title, bare) => {
  expect(withoutNumber(title)).toBe(bare)
})
