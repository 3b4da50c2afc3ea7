import { Flags } from '@oclif/core'
import { queueArgs, QueueCommand, queueFlags } from '../../cli/queue-command.js'
import { QUEUE_STATUSES, WAITING_STATUSES } from '../../core/queue.js'

export default class QueueList extends QueueCommand {
  static override summary =
    'List the papers that wait, as they will be taken: furthest first, then by priority.'
  static override description =
    'Papers that were dropped are shown with --status dropped. The filters look papers up in the corpus.'
  static override examples = [
    '<%= config.bin %> queue list',
    '<%= config.bin %> queue list --status pending --category cs.CL --limit 20 --json',
  ]
  static override strict = false
  static override args = queueArgs
  static override flags = {
    ...queueFlags(QUEUE_STATUSES),
    limit: Flags.integer({ min: 1, default: 50, description: 'Show at most this many.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(QueueList)
    const [{ listQueue }, { renderQueue }] = await Promise.all([
      import('../../pipeline/queue.js'),
      import('../../cli/render/queue.js'),
    ])
    const statusesOf = (named: boolean) => (named ? QUEUE_STATUSES : WAITING_STATUSES)
    return this.withQueue({ flags, argv, reading: true }, statusesOf, async ({ db }, filter) => {
      const result = await listQueue(db, filter, flags.limit)
      this.print(renderQueue(result))
      return result
    })
  }
}
