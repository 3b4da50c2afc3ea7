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
/** A setting with its metric: `MAG (F1)`. */
const IN_BRACKETS = /^(.*\S)\s*\(([^()]+)\)$/
const METRIC = /^(?:metrics?|measures?|quantity|score)\b/i

/** A row of a table; its own one where the name of what was compared is in bold. */
interface TableRow {
  cells: string[]
  isOwn: boolean
}

/**
 * Returns the results that a report's tables give, row by row. The tables are those that the prompts ask for: setting,
 * metric, this paper's value, one column for each rival, and last the source with its page; or system and one column for each
 * setting, with its metric in brackets or in a column before them, the paper's own systems in bold.
 */
export function resultsOf(markdown: string): ResultRow[] {
  return tablesIn(markdown)
    .flatMap(({ header, rows }) => {
      if (ROWS_ARE_VARIANTS.test(header[0] ?? '')) return []
      const isByRow = ROWS_ARE_RIVALS.test(header[0] ?? '') && rows.some((row) => row.isOwn)
      if (isByRow && (METRIC.test(header[1] ?? '') || header.some((name) => IN_BRACKETS.test(name))))
        return ownResults(header, rows)
      return rows.flatMap(({ cells }) => rowOf(header, cells) ?? [])
    })
    .slice(0, MOST)
}

function tablesIn(markdown: string): { header: string[]; rows: TableRow[] }[] {
  const tables: { header: string[]; rows: TableRow[] }[] = []
  let above: string[] | null = null
  let isOpen = false
  for (const line of markdown.split('\n')) {
    const cells = cellsOf(line)
    if (cells === null) isOpen = false
    else if (cells.every((cell) => /^:?-+:?$/.test(cell))) {
      isOpen = above !== null
      if (above !== null) tables.push({ header: above, rows: [] })
    } else if (isOpen) tables.at(-1)?.rows.push({ cells, isOwn: /^\s*\|\s*\*\*/.test(line) })
    above = isOpen ? null : cells
  }
  return tables
}

function cellsOf(line: string): string[] | null {
  const inner = /^\s*\|(.*)\|\s*$/.exec(line)?.[1]
  return inner?.split(/(?<!\\)\|/).map((cell) => cell.replace(/\*\*|`/g, '').trim()) ?? null
}

/** Setting by setting what the paper's own systems reach, beside the rival of the same metric that comes nearest. */
function ownResults(header: readonly string[], rows: readonly TableRow[]): ResultRow[] {
  const metricAt = METRIC.test(header[1] ?? '') ? 1 : null
  const settings = header.flatMap((name, at) =>
    at > (metricAt ?? 0) && !SOURCE.test(name) && !SPREAD.test(name) ? [at] : [],
  )
  return rows
    .filter((row) => row.isOwn)
    .flatMap(({ cells }) =>
      settings.flatMap((at) => {
        const value = numberIn(cells[at])
        if (value === null) return []
        const others = rows.filter(
          (row) => !row.isOwn && (metricAt === null || row.cells[metricAt] === cells[metricAt]),
        )
        const rivals = others.map((row) => ({ name: row.cells[0] ?? '', text: row.cells[at] ?? '' }))
        const where = settingOf(header[at] ?? '', metricAt === null ? null : (cells[metricAt] ?? ''))
        return { task: null, ...where, ...compared(cells[at] ?? '', value, rivals), page: pageIn(cells) }
      }),
    )
}

function settingOf(name: string, metric: string | null): Pick<ResultRow, 'dataset' | 'metric'> {
  const [, dataset, inBrackets] = metric === null ? (IN_BRACKETS.exec(name) ?? []) : []
  return { dataset: clean(dataset ?? name), metric: clean(metric ?? inBrackets ?? '') }
}

function rowOf(header: readonly string[], cells: readonly string[]): ResultRow | null {
  const named = header.findIndex((name) => METRIC.test(name))
  const metricAt = named > 0 ? named : 1
  const hasSource = SOURCE.test(header.at(-1) ?? '')
  const values = cells.slice(metricAt + 1, hasSource ? -1 : undefined)
  const names = header.slice(metricAt + 1)
  const own = numberIn(values[0])
  if (own === null) return null
  const others = ROWS_ARE_RIVALS.test(header[0] ?? '') ? [] : values.slice(1)
  const rivals = others.flatMap((text, index) => {
    const name = names[index + 1] ?? ''
    return SPREAD.test(name) ? [] : [{ name, text }]
  })
  const where = cells.slice(0, metricAt)
  const taskAt = where.length < 2 ? -1 : header.slice(0, metricAt).findIndex((name) => /^task\b/i.test(name))
  return {
    task: taskAt < 0 ? null : clean(cells[taskAt] ?? ''),
    dataset: clean(where.filter((_, index) => index !== taskAt).join(', ')),
    metric: clean(cells[metricAt] ?? ''),
    ...compared(values[0] ?? '', own, rivals),
    page: pageIn(cells),
  }
}

/** Whether more is better is not known here; the rival that comes nearest is the one that counts. */
function compared(
  text: string,
  own: number,
  others: readonly { name: string; text: string }[],
): Pick<ResultRow, 'value' | 'baseline' | 'baseline_value' | 'delta'> {
  const rivals = others.flatMap((rival) => {
    const value = numberIn(rival.text)
    const isLike = rival.text.includes('%') === text.includes('%') && !/^[<>≤≥]/.test(rival.text)
    return value === null || !isLike ? [] : [{ ...rival, value }]
  })
  const [rival] = rivals.sort((a, b) => Math.abs(a.value - own) - Math.abs(b.value - own))
  return {
    value: clean(text),
    baseline: rival === undefined ? null : clean(nameIn(rival.text) ?? rival.name),
    baseline_value: rival === undefined ? null : clean(rival.text.replace(/\s*\(.*\)\s*$/, '')),
    delta: rival === undefined ? null : Number((own - rival.value).toPrecision(10)),
  }
}

function pageIn(cells: readonly string[]): number | null {
  const page = /\[p\. (\d+)/.exec(cells.join(' '))?.[1]
  return page === undefined ? null : Number(page)
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
