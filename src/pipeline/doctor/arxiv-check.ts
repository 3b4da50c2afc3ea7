import { hostOf } from '../../core/settings/setting-values.js'
import type { Settings } from '../../core/settings/settings.js'
import type { ModelProfile } from '../../llm/provider.js'
import { whyUnreachable } from '../../papers/fetch/reach-host.js'
import type { Finding } from './finding.js'

const TIMEOUT_MS = 3000

/**
 * Looks once whether the host that PDFs are downloaded from answers at all, whatever it says; nothing where no PDF is
 * downloaded, or where all is offline.
 *
 * @param userAgent of the question.
 */
export async function arxivCheck(
  { pdfSources, pdfUrl }: Pick<Settings, 'pdfSources' | 'pdfUrl'>,
  profiles: readonly ModelProfile[],
  userAgent: string,
): Promise<Finding[]> {
  const downloads = pdfSources.includes('export') || pdfSources.includes('arxiv')
  if (!downloads || !profiles.some(({ provider }) => provider !== 'offline')) return []
  const host = hostOf(pdfUrl)
  const why = await whyUnreachable(pdfUrl, userAgent, TIMEOUT_MS)
  if (why === null) return [{ check: 'PDFs', state: 'good', message: `${host} answers` }]
  return [
    {
      check: 'PDFs',
      state: 'note',
      message: `${host} cannot be reached: ${why}`,
      todo: 'Check the network and HTTPS_PROXY; PDFs that are in pdf_dir or the cache are read without it.',
    },
  ]
}
