import type { Compared, QualityOfReport } from '../../pipeline/compare-reports.js'
import type { Comparison, QualityResult } from '../../pipeline/quality.js'
import { judgeLines } from './quality.js'

const BINS = 20
const [WIDTH, HEIGHT] = [640, 160]
const MOST_FINDINGS = 500

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
    one.p.toPrecision(2),
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
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
svg{width:100%;height:auto;max-width:${WIDTH}px}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
.bar{fill:var(--bar)}.worse{fill:var(--worse)}.axis{stroke:var(--line)}`

function nameOf({ arxiv_id: id, file }: QualityOfReport): string {
  return id ?? file
}

function histogram(scores: readonly number[]): string {
  const bins = new Array<number>(BINS).fill(0)
  for (const score of scores) bins[Math.min(BINS - 1, Math.floor(score * BINS))]! += 1
  const most = Math.max(1, ...bins)
  const step = WIDTH / BINS
  const drawn = bins.map((count, at) => {
    const height = (count / most) * (HEIGHT - 40)
    const label = count === 0 ? '' : text(at * step + step / 2, HEIGHT - 26 - height, count, 'middle')
    return `<rect class="bar" x="${at * step + 1}" y="${HEIGHT - 22 - height}" width="${step - 2}" height="${height}"/>${label}`
  })
  const axis = `<line class="axis" x1="0" x2="${WIDTH}" y1="${HEIGHT - 21}" y2="${HEIGHT - 21}"/>`
  const ends = `${text(0, HEIGHT - 6, 0, 'start')}${text(WIDTH / 2, HEIGHT - 6, 0.5, 'middle')}${text(WIDTH, HEIGHT - 6, 1, 'end')}`
  return svg('Reports by score', HEIGHT, `${drawn.join('')}${axis}${ends}`)
}

function bars(kinds: readonly (readonly [string, number])[]): string {
  const most = Math.max(1, ...kinds.map(([, count]) => count))
  const rows = kinds.map(([kind, count], at) => {
    const width = (count / most) * (WIDTH - 190)
    return `${text(130, at * 22 + 15, kind, 'end')}<rect class="bar" x="140" y="${at * 22 + 3}" width="${width}" height="16"/>${text(146 + width, at * 22 + 15, count, 'start')}`
  })
  return kinds.length === 0 ? '<p>None.</p>' : svg('Findings by kind', kinds.length * 22, rows.join(''))
}

/** To the right of the middle: these reports have more, or are better. */
function effects(measures: readonly { measure: string; effect: number }[]): string {
  const middle = 380
  const rows = measures.map(({ measure, effect }, at) => {
    const width = Math.abs(effect) * 200
    const x = effect < 0 ? middle - width : middle
    return `${text(130, at * 22 + 15, measure, 'end')}<rect class="${effect < 0 ? 'worse' : 'bar'}" x="${x}" y="${at * 22 + 3}" width="${width}" height="16"/>${text(640, at * 22 + 15, effect.toFixed(2), 'end')}`
  })
  const axis = `<line class="axis" x1="${middle}" x2="${middle}" y1="0" y2="${measures.length * 22}"/>`
  return svg('Effect sizes, -1 to 1', measures.length * 22, `${rows.join('')}${axis}`)
}

function svg(label: string, height: number, content: string): string {
  return `<svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${height}">${content}</svg>`
}

function text(x: number, y: number, content: string | number, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`
}

function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = (row: readonly (string | number)[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
  return `<table><thead>${cells(heads, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('\n')}</tbody></table>`
}

function escaped(value: string | number): string {
  // eslint-disable-next-line no-control-regex
  const shown = String(value).replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ')
  return shown.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
