import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './cli.js'
import { lines, makePdf, wrap } from './pdf.js'

/** Of each kind that a report asks for; what it says of the sample is of no matter. */
const BODY = [
  [
    '1 Introduction',
    'Batch work on many documents stops when one of its steps stops. Earlier work leaves open how often.',
  ],
  [
    '2 Method',
    'The system consists of a queue, a worker and a ledger. We use a table of leases, and compute the time that each of ' +
      'them is held. We set the batch size to 16 and repeat all runs with five random seeds.',
  ],
  [
    '3 Results',
    'Our method reaches 91.5% of the throughput, 4.2 points more than the baseline. It fails where the clock is wrong. ' +
      'We conjecture that this is because of late messages.',
  ],
  [
    '4 Limitations and future work',
    'We did not measure more than eight machines. Whether the bound holds for more remains an open question.',
  ],
] as const

/**
 * Returns the PDFs of the sample papers, by id, with one page each: title, abstract and a few sentences. To read one takes
 * a sixth of what the real sample takes, which suits all tests that are not about what stands in a paper.
 */
export function shortPapers(): Map<string, Buffer> {
  const rows = readFileSync(join(ROOT, 'samples', 'metadata.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const papers = rows.map((line) => JSON.parse(line) as { id: string; title: string; abstract: string })
  return new Map(papers.map(({ id, title, abstract }) => [id, shortPaper(title, abstract)]))
}

/** Writes them into a folder, and returns it, for `pdf_dir`. */
export function writeShortPapers(folder: string): string {
  for (const [id, bytes] of shortPapers()) writeFileSync(join(folder, `${id}.pdf`), bytes)
  return folder
}

function shortPaper(title: string, abstract: string): Buffer {
  const parts = [['Abstract', abstract], ...BODY].flatMap(([heading = '', text = '']) => [
    '',
    heading,
    ...wrap(text.trim(), 85),
  ])
  return makePdf([lines([title, ...parts].map(ascii), { x: 50, y: 740 })])
}

function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, ' ')
}
