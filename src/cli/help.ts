import type { Command, Config } from '@oclif/core'
import { arxivIdOf } from '../core/arxiv-id.js'
import { UsageError } from '../core/errors.js'
import { asSentence, didYouMean } from '../core/words-alike.js'

/** What is asked of the help: the words of a command or a topic (none: everything), and in which form. */
export interface HelpRequest {
  words: string[]
  json: boolean
}

/** Flags that ask for nothing by themselves. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['--json', '--quiet', '-q', '--debug'])

/**
 * Returns what help is asked for, or null if none is: `help seed`, `seed --help` and `seed -h` are the same, and no
 * command at all, or a topic alone, asks for what there is.
 *
 * @param argv the arguments, those of the command first.
 */
export function helpRequest(argv: readonly string[], config: Config): HelpRequest | null {
  const end = argv.indexOf('--')
  const own = end < 0 ? argv : argv.slice(0, end)
  const words = beforeFlags(own)
  const flags = own.slice(words.length)
  const named = words[0] === 'help'
  const flagged = flags.includes('--help') || flags.includes('-h')
  const nothing = flags.every((flag) => SAYS_NOTHING.has(flag)) && isTopic(config, words)
  if (!named && !flagged && !nothing) return null
  return { words: named ? words.slice(1) : words, json: flags.includes('--json') }
}

/** Returns the words before the first flag: those of the command, and of its arguments. */
export function beforeFlags(argv: readonly string[]): string[] {
  return argv.slice(0, argv.findIndex((word) => word.startsWith('-')) >>> 0)
}

function isTopic(config: Config, words: readonly string[]): boolean {
  const id = words.join(':')
  // To oclif every command is a topic too.
  return id === '' || (config.findCommand(id) === undefined && config.findTopic(id) !== undefined)
}

/**
 * Refuses flags in front of a command that are not all commands': what stands behind one would be taken for the command.
 *
 * @param word what would be.
 * @throws UsageError `usage` that names the command and the flag.
 */
export function refuseFlagsFirst(config: Config, argv: readonly string[], word: string | undefined): void {
  const isKnown = (name: string): boolean =>
    config.findCommand(name) !== undefined || config.findTopic(name) !== undefined
  const flag = word === undefined ? undefined : argv[argv.indexOf(word) - 1]
  if (word === undefined || flag?.startsWith('-') !== true || isKnown(word)) return
  const command = argv.find((one) => !one.startsWith('-') && isKnown(one))
  if (command === undefined) return
  const [name = ''] = flag.split('=')
  throw new UsageError('usage', `Flags of a command stand behind it, not before it: ${name}.`, {
    hint: `Write \`rpa ${command} … ${name} …\`.`,
  })
}

/**
 * Checks that words begin with a command, or are a topic.
 *
 * @throws UsageError `usage` that says which command may have been meant.
 */
export function checkCommand(config: Config, words: readonly string[]): void {
  const ids = words.map((_, index) => words.slice(0, index + 1).join(':'))
  const known = ids.map((id) => config.findCommand(id))
  const last = known.findLastIndex((command) => command !== undefined)
  if (last >= 0) return checkWords(known[last], words[last + 1])
  if (isTopic(config, words)) return
  // Of a topic that is there only its own commands are of use.
  const isInTopic = words.length > 1 && isTopic(config, words.slice(0, 1))
  const all = [...config.commandIDs, ...config.topics.map(({ name }) => name)]
  const names = all.filter((id) => !isInTopic || id.startsWith(`${words[0]}:`)).map(spoken)
  const meant = ids.reverse().flatMap((id) => didYouMean(spoken(id), names) ?? [])[0] ?? shown(config, words)
  const topic = isInTopic ? ` ${words[0]}` : ''
  throw new UsageError('usage', `There is no command "${words.slice(0, isInTopic ? 2 : 1).join(' ')}".`, {
    hint: [...(meant === undefined ? [] : [asSentence(meant)]), `\`rpa help${topic}\` names them all.`].join(
      ' ',
    ),
  })
}

/** Whoever names a topic and a thing most often wants to see it; undefined: nothing of that topic can be shown by name. */
function shown(config: Config, [topic = '', ...things]: readonly string[]): string | undefined {
  const command = config.findCommand(`${topic}:show`)
  if (command === undefined || things.length === 0 || Object.keys(command.args).length === 0) return undefined
  return `did you mean \`rpa ${topic} show ${things.join(' ')}\`?`
}

/** oclif would take a word too many for a part of the command's name. */
function checkWords(command: Command.Loadable | undefined, word: string | undefined): void {
  if (command === undefined || word === undefined) return
  if (command.strict === false || Object.keys(command.args).length > 0) return
  const meant = didYouMean(
    `--${word}`,
    Object.keys(command.flags).map((name) => `--${name}`),
  )
  const isPaper = command.flags['id'] !== undefined && arxivIdOf(word) !== null
  throw new UsageError('usage', `There is no place for "${word}" here.`, {
    hint: [
      ...(isPaper ? [`Name papers by \`rpa ${spoken(command.id)} --id ${word}\`.`] : []),
      ...(meant === undefined ? [] : [asSentence(meant)]),
      `See \`rpa ${spoken(command.id)} --help\`.`,
    ].join(' '),
  })
}

function spoken(id: string): string {
  return id.replaceAll(':', ' ')
}

/**
 * Returns the help as one document: what a command takes, or the commands of a topic.
 *
 * @param words as {@link checkCommand} lets them pass.
 */
export function helpDocument(config: Config, words: readonly string[]): unknown {
  for (let length = words.length; length > 0; length--) {
    const command = config.findCommand(words.slice(0, length).join(':'))
    if (command !== undefined) return commandDocument(command)
  }
  const prefix = words.map((word) => `${word}:`).join('')
  const commands = config.commands
    .filter(({ id, hidden }) => !hidden && id.startsWith(prefix))
    .map(({ id, summary }) => ({ command: spoken(id), summary }))
    .sort((a, b) => (a.command < b.command ? -1 : 1))
  return { version: config.version, commands }
}

function commandDocument({ id, summary, description, args, flags, examples }: Command.Loadable): unknown {
  return {
    command: spoken(id),
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
