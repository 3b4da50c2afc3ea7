import { readFileSync } from 'node:fs'
import { splitSentences } from '../../src/text/sentences.js'
import { splitSections } from '../../src/report/answers/split.js'
import type { Draw } from './draw.js'
import type { BenchPaper, PaperPage } from './paper.js'

export interface TrueStatement {
  kind: string
  /** With its page mark at the end. */
  text: string
}

const NUMBER = /(?<![\p{L}\p{N}_.^@#-])\d+(?:[.,]\d+)*(?![\p{L}\p{N}]|\.\d)/gu
/** Numbers that name something. */
const NAMED =
  /(?:section|corollary|theorem|lemma|proposition|remark|definition|equation|eqs?\.|figure|figs?\.|table|appendix|algorithm|chapter|§|arxiv:)s? ?\(?$/i
const EACH = 12

/** Makes statements that are true of a paper, by code: copied, put in other words, computed, quoted. */
export function trueStatements(paper: BenchPaper, draw: Draw): TrueStatement[] {
  const sentences = paper.pages.flatMap(({ page, sentences: found }) => found.map((text) => ({ page, text })))
  const measured = sentences.filter(({ text }) => numbersOf(text).length > 0)
  const plain = sentences.filter(({ text }) => numbersOf(text).length === 0)
  const made: TrueStatement[] = []
  const add = (kind: string, text: string | null, page: number): void => {
    if (text !== null) made.push({ kind, text: `${text.replace(/[.!?]$/, '')} [p. ${page}].` })
  }
  for (const { text, page } of draw.some(measured, EACH * 2)) add('copied', text, page)
  for (const { text, page } of draw.some(measured, EACH)) add('put otherwise', otherwise(text, draw), page)
  for (const { text, page } of draw.some(measured, EACH * 2)) add('turned round', turnedRound(text), page)
  for (const { text, page } of draw.some(measured, EACH * 2))
    add('in other figures', otherFigures(text, draw), page)
  for (const { text, page } of draw.some(
    plain.filter(({ text: one }) => !/["“[]/.test(one)),
    EACH,
  ))
    add('words alone', fewerWords(text, draw), page)
  for (const { text, page } of draw.some(sentences, EACH)) add('quoted', quoted(text, draw), page)
  for (const page of draw.some(
    paper.pages.filter(({ rows }) => rows.some(isMeasured)),
    EACH,
  ))
    add('from a table', fromTable(page, draw), page.page)
  for (const page of draw.some(paper.pages, EACH)) add('computed', computed(page, draw), page.page)
  for (const { text, page } of draw.some(
    sentences.filter(({ text: one }) => /\((?:[^()]*, )?(?:19|20)\d\d\)|https?:/.test(one)),
    EACH,
  ))
    add('with a source', text, page)
  return [...made, ...labelled(paper, draw), ...ofAbstract(paper, draw)]
}

/** Returns the items of a report that somebody has checked. */
export function statementsOfReport(file: string): TrueStatement[] {
  const sections = splitSections(readFileSync(file, 'utf8').replace(/^---\n[\s\S]*?\n---\n/, ''))
  return [...sections]
    .filter(([heading]) => heading !== 'Quick Facts')
    .flatMap(([, body]) => body.split('\n'))
    .filter((line) => /\[p\. \d+\]/.test(line))
    .map((text) => ({ kind: 'report', text: text.trim() }))
}

export function numbersOf(text: string): string[] {
  const bare = text.replace(/\[[^\]]*\]/g, ' ')
  return [...bare.matchAll(NUMBER)]
    .filter(
      ({ 0: number, index }) =>
        !NAMED.test(bare.slice(Math.max(0, index - 20), index)) && !isInFormula(bare, index, number),
    )
    .map(([number]) => number)
    .filter((number) => !/^(?:19|20)\d\d$/.test(number))
}

/** The number of an equation, an index, a part of a formula that was set flat: nothing that a reader looks up. */
function isInFormula(text: string, at: number, number: string): boolean {
  const [before, after] = [
    text.slice(Math.max(0, at - 3), at),
    text.slice(at + number.length, at + number.length + 3),
  ]
  if (/\($/.test(before) && /^\)/.test(after) && !number.includes('.')) return true
  return (
    /[\p{L}\p{N}⁺⁻][,_/({]?$|[+∂√^{]\s?$/u.test(before) || /^\s?[=+^√∂}⁺⁻]|^[/,][\p{L}\p{N}−]/u.test(after)
  )
}

/** The words around a number, in another frame. */
function otherwise(sentence: string, draw: Draw): string | null {
  const words = sentence.split(' ')
  const at = words.findIndex((word) => /^\d/.test(word))
  if (at < 0 || NAMED.test(words[at - 1] ?? '')) return null
  const [before, after] = [words.slice(Math.max(0, at - 7), at).join(' '), words.slice(at, at + 5).join(' ')]
  return draw
    .one([
      `Here the text has ${after} where it speaks of "${words.slice(Math.max(0, at - 4), at).join(' ')}"`.replace(
        /"[^"]*"/,
        before,
      ),
      `Setting: ${before} ${after}`,
      `${after} (${before})`,
      `The authors report ${after}; this concerns ${before}`,
    ])
    .replace(/[,;:(]+(?=$| \[)/, '')
}

/** The two halves of a sentence, each with numbers of its own, in the other order. */
function turnedRound(sentence: string): string | null {
  const text = sentence.replace(/[.!?]$/, '')
  for (const joint of text.matchAll(
    /; |, (?:while|whereas|and|but) | (?:while|whereas|compared (?:to|with)|instead of|against) /g,
  )) {
    const [one, other] = [text.slice(0, joint.index), text.slice(joint.index + joint[0].length)]
    const parts = [one, other].map(numbersOf)
    const isWhole = [one, other].every((part) => part.split('(').length === part.split(')').length)
    if (parts.every((found) => found.length > 0) && isWhole && !/respectively|=/.test(text))
      return `${other}; ${one}`
  }
  return null
}

type Figures = readonly (readonly [RegExp, (found: RegExpExecArray) => string])[]

/** A number as another writer sets it. */
const FIGURES: Figures = [
  [/(?<![\d.,])\d{1,3},\d{3}(?![\d,.])/, ([number]) => number.replace(',', '')],
  [/(?<![\d.,])\d{1,3},000(?![\d,.])/, ([number]) => number.replace(',000', 'k')],
  [/(?<=\d) ?%/, () => ' percent'],
  [/(?<=\d) (?:percent|per cent)\b/, () => '%'],
  [/(?<=\d) million\b/, () => 'M'],
  [/(?<=\d) billion\b/, () => 'B'],
  [/(?<=\d) seconds\b/, () => ' s'],
  [/(?<=\d) hours\b/, () => ' h'],
  [/(?<=\d) meters\b/, () => ' m'],
  [/(?<=\d)(?:-| )layers?\b/, () => ' layers'],
  [/(?<![\d.,])0(?=\.\d)/, () => ''],
  [/(?<![\d.,])0\.(\d\d)(?![\d,.]|\s?[%×x^])/, ([, digits = '']) => `${Number(digits)}%`],
  [/\btwelve\b/, () => '12'],
  [/\bfour\b/, () => '4'],
  [/\b10(?= (?:times|layers|epochs|tasks))/, () => 'ten'],
  [/(?<=\d) ?- ?(?=\d)/, () => '–'],
]

function otherFigures(sentence: string, draw: Draw): string | null {
  const fitting = FIGURES.filter(([pattern]) => pattern.test(sentence))
  if (fitting.length === 0) return null
  const [pattern, make] = draw.one(fitting)
  const found = pattern.exec(sentence)!
  return sentence.slice(0, found.index) + make(found) + sentence.slice(found.index + found[0].length)
}

function fewerWords(sentence: string, draw: Draw): string {
  return sentence
    .split(' ')
    .filter((_, n) => n === 0 || draw.below(4) > 0)
    .join(' ')
}

function quoted(sentence: string, draw: Draw): string | null {
  const words = sentence.replace(/["“”]/g, '').split(' ')
  const length = 3 + draw.below(9)
  const from = draw.below(Math.max(1, words.length - length))
  const piece = words.slice(from, from + length)
  if (piece.length < 3 || piece.some((word) => /['’‘[\]]/.test(word))) return null
  const gapped = length >= 9 ? [...piece.slice(0, 4), '…', ...piece.slice(6)] : piece
  return draw.one([
    `The authors write "${gapped.join(' ')}"`,
    `It is called “${piece.join(' ')}” there`,
    `In their words, '${piece.join(' ')}'`,
  ])
}

function isMeasured(cells: readonly string[]): boolean {
  return (
    /\p{L}{2}/u.test(cells[0] ?? '') && cells.slice(1).filter((cell) => /^-?\d+\.\d+$/.test(cell)).length >= 2
  )
}

function fromTable(page: PaperPage, draw: Draw): string | null {
  const row = draw.one(page.rows.filter(isMeasured))
  const [first = '', second = ''] = draw.some(
    row.slice(1).filter((cell) => /^-?\d+\.\d+$/.test(cell)),
    2,
  )
  return first === second
    ? null
    : draw.one([
        `${row[0]} reaches ${first} in one column and ${second} in another`,
        `**${row[0]}:** ${first} and ${second}`,
      ])
}

function computed(page: PaperPage, draw: Draw): string | null {
  const pairs = [
    ...page.sentences.map(numbersOf),
    ...page.rows.map((row) => row.slice(1).filter((cell) => /^\d+\.\d+$/.test(cell))),
  ]
    .map((found) => found.filter((number) => /^\d+\.\d+$/.test(number)))
    .filter((found) => new Set(found).size >= 2)
  if (pairs.length === 0) return null
  const [one = '', other = ''] = draw.some([...new Set(draw.one(pairs))], 2)
  const [high, low] = Number(one) > Number(other) ? [one, other] : [other, one]
  const digits = Math.max(...[high, low].map((number) => number.length - number.indexOf('.') - 1))
  const [a, b] = [Number(high), Number(low)]
  if (b === 0) return null
  return draw.one([
    `Between ${high} and ${low} lies a difference of ${(a - b).toFixed(digits)}`,
    `Computed: ${high} is ${(a / b).toFixed(2)} times ${low}`,
    `${high} and ${low} sum to ${(a + b).toFixed(digits)}`,
    `From ${low} to ${high} is a relative gain of ${(((a - b) / b) * 100).toFixed(1)}%`,
  ])
}

/** Statements that cite the abstract instead of a page. */
function ofAbstract(paper: BenchPaper, draw: Draw): TrueStatement[] {
  const abstract = /^## Abstract\n([\s\S]*?)\n#{2,4} /m.exec(paper.text)?.[1] ?? ''
  const sentences = splitSentences(abstract.replace(/\[p\. \d+\]|\s+/g, ' ')).map(({ text }) => text)
  return draw
    .some(
      sentences.filter((text) => text.length > 40),
      EACH,
    )
    .flatMap((text) => [text, fewerWords(text, draw)])
    .map((text) => ({ kind: 'of the abstract', text: `${text.replace(/[.]$/, '')} [abstract].` }))
}

/** Statements that cite a table, a figure or a section instead of a page. */
function labelled(paper: BenchPaper, draw: Draw): TrueStatement[] {
  const captions = [...paper.text.matchAll(/^> (Figure|Table) (\d+)[.:] (.{40,240}?)[.]/gm)].map(
    ([, kind = '', number = '', caption = '']) => ({
      kind: 'with a label',
      text: `${caption} [${kind} ${number}].`,
    }),
  )
  const sections = paper.text.split(/^#{2,4} /m).flatMap((part) => {
    const [, number] = /^(\d+(?:\.\d+)?) /.exec(part) ?? []
    const sentence = part
      .replace(/\[p\. \d+\]/g, ' ')
      .split('\n')
      .slice(1)
      .find((line) => line.length > 80 && line.length < 500 && !line.startsWith('>'))
    return number === undefined || sentence === undefined
      ? []
      : [{ kind: 'with a label', text: `${sentence.replace(/[.]$/, '')} [§${number}].` }]
  })
  return draw.some([...captions, ...sections], EACH)
}
