import { Flags } from '@oclif/core'
import { changeFlags, queueArgs, QueueCommand } from '../../cli/queue-command.js'

export default class QueueDrop extends QueueCommand {
  static override summary = 'Take papers out of the queue for good: they are not taken, and not seeded again.'
  static override description =
    'Papers that have answers of a model are left alone without --force. Nothing that was answered is deleted: `queue release ID` brings a paper back as it was.'
  static override examples = [
    '<%= config.bin %> queue drop 2401.01234',
    '<%= config.bin %> queue drop --query survey --until 2020-12-31 --dry-run',
  ]
  static override strict = false
  static override args = queueArgs
  static override flags = {
    ...changeFlags('drop'),
    force: Flags.boolean({ description: 'Papers too that have answers already; they keep them.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(QueueDrop)
    return this.change({ kind: 'drop' }, { flags, argv })
  }
}
