import type { Command } from '@oclif/core'
import { expect, it } from 'vitest'
import { BaseCommand } from '../../src/cli/base-command.js'
import { COMMANDS } from '../../src/commands/index.js'

interface Option {
  char?: string
  type?: string
  options?: readonly string[]
  multiple?: boolean
  required?: boolean
  default?: unknown
  description?: string
  summary?: string
  helpValue?: string
  hidden?: boolean
}

const HEAD = `# All commands

Made from the program itself (\`npx vitest run test/contract -u\` writes it anew); \`rpa help COMMAND\` says the same. What they
are for stands on the other pages, which begin at the [README](../README.md).
`

/** \`--limit N\`: what it is for. */
function flagLine(name: string, flag: Option): string {
  const value =
    flag.type === 'option' ? ` ${flag.helpValue ?? flag.options?.join('\\|') ?? name.toUpperCase()}` : ''
  const marks = [
    ...(flag.required === true ? ['required'] : []),
    ...(flag.multiple === true ? ['any number'] : []),
    ...(flag.default === undefined || typeof flag.default === 'function' || flag.default === false
      ? []
      : [`default ${JSON.stringify(flag.default)}`]),
  ]
  const about = `${flag.summary ?? flag.description ?? ''}${marks.length === 0 ? '' : ` (${marks.join('; ')})`}`
  const short = flag.char === undefined ? '' : `\`-${flag.char}\`, `
  return `- ${short}\`--${name}${value.replaceAll('\\|', '|')}\`: ${about}`
}

function section([id, command]: [string, Command.Class]): string {
  const name = id.replaceAll(':', ' ')
  const args = Object.entries({ ...command.args }) as [string, Option][]
  const shown = args.map(
    ([arg, { required }]) => ` ${required === true ? arg.toUpperCase() : `[${arg.toUpperCase()}]`}`,
  )
  const more = command.strict || args.length === 0 ? '' : ' …'
  const flags = (Object.entries({ ...command.flags }) as [string, Option][]).filter(
    ([, { hidden }]) => hidden !== true,
  )
  const examples = (command.examples ?? []).map((example) => (typeof example === 'string' ? example : ''))
  return [
    `## rpa ${name}`,
    '',
    command.summary,
    ...(command.description === undefined ? [] : ['', command.description]),
    '',
    `    rpa ${name}${shown.join('')}${more}`,
    '',
    ...args.map(([arg, { description }]) => `- \`${arg.toUpperCase()}\`: ${description}`),
    ...flags.sort(([a], [b]) => (a < b ? -1 : 1)).map(([flag, option]) => flagLine(flag, option)),
    ...(args.length + flags.length === 0 ? [] : ['']),
    ...examples.map((example) => `    ${example.replaceAll('<%= config.bin %>', 'rpa')}`),
    '',
  ].join('\n')
}

it('the page of commands is what the program says of itself', async () => {
  const shared = (Object.entries(BaseCommand.baseFlags) as [string, Option][]).map(([name, flag]) =>
    flagLine(name, flag),
  )
  const common = `## Every command\n\n${[...shared, '- `--json`: One JSON document on stdout, nothing else there.', '- `-h`, `--help`: What it does and takes.'].join('\n')}\n`
  const sections = (Object.entries(COMMANDS) as [string, Command.Class][]).map(section)
  await expect([HEAD, common, ...sections].join('\n')).toMatchFileSnapshot('../../docs/commands.md')
})
