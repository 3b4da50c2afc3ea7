import type { Clock } from '../../core/clock.js'
import type { Logger } from '../../core/logging.js'
import type { OtherPdfs } from '../../core/settings/setting-values.js'
import type { Corpus } from '../../corpus/open.js'
import type { Db } from '../../db/engine/prepared.js'
import type { PdfExtractor } from '../../papers/extractor.js'
import type { PdfSources } from '../../papers/fetch/types.js'
import type { Terminology } from '../../report/terms/terminology.js'

/** What the pipeline's own steps need. Corpus and extractor are opened when first asked for. */
export interface ActionServices {
  db: Db
  clock: Clock
  log: Logger
  version: string
  pdfSources: PdfSources
  otherPdfs: OtherPdfs
  reportsDir: string
  terminology(): Terminology
  corpus(): Promise<Corpus>
  /** What was fetched where the corpus is a crawler's; null: nothing. */
  besideCorpus(): Corpus | null
  extractor(): Promise<PdfExtractor>
}
