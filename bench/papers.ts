import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../test/support/cli.js'
import { KEY, makeWorkspace } from '../test/support/workspace.js'
import type { Workspace } from '../test/support/workspace.js'

/**
 * Returns a workspace in which so many papers of the corpus are seeded, each with the PDF of a sample, and whose requests go to
 * the models at `url` under one limit group.
 *
 * @param pace as in limits.yml: `requests_per_minute`, and what a minute is here, seconds.
 */
export async function seededWorkspace(
  papers: number,
  url: string,
  pace: { requests_per_minute: number; minute: number; spacing?: number },
): Promise<Workspace> {
  const workspace = await makeWorkspace({ pdf_dir: 'pdf' })
  const samples = join(ROOT, 'samples', 'pdf')
  const pdfs = readdirSync(samples)
  let ids: string[] = []
  workspace.corpus((db) => {
    ids = db.prepare('select arxiv_id from papers order by arxiv_id limit ?').pluck().all(papers) as string[]
  })
  mkdirSync(workspace.in('pdf'))
  for (const [index, id] of ids.entries()) {
    const pdf = join(samples, pdfs[index % pdfs.length] ?? '')
    copyFileSync(pdf, workspace.in('pdf', `${id.replace('/', '_')}.pdf`))
  }
  const group = { name: 'bench', host: '127.0.0.1', ...pace }
  workspace.write('config/limits.yml', JSON.stringify({ groups: [group] }))
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: url }
  await workspace.seed(...ids)
  return workspace
}
