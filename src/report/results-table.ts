/** One measured result as data. */
export interface ResultRow {
  /** Null where the table has no column for it. */
  task: string | null
  /** What was measured on: data, or a setting, as the report says. */
  dataset: string
  metric: string
  /** As printed. */
  value: string
  /** The strongest rival's name, where the table has rivals. */
  baseline: string | null
  baseline_value: string | null
  /** `value` less `baseline_value`, in their unit, no more digits than they have. */
  delta: number | null
  page: number | null
}

const MOST = 20
const LONGEST = 80
const NUMBER = /[−-]?\d[\d,]*(?:\.\d+)?/
const SOURCE = /^(?:source|page|evidence|where)\b/i
/** Tables whose rows are what was compared have no column for a rival. */
const ROWS_ARE_RIVALS =
  /^(?:classifiers?|models?|methods?|systems?|approach(?:es)?|networks?|algorithms?|baselines?)(?:\b|$)/i
/** Tables whose rows are parts of the paper's own work, left out or changed, compare it with nobody. */
const ROWS_ARE_VARIANTS = /^(?:variants?|ablations?|components?|parts?|controls?)(?:\b|$)/i
/** What a column says of the value beside it. */
const SPREAD =
  /\bmin\b|\bmax\b|\brange\b|\berrors?\b|\bstd\b|\bdeviation\b|±|\bspread\b|\binterval\b|σ|\bdefinition\b/i
const METRIC = /^(?:metrics?|measures?|quantity|score)\b/i

/**
 * Returns the results that a report's tables give, row by row. The tables are those that the prompts ask for: setting,
 * metric, this paper's value, one column for each rival, and last the source with its page.
 */
export function resultsOf(markdown: string): ResultRow[] {
  const rows: ResultRow[] = []
  let header: string[] | null = null
  let unread: string[] | null = null
  for (const line of markdown.split('\n')) {
    const cells = cellsOf(line)
    if (cells === null) header = unread = null
    else if (cells.every((cell) => /^:?-+:?$/.test(cell))) header = unread
    else if (header === null) unread = cells
    else {
      const row = rowOf(header, cells)
      if (row !== null && rows.length < MOST) rows.push(row)
    }
  }
  return rows
}

function cellsOf(line: string): string[] | null {
  const inner = /^\s*\|(.*)\|\s*$/.exec(line)?.[1]
  return inner?.split(/(?<!\\)\|/).map((cell) => cell.replace(/\*\*|`/g, '').trim()) ?? null
}

function rowOf(header: readonly string[], cells: readonly string[]): ResultRow | null {
  if (ROWS_ARE_VARIANTS.test(header[0] ?? '')) return null
  const named = header.findIndex((name) => METRIC.test(name))
  const metricAt = named > 0 ? named : 1
  const hasSource = SOURCE.test(header.at(-1) ?? '')
  const values = cells.slice(metricAt + 1, hasSource ? -1 : undefined)
  const names = header.slice(metricAt + 1)
  const own = numberIn(values[0])
  if (own === null) return null
  const others = ROWS_ARE_RIVALS.test(header[0] ?? '') ? [] : values.slice(1)
  const rivals = others.flatMap((cell, index) => {
    const [value, name = ''] = [numberIn(cell), names[index + 1]]
    const isLike = cell.includes('%') === (values[0] ?? '').includes('%') && !/^[<>≤≥]/.test(cell)
    return value === null || SPREAD.test(name) || !isLike ? [] : [{ name, text: cell, value }]
  })
  // Whether more is better is not known here; the rival that comes nearest is the one that counts.
  const [rival] = rivals.sort((a, b) => Math.abs(a.value - own) - Math.abs(b.value - own))
  const where = cells.slice(0, metricAt)
  const taskAt = where.length < 2 ? -1 : header.slice(0, metricAt).findIndex((name) => /^task\b/i.test(name))
  const page = /\[p\. (\d+)/.exec(cells.join(' '))?.[1]
  return {
    task: taskAt < 0 ? null : clean(cells[taskAt] ?? ''),
    dataset: clean(where.filter((_, index) => index !== taskAt).join(', ')),
    metric: clean(cells[metricAt] ?? ''),
    value: clean(values[0] ?? ''),
    baseline: rival === undefined ? null : clean(nameIn(rival.text) ?? rival.name),
    baseline_value: rival === undefined ? null : clean(rival.text.replace(/\s*\(.*\)\s*$/, '')),
    delta: rival === undefined ? null : Number((own - rival.value).toPrecision(10)),
    page: page === undefined ? null : Number(page),
  }
}

/** `0.47 (GPT-4o)`: the rival's name beside its value. */
function nameIn(cell: string): string | null {
  return /\((\D[^()]*)\)\s*$/.exec(cell)?.[1] ?? null
}

function numberIn(cell: string | undefined): number | null {
  const shown = NUMBER.exec(cell ?? '')?.[0]
  return shown === undefined ? null : Number(shown.replaceAll(',', '').replace('−', '-'))
}

function clean(text: string): string {
  return text
    .replace(/\s*\[p\. [\d, –-]+\]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST)
}
