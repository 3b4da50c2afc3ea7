import type { Compared, QualityOfReport } from '../../pipeline/compare-reports.js'
import type { Comparison, QualityResult } from '../../pipeline/quality.js'
import { judgeLines, shortP } from './quality.js'

const BINS = 20
const [WIDTH, HEIGHT] = [640, 160]
const MOST_FINDINGS = 500
/** Height of a row of a plot. */
const ROW = 22
/** What a column of numbers holds: p-values that are too small to write, and nothing, too. */
const NUMERIC = /^(?:–|[<-]?\d[\d.]*)$/
/** Letters that a cell holds in one line, however narrow the window. */
const SHORT = 16

/** Returns a page that needs nothing else: plots as SVG, light and dark as the reader's system is. All text of reports is escaped. */
export function qualityPage({ reports, summary, comparison, unreadable }: QualityResult): string {
  const kinds = Object.entries(summary.kinds).sort(([, one], [, other]) => other - one)
  const findings = reports.flatMap((one) =>
    one.findings.map((found) => [nameOf(one), found.kind, found.section ?? '', found.text]),
  )
  const parts = [
    `<h1>Quality of ${summary.reports} reports</h1>`,
    `<p>Mean score <b>${summary.mean_score ?? '–'}</b>; the papers of ${summary.grounded} were at hand.</p>`,
    '<h2>Scores</h2>',
    histogram(reports.map(({ score }) => score)),
    '<h2>Findings by kind</h2>',
    bars(kinds),
    ...(comparison === undefined
      ? []
      : [
          `<h2>Beside the baseline, ${comparison.pairs} papers</h2>`,
          ...measured(comparison.measures),
          ...(comparison.judge === undefined ? [] : judgement(comparison.judge)),
        ]),
    '<h2>Reports</h2>',
    table(
      ['report', 'score', 'grounding', 'complete', 'words', 'findings'],
      reports.map((one) => [
        nameOf(one),
        one.score,
        one.grounding?.score ?? '–',
        one.complete ? 'yes' : 'no',
        one.words,
        one.findings.length,
      ]),
    ),
    '<h2>Findings</h2>',
    table(['report', 'kind', 'section', 'what'], findings.slice(0, MOST_FINDINGS)),
    ...(findings.length > MOST_FINDINGS ? [`<p>… and ${findings.length - MOST_FINDINGS} more.</p>`] : []),
    ...(unreadable.length === 0
      ? []
      : [
          '<h2>No reports</h2>',
          table(
            ['file', 'why'],
            unreadable.map(({ file, message }) => [file, message]),
          ),
        ]),
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Quality of reports</title><style>${STYLE}</style></head><body>
${parts.join('\n')}
</body></html>
`
}

function measured(measures: readonly Compared[]): string[] {
  const rows = measures.map((one) => [
    one.measure,
    Math.abs(one.baseline_mean),
    Math.abs(one.mean),
    one.effect,
    shortP(one.p),
    one.different ? 'yes' : 'not shown',
  ])
  return [effects(measures), table(['measure', 'baseline', 'these', 'effect', 'p', 'different'], rows)]
}

function judgement(judge: NonNullable<Comparison['judge']>): string[] {
  const named = { ours: 'these', baseline: 'baseline', split: 'split', tie: 'none' } as const
  const rows = judge.papers.flatMap(({ arxiv_id: id, preferred, orders }) =>
    orders.map((one) => [
      id,
      named[preferred],
      named[one.first],
      named[one.preferred],
      one.certainty ?? '–',
      one.why ?? '',
    ]),
  )
  return [
    '<h2>What a model prefers</h2>',
    ...judgeLines(judge).map((line) => `<p>${escaped(line)}</p>`),
    ...(judge.judged === 0 ? [] : measured(judge.measures)),
    table(['paper', 'both orders', 'read first', 'preferred', 'certainty', 'why'], rows),
    ...(judge.lacking.length === 0
      ? []
      : [
          table(
            ['not judged', 'read first', 'why'],
            judge.lacking.map(({ arxiv_id: id, first, message }) => [id, named[first], message]),
          ),
        ]),
  ]
}

const STYLE = `:root{color-scheme:light dark;--ink:#1b1f24;--page:#fff;--line:#d5dae0;--bar:#2a6fbb;--worse:#b3452c}
@media (prefers-color-scheme:dark){:root{--ink:#e3e7ec;--page:#14171b;--line:#39414a;--bar:#6aa9ec;--worse:#ec8a70}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem}.wide{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.25rem .9rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{white-space:nowrap}td{min-width:5.5em;max-width:32rem;overflow-wrap:anywhere}td.short{min-width:0;white-space:nowrap}td:last-child:not(.short,.number){min-width:11em}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;min-width:0}
svg{display:block;width:100%;max-width:${WIDTH}px}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
.bar{fill:var(--bar)}.worse{fill:var(--worse)}.axis{stroke:var(--line)}`

function nameOf({ arxiv_id: id, file }: QualityOfReport): string {
  return id ?? file
}

/** Plots are as wide as the window lets them: what lies along them is in per cent, letters keep their size. */
function histogram(scores: readonly number[]): string {
  const bins = new Array<number>(BINS).fill(0)
  for (const score of scores) bins[Math.min(BINS - 1, Math.floor(score * BINS))]! += 1
  const most = Math.max(1, ...bins)
  const step = 100 / BINS
  const drawn = bins.map((count, at) => {
    const height = (count / most) * (HEIGHT - 40)
    const label = count === 0 ? '' : text(at * step + step / 2, HEIGHT - 26 - height, count, 'middle')
    return `${bar('bar', at * step + 0.2, HEIGHT - 22 - height, step - 0.4, height)}${label}`
  })
  const axis = `<line class="axis" x1="0" x2="100%" y1="${HEIGHT - 21}" y2="${HEIGHT - 21}"/>`
  const ends = `${text(0, HEIGHT - 6, 0, 'start')}${text(50, HEIGHT - 6, 0.5, 'middle')}${text(100, HEIGHT - 6, 1, 'end')}`
  return svg('Reports by score', HEIGHT, `${drawn.join('')}${axis}${ends}`)
}

function bars(kinds: readonly (readonly [string, number])[]): string {
  const most = Math.max(1, ...kinds.map(([, count]) => count))
  const rows = kinds.map(([kind, count], at) => {
    const width = (count / most) * 55
    return `${text(32, at * ROW + 15, kind, 'end')}${bar('bar', 34, at * ROW + 3, width, 16)}${text(35 + width, at * ROW + 15, count, 'start')}`
  })
  return kinds.length === 0 ? '<p>None.</p>' : svg('Findings by kind', kinds.length * ROW, rows.join(''))
}

/** To the right of the middle: these reports have more, or are better. */
function effects(measures: readonly { measure: string; effect: number }[]): string {
  const [middle, reach] = [61, 27]
  const bottom = measures.length * ROW
  const rows = measures.map(({ measure, effect }, at) => {
    const width = Math.abs(effect) * reach
    const x = effect < 0 ? middle - width : middle
    return `${text(32, at * ROW + 15, measure, 'end')}${bar(effect < 0 ? 'worse' : 'bar', x, at * ROW + 3, width, 16)}${text(100, at * ROW + 15, effect.toFixed(2), 'end')}`
  })
  const axis = [-1, 0, 1]
    .map((x) => middle + x * reach)
    .map((x) => `<line class="axis" x1="${x}%" x2="${x}%" y1="0" y2="${bottom}"/>`)
  const sides = `${text(middle - 1, bottom + 15, '← the baseline', 'end')}${text(middle + 1, bottom + 15, 'these →', 'start')}`
  return svg('Effect sizes, -1 to 1', bottom + ROW, `${axis.join('')}${rows.join('')}${sides}`)
}

function svg(label: string, height: number, content: string): string {
  return `<svg role="img" aria-label="${label}" height="${height}">${content}</svg>`
}

function bar(kind: 'bar' | 'worse', x: number, y: number, width: number, height: number): string {
  return `<rect class="${kind}" x="${x}%" y="${y}" width="${width}%" height="${height}"/>`
}

/** `x` in per cent. */
function text(x: number, y: number, content: string | number, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}%" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`
}

/** Numbers stand below one another; short words are not broken. */
function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const isNumber = heads.map(
    (_, at) => at > 0 && rows.length > 0 && rows.every((row) => NUMERIC.test(String(row[at]))),
  )
  const cells = (row: readonly (string | number)[], tag: string): string =>
    `<tr>${row.map((cell, at) => `<${tag}${classOf(cell, isNumber[at] === true)}>${escaped(cell)}</${tag}>`).join('')}</tr>`
  return `<div class="wide"><table><thead>${cells(heads, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('\n')}</tbody></table></div>`
}

function classOf(cell: string | number, isNumber: boolean): string {
  if (isNumber) return ' class="number"'
  return typeof cell === 'string' && cell.length <= SHORT ? ' class="short"' : ''
}

function escaped(value: string | number): string {
  // eslint-disable-next-line no-control-regex
  const shown = String(value).replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ')
  return shown.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
