/** What is wrong with the words of a command line: a pattern of oclif's text, and how we say it. */
type Wording = readonly [RegExp, (...found: string[]) => string]

const WORDINGS: readonly Wording[] = [
  [/^command (\S+) not found$/, (name) => `There is no command "${name.replaceAll(':', ' ')}".`],
  [/^Unexpected arguments?: (.+)$/, (words) => `There is no place for ${quoted(words)} here.`],
  [/^Nonexistent flags?: (.+)$/, (flags) => `There is no flag ${flags}.`],
  [/^Flag (--?\S+) expects a value$/, (flag) => `${flag} needs a value.`],
  [/^Flag (--?\S+) can only be specified once$/, (flag) => `${flag} may be given once only.`],
  [/^Missing required flag (\S+)$/, (name) => `--${name} is missing.`],
  [/^Expected (--[\w-]+)=(.*) to be one of: (.+)$/, (flag, value, list) => oneOf(`${flag}: `, value, list)],
  [/^Expected (.*) to be one of: (.+)$/, (value, list) => oneOf('', value, list)],
  [/^Expected an integer but received: (.*)$/, (value) => `"${value}" is no whole number.`],
  [
    /^Expected an integer (greater|less) than or equal to (\S+) but received: (.*)$/,
    (side, bound, value) =>
      `"${value}" is too ${side === 'greater' ? 'small' : 'large'}: ${bound} at ${side === 'greater' ? 'least' : 'most'}.`,
  ],
  [
    /^All of the following must be provided when using (\S+): (.+)$/,
    (flag, others) => `${flag} goes with ${named(others, 'and')} only.`,
  ],
  [
    /^One of the following must be provided when using (\S+): (.+)$/,
    (flag, others) => `${flag} goes with ${named(others, 'or')} only.`,
  ],
  [
    /^(--[\w-]+)(?:=.*)? cannot also be provided when using (\S+)$/,
    (other, flag) => `${flag} does not go with ${other}.`,
  ],
]

/**
 * Returns what oclif's parser says in our words, one line: its own stand on several, around what is wrong.
 *
 * @param error as thrown by oclif.
 */
export function usageWords({ message, args }: { message: string; args?: unknown }): string {
  if (Array.isArray(args) && /^Missing \d+ required args?/.test(message)) return missingWords(args)
  const parsing = /^Parsing (--?[\w-]+)\s+/.exec(message)
  const lines = message
    .slice(parsing?.[0].length ?? 0)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^See more help|^The following errors? occurred:$/i.test(line))
  const text = lines.map(inOurWords).join(' ')
  return parsing === null ? text : `${parsing[1]}: ${text}`
}

function inOurWords(line: string): string {
  for (const [pattern, say] of WORDINGS) {
    const found = pattern.exec(line)
    if (found !== null) return say(...found.slice(1))
  }
  return line
}

function missingWords(args: readonly { name: string; description?: string; options?: string[] }[]): string {
  return args
    .map(
      ({ name, description, options }) =>
        `${name.toUpperCase()} is missing: ${options === undefined ? (description ?? '') : `${named(options.join(', '), 'or')}.`}`,
    )
    .join(' ')
}

function oneOf(where: string, value: string, list: string): string {
  return `${where}"${value}" is none of ${named(list, 'and')}.`
}

function quoted(words: string): string {
  return words
    .split(', ')
    .map((word) => `"${word}"`)
    .join(', ')
}

/** `a, b, c` as `a, b and c`. */
function named(list: string, last: 'and' | 'or'): string {
  return list.replace(/, (?=[^,]*$)/, ` ${last} `)
}
