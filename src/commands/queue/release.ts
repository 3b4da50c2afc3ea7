import { changeFlags, queueArgs, QueueCommand } from '../../cli/queue-command.js'
import { CHANGEABLE } from '../../core/queue.js'

export default class QueueRelease extends QueueCommand {
  static override summary = 'Let papers that were held go on where they stood.'
  static override description =
    'Papers that were dropped come back, too, where they are named or with --status dropped; with all that was answered.'
  static override examples = [
    '<%= config.bin %> queue release --all',
    '<%= config.bin %> queue release 2401.01234',
  ]
  static override strict = false
  static override args = queueArgs
  static override flags = changeFlags('release')

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(QueueRelease)
    return this.change({ kind: 'release' }, { flags, argv }, (named) =>
      named ? CHANGEABLE.release : ['held'],
    )
  }
}
