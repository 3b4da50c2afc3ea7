import { changeFlags, queueArgs, QueueCommand } from '../../cli/queue-command.js'

export default class QueueHold extends QueueCommand {
  static override summary = 'Put papers aside that wait: none is taken until it is released.'
  static override examples = [
    '<%= config.bin %> queue hold 2401.01234',
    '<%= config.bin %> queue hold --category cs.CV --dry-run',
  ]
  static override strict = false
  static override args = queueArgs
  static override flags = changeFlags('hold')

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(QueueHold)
    return this.change({ kind: 'hold' }, { flags, argv })
  }
}
