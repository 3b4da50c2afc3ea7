import { messageOf } from '../../core/errors.js'
import { hostOf } from '../../core/setting-values.js'
import type { Settings } from '../../core/settings.js'
import { Connections } from '../../http/connections.js'
import type { ModelProfile } from '../../llm/provider.js'
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
  const connections = new Connections()
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const headers = { 'user-agent': userAgent }
    const { body } = await connections.request(new URL('/', pdfUrl), { method: 'HEAD', signal, headers })
    await body.dump()
    return [{ check: 'PDFs', state: 'good', message: `${host} answers` }]
  } catch (error) {
    const why = signal.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : messageOf(error)
    return [
      {
        check: 'PDFs',
        state: 'note',
        message: `${host} cannot be reached: ${why}`,
        todo: 'Check the network and HTTPS_PROXY; PDFs that are in pdf_dir or the cache are read without it.',
      },
    ]
  } finally {
    await connections.destroy()
  }
}
