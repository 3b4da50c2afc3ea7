import type { Command, Config } from '@oclif/core'
import { UsageError } from '../core/errors.js'

/** What is asked of the help: the words of a command or a topic (none: everything), and in which form. */
export interface HelpRequest {
  words: string[]
  json: boolean
}

/**
 * Returns what help is asked for, or null if none is: `help seed`, `seed --help` and `seed -h` are the same, and no
 * command at all, or a topic alone, asks for what there is.
 *
 * @param argv the arguments, those of the command first.
 */
export function helpRequest(argv: readonly string[], config: Config): HelpRequest | null {
  const end = argv.indexOf('--')
  const own = end < 0 ? argv : argv.slice(0, end)
  const words = own.slice(0, own.findIndex((word) => word.startsWith('-')) >>> 0)
  const flags = own.slice(words.length)
  const named = words[0] === 'help'
  const flagged = flags.includes('--help') || flags.includes('-h')
  const nothing = flags.every((flag) => flag === '--json') && isTopic(config, words)
  if (!named && !flagged && !nothing) return null
  return { words: named ? words.slice(1) : words, json: flags.includes('--json') }
}

function isTopic(config: Config, words: readonly string[]): boolean {
  const id = words.join(':')
  // To oclif every command is a topic too.
  return id === '' || (config.findCommand(id) === undefined && config.findTopic(id) !== undefined)
}

/**
 * Returns the help as one document: what a command takes, or the commands of a topic.
 *
 * @throws UsageError `usage` where there is no such command.
 */
export function helpDocument(config: Config, words: readonly string[]): unknown {
  for (let length = words.length; length > 0; length--) {
    const command = config.findCommand(words.slice(0, length).join(':'))
    if (command !== undefined) return commandDocument(command)
  }
  const prefix = words.map((word) => `${word}:`).join('')
  const commands = config.commands
    .filter(({ id, hidden }) => !hidden && id.startsWith(prefix))
    .map(({ id, summary }) => ({ command: id.replaceAll(':', ' '), summary }))
    .sort((a, b) => (a.command < b.command ? -1 : 1))
  if (commands.length === 0)
    throw new UsageError('usage', `There is no command "${words.join(' ')}".`, {
      hint: '`rpa help` names them all.',
    })
  return { version: config.version, commands }
}

function commandDocument({ id, summary, description, args, flags, examples }: Command.Loadable): unknown {
  return {
    command: id.replaceAll(':', ' '),
    summary,
    description,
    args: Object.values(args).map(({ name, description: text, required }) => ({
      name,
      description: text,
      required: required ?? false,
    })),
    flags: Object.values(flags)
      .filter(({ hidden }) => hidden !== true)
      .map((flag) => ({
        name: `--${flag.name}`,
        ...(flag.char === undefined ? {} : { char: `-${flag.char}` }),
        type: flag.type,
        description: flag.summary ?? flag.description,
        ...(flag.type === 'option' && flag.options !== undefined ? { options: flag.options } : {}),
        ...(flag.type === 'option' && flag.multiple === true ? { multiple: true } : {}),
        ...(isPlain(flag.default) ? { default: flag.default } : {}),
      })),
    examples: (examples ?? []).flatMap((example) =>
      typeof example === 'string' ? [example.replaceAll('<%= config.bin %>', 'rpa')] : [],
    ),
  }
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
