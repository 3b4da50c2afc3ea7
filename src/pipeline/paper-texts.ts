import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../core/settings/settings.js'
import type { Db } from '../db/engine/prepared.js'
import { namedExecutions } from '../db/executions/named.js'
import { paperTextOf, type PaperText } from '../db/executions/results.js'
import { FactChecker } from '../report/facts/fact-check.js'
import { aboutPaper } from '../report/facts/about-paper.js'
import { indexPaper } from '../report/paper/paper-index.js'
import type { ReadReport } from '../report/read-report.js'
import { extractFiles } from './extract-files.js'

interface Services {
  /** Null where there is no DB. */
  db: Db | null
  settings: Settings
}

/** Looks papers' texts up: in the DB, else in a folder of PDFs. */
export class PaperTexts {
  readonly #services: Services
  readonly #pdfDir: string | null

  constructor(services: Services, pdfDir: string | null) {
    this.#services = services
    this.#pdfDir = pdfDir
  }

  /** Returns what a report's facts are looked up with; null where the paper's text is not at hand. */
  async checkerFor({ arxiv_id: id, title, neighbors }: ReadReport): Promise<FactChecker | null> {
    if (id === null) return null
    const stored = await this.#stored(id)
    const text = stored?.text ?? (await this.#fromPdf(id))
    if (text === null) return null
    const about = { arxiv_id: id, title: stored?.title ?? title, abstract: stored?.abstract ?? null }
    // As `wrap` had it: what writers were told of near papers is no invention.
    return new FactChecker(indexPaper(text), aboutPaper(about, stored?.neighbors ?? neighbors))
  }

  /** Returns the text with its page marks, or null. */
  async textOf(id: string): Promise<string | null> {
    return (await this.#stored(id))?.text ?? (await this.#fromPdf(id))
  }

  async #stored(id: string): Promise<PaperText | null> {
    const { db } = this.#services
    const [row] = db === null ? [] : ((await namedExecutions(db, [id])).get(id) ?? [])
    return db === null || row === undefined ? null : paperTextOf(db, row.execution_id)
  }

  async #fromPdf(id: string): Promise<string | null> {
    const file = this.#pdfDir === null ? null : join(this.#pdfDir, `${id.replace('/', '_')}.pdf`)
    if (file === null || !existsSync(file)) return null
    const [paper] = await extractFiles([file], 1, this.#services.settings, () => undefined)
    return paper === undefined || paper.error !== undefined ? null : paper.text
  }
}
