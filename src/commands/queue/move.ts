import { Flags } from '@oclif/core'
import { changeFlags, queueArgs, QueueCommand } from '../../cli/queue-command.js'

export default class QueueMove extends QueueCommand {
  static override summary = 'Give papers that wait another priority: the next claim obeys.'
  static override examples = [
    '<%= config.bin %> queue move 2401.01234 --priority 1000',
    '<%= config.bin %> queue move --category cs.RO --min-score 0.7 --priority 5 --dry-run',
  ]
  static override strict = false
  static override args = queueArgs
  static override flags = {
    ...changeFlags('move'),
    priority: Flags.integer({ required: true, helpValue: 'N', description: 'The highest comes first.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(QueueMove)
    return this.change({ kind: 'move', priority: flags.priority }, { flags, argv })
  }
}
