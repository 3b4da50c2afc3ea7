import { drawFrom, type Draw } from '../../bench/grounding/draw.js'
import type { FindingKind } from '../../src/report/quality/report-findings.js'
import { makeSections, renderMade, type MadePaper } from './report-set.js'

interface Plot {
  paper: MadePaper
  sections: Map<string, string>
  /** Where the fault goes. */
  heading: string
  draw: Draw
}

type Spoil = (plot: Plot) => string

/** Changes the body of the chosen section. */
function body(how: (lines: string[], plot: Plot) => readonly string[]): Spoil {
  return (plot) => {
    const lines = (plot.sections.get(plot.heading) ?? '').split('\n')
    plot.sections.set(plot.heading, how(lines, plot).join('\n'))
    return renderMade(plot.paper, plot.sections)
  }
}

/** Changes one of its lines. */
function line(how: (one: string, plot: Plot) => string): Spoil {
  return body((lines, plot) => {
    const at = plot.draw.below(lines.length)
    return lines.map((one, n) => (n === at ? how(one, plot) : one))
  })
}

function added(how: (plot: Plot) => string): Spoil {
  return body((lines, plot) => [...lines, `- ${how(plot)}`])
}

/** Has another text where the section was. */
const instead = (...texts: readonly string[]): Spoil => body((_, { draw }) => [draw.one(texts)])
const file =
  (how: (text: string, plot: Plot) => string): Spoil =>
  (plot) =>
    how(renderMade(plot.paper, plot.sections), plot)
const tagged =
  (tags: string): Spoil =>
  ({ paper, sections }) =>
    renderMade(paper, sections, tags)

const NUMBER = /\d+\.\d+(?= ms)/
const PAGE = /\[p\. (\d+)\]/
const pageOf = (one: string): number => Number(PAGE.exec(one)?.[1] ?? 1)

function digitChanged(one: string, draw: Draw): string {
  return one.replace(NUMBER, (number) => {
    const at = draw.one([...number].flatMap((sign, n) => (sign === '.' ? [] : [n])))
    return (
      number.slice(0, at) + String((Number(number[at]) + 1 + draw.below(8)) % 10 || 1) + number.slice(at + 1)
    )
  })
}

