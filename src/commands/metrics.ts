import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { diskError } from '../core/files/disk-error.js'
import { replaceFile } from '../core/files/replace-file.js'

export default class Metrics extends BaseCommand {
  static override summary = "Write what can be measured in Prometheus' text format."
  static override description =
    'Papers by status, failures, requests, tokens and cost of the day, the budget, circuits, the last run of each command: all from the executions DB, which is only read. Made for the textfile collector of node_exporter, called once a minute by cron.'
  static override examples = [
    '<%= config.bin %> metrics',
    '<%= config.bin %> metrics --output /var/lib/node_exporter/textfile/rpa.prom',
  ]
  static override flags = {
    output: Flags.string({
      helpValue: 'FILE',
      description: 'Write them to this file instead, which at any moment holds all of them.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Metrics)
    const { settings } = await this.begin(flags)
    const [{ openForReading }, { metricFamilies }, { renderMetrics }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../pipeline/overview/metrics.js'),
      import('../cli/render/metrics.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const metrics = await metricFamilies(database.db, settings, database.clock.now())
      const text = renderMetrics(metrics)
      if (flags.output === undefined) this.printDocument(text)
      else await writeMetrics(flags.output, `${text}\n`)
      return { metrics, ...(flags.output === undefined ? {} : { output: flags.output }) }
    } finally {
      await database.close()
    }
  }
}

async function writeMetrics(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, text)
  } catch (error) {
    throw diskError(error, file, 'write', 'name another file with --output')
  }
}
