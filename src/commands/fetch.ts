import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { durationFlag, idArgs, idFlag } from '../cli/flags.js'
import { readIds, requireIds } from '../cli/ids.js'
import { stopOnSignals } from '../cli/signals.js'
import { EXIT } from '../core/errors.js'

/** Longest time that a timer can wait, milliseconds. */
const FOREVER_MS = 2 ** 31 - 1

export default class Fetch extends BaseCommand {
  static override summary = 'Bring PDFs into the cache ahead of prep; no model is asked.'
  static override description =
    'Takes pending papers in the order in which prep will, or the papers that are named, and looks for their PDFs in the places of pdf_sources. What is there already is not fetched again, so running it again goes on where it stopped.'
  static override examples = [
    '<%= config.bin %> fetch --limit 200',
    '<%= config.bin %> fetch --max-time 2h',
    '<%= config.bin %> fetch 1706.03762 hep-th/9901001',
  ]
  static override strict = false
  static override args = idArgs
  static override flags = {
    id: idFlag({ description: 'As the argument.' }),
    limit: Flags.integer({ min: 1, description: 'PDFs downloaded at most; default: all.' }),
    'max-time': durationFlag({ description: 'Stop after this time (exit 75).' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Fetch)
    const given = [...argv.map(String), ...(flags.id ?? [])]
    requireIds(given)
    const ids = await readIds(given)
    const { settings, log } = await this.begin(flags)
    const [{ openResources }, { fetchPdfs }, { renderFetch, fetchedProgress }] = await Promise.all([
      import('../pipeline/resources/resources.js'),
      import('../pipeline/fetch-pdfs.js'),
      import('../cli/render/fetched-pdfs.js'),
    ])
    const resources = await openResources(settings, log)
    const signals = stopOnSignals({ log, limitMs: 0, inFlight: resources.inFlight })
    const progress = await this.beginProgress('fetch')
    try {
      const work = async () => {
        const result = await fetchPdfs(resources, {
          ids,
          limit: flags.limit,
          stop: signals.stopTaking,
          late: AbortSignal.timeout(flags['max-time'] ?? FOREVER_MS),
          onDone: (soFar, papers) => progress.update(fetchedProgress(soFar, papers, flags.limit)),
        })
        process.exitCode = signals.exitCode() ?? (result.stopped === null ? EXIT.ok : EXIT.tempfail)
        return result
      }
      const result = await this.noted(resources, work)
      progress.end()
      for (const { arxiv_id, error } of result.papers)
        if (error !== undefined) log.warn(`${arxiv_id}: ${error.code}: ${error.message}`)
      this.print(renderFetch(result))
      return result
    } finally {
      progress.end()
      signals.dispose()
      await resources.close()
    }
  }
}