const FORMS = {
  'a digit changed': [['number'], line((one, { draw }) => digitChanged(one, draw))],
  'two numbers swapped': [
    ['number'],
    body((lines) => {
      const [a = '', b = ''] = [lines[0], lines[3]].map((one) => NUMBER.exec(one ?? '')?.[0])
      return lines.map((one, n) => (n === 0 ? one.replace(a, b) : n === 3 ? one.replace(b, a) : one))
    }),
  ],
  'ten times as much': [
    ['number'],
    line((one) => one.replace(NUMBER, (number) => String(Number(number) * 10))),
  ],
  'invented result': [
    ['number'],
    added(
      ({ draw }) =>
        `The router reaches ${(61 + draw.below(3000) / 100).toFixed(2)}% accuracy [p. ${1 + draw.below(10)}].`,
    ),
  ],
  'invented result without a page': [
    ['number'],
    added(({ draw }) => `It lowers the error by ${10000 + draw.below(9000)} steps.`),
  ],
  'of another weight': [['unit', 'number'], line((one) => one.replace(' ms', ' kg'))],
  'seconds for milliseconds': [['unit', 'number'], line((one) => one.replace(' ms', ' s'))],
  'percent for milliseconds': [['unit', 'number'], line((one) => one.replace(' ms', '%'))],
  'next page': [['page', 'number'], line((one) => one.replace(PAGE, `[p. ${(pageOf(one) % 10) + 1}]`))],
  'page behind the end': [
    ['page'],
    line((one, { draw }) => one.replace(PAGE, `[p. ${11 + draw.below(200)}]`)),
  ],
  'page nought': [['page'], line((one) => one.replace(PAGE, '[p. 0]'))],
  'no such table': [['anchor'], added(({ draw }) => `See Table ${11 + draw.below(50)} for the ratio.`)],
  'no such figure': [['anchor'], added(({ draw }) => `Figure ${11 + draw.below(50)} shows both.`)],
  'no such section': [['anchor'], added(({ draw }) => `Section ${11 + draw.below(9)} derives it.`)],
  'no such algorithm': [['anchor'], added(() => 'Algorithm 7 sorts them.')],
  'invented quotation': [
    ['quote'],
    added(() => 'The authors write "nobody had ever looked behind the green door" [p. 3].'),
  ],
  'word of a quotation changed': [
    ['quote'],
    added(({ paper, draw }) => {
      const { text, page } = draw.one(paper.sentences)
      return `They say: "${text.replace('stays unchanged', 'grows without bound')}" [p. ${page}]`
    }),
  ],
  'quotation of two sentences': [
    ['quote'],
    added(({ paper }) => {
      const [one, two] = [paper.sentences[3]!, paper.sentences[41]!]
      return `They say: "${one.text.split(' delay')[0]!} delay${two.text.split(' delay')[1]!}" [p. ${one.page}]`
    }),
  ],
  'invented address': [['url'], added(() => 'Code: https://example.net/never/there')],
  'invented DOI': [['url', 'citation'], added(() => 'See doi:10.1234/nowhere.2020.55.')],
  'paper of arXiv that it does not name': [['url', 'citation'], added(() => 'It extends arXiv:1999.12345.')],
  'invented authors': [
    ['citation'],
    added(({ draw }) =>
      draw.one([
        'It follows Quimby et al. (2011).',
        'As known (Quimby and Doe, 2011).',
        'Quimby and Doe [2011] say so.',
      ]),
    ),
  ],
  'no such reference': [['citation'], added(({ draw }) => `It was shown before [${40 + draw.below(50)}].`)],
  'heading gone': [
    ['section_missing'],
    ({ paper, sections, heading }) => {
      sections.delete(heading)
      return renderMade(paper, sections)
    },
  ],
  'empty body': [['section_missing', 'degraded'], instead('', '-', '…', '- **Setup:**')],
  'not filled in': [
    ['section_missing', 'degraded'],
    instead('TODO', 'N/A', 'TBD: to be written', '[insert summary here]', 'Coming soon.', 'null', 'None.'),
  ],
  refusal: [
    ['degraded'],
    instead(
      'I cannot help with that request.',
      "I'm sorry, but as an AI language model I cannot read PDFs.",
      'I apologize, but the paper was not provided, so I cannot analyze it.',
      'Unfortunately, I do not have access to the full text of the paper.',
      'Please provide the paper so that I can write this section.',
      'As a large language model, I am unable to verify these claims.',
    ),
  ],
  'message of an error': [
    ['degraded'],
    instead(
      '{"error": {"message": "Rate limit exceeded", "code": 429}}',
      '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>',
      'Error: Request timed out after 60 seconds.',
      '503 Service Unavailable',
      'upstream connect error or disconnect/reset before headers. reset reason: connection failure',
    ),
  ],
  'prompt repeated': [
    ['degraded'],
    instead(
      'Write these sections: Limitations, Confidence. About 300 words in all.',
      'You analyze research papers for engineers. Use exactly the headings below.',
    ),
  ],
  'thought aloud': [
    ['degraded'],
    instead(
      'Okay, let me think about what the paper says. I need to find the limitations first. Wait, I should check page 3.',
      'The user wants a list of limitations. Let me look at the paper. I should write five items.',
    ),
  ],
  'left out and said so': [
    ['degraded'],
    body((lines) => [lines[0] ?? '', '[remaining points omitted for brevity]']),
  ],
  loop: [['degraded'], body((lines) => new Array<string>(30).fill(lines[0] ?? ''))],
  'broken off': [
    ['degraded'],
    body((lines) => [...lines.slice(0, 3), '- In trial alpha the router lowers the measured delay to the']),
  ],
  'other language': [
    ['language'],
    instead(
      'Die Arbeit zeigt, dass der Filter die Verzögerung senkt und dass sich dabei nichts anderes ändert, was nicht vorher schon so war. Das ist nicht überall so.',
      'Les auteurs montrent que le filtre réduit le délai et que rien ne change par ailleurs. Cela ne vaut pas pour tous les cas que l’on peut imaginer dans la pratique.',
      'El trabajo muestra que el filtro reduce el retraso y que nada más cambia. Esto no vale para todos los casos que se pueden imaginar en la práctica.',
      '本文表明过滤器降低了延迟,并且其他一切保持不变。这并不适用于实践中可以想象的所有情况,作者也没有对此进行证明。',
      'Авторы показывают, что фильтр снижает задержку и что больше ничего не меняется. Это верно не для всех случаев, которые можно представить на практике.',
    ),
  ],
  'tag of a citation': [['tags'], tagged('["smith2020learning", "tensor filters"]')],
  'tag twice': [['tags'], tagged('["tensor filters", "Tensor-Filter"]')],
  'tag cut out': [['tags'], tagged('["of the filters", "tensor filters"]')],
  'tag of a sentence': [
    ['tags'],
    tagged('["the router lowers the measured delay of all blocks", "tensor filters"]'),
  ],
  'no tags': [['tags'], tagged('[]')],
  'too short': [
    ['length'],
    ({ paper, sections }) => {
      for (const [heading, text] of sections) sections.set(heading, text.split('\n')[0] ?? '')
      return renderMade(paper, sections)
    },
  ],
  'frontmatter with an open list': [['frontmatter'], file((text) => text.replace('ver: 4', 'ver: [4\n  "x'))],
  'frontmatter with an open quotation': [
    ['frontmatter'],
    file((text) => text.replace('title: "', 'title: "a" b "')),
  ],
  'frontmatter without an end': [['frontmatter'], file((text) => text.replace(/\n---\n/, '\n'))],
  'frontmatter that is a list': [
    ['frontmatter'],
    file((text) => text.replace(/^---\n[^]*?\n---/, '---\n- a\n- b\n---')),
  ],
  'frontmatter with a tab': [['frontmatter'], file((text) => text.replace('ver: 4', 'ver: 4\nx:\n\t- y'))],
} satisfies Record<string, readonly [kinds: readonly FindingKind[], spoil: Spoil]>

export type FaultForm = keyof typeof FORMS
export const FAULT_FORMS = Object.keys(FORMS) as FaultForm[]

/** A report with one fault in it. */
export interface Spoilt {
  text: string
  /** As any of these the fault counts as found. */
  kinds: readonly FindingKind[]
  /** Where it is; null: it is of the whole report. */
  section: string | null
}

/** Returns the report of a paper with a fault of one form in it, at a place that `seed` chooses. */
export function spoilt(paper: MadePaper, form: FaultForm, seed = 1, sections = makeSections(paper)): Spoilt {
  const draw = drawFrom(seed)
  const heading = draw.one([...sections.keys()])
  const [kinds, spoil] = FORMS[form]
  const isWhole = kinds.some((kind) => kind === 'tags' || kind === 'length' || kind === 'frontmatter')
  return { text: spoil({ paper, sections, heading, draw }), kinds, section: isWhole ? null : heading }
}
