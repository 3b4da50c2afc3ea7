import { expect, it } from 'vitest'
import { COMMANDS } from '../../src/commands/index.js'
import { EXIT } from '../../src/core/errors.js'

interface Option {
  char?: string
  type?: string
  options?: readonly string[]
  multiple?: boolean
  required?: boolean
  default?: unknown
  exclusive?: readonly string[]
}

function marks({ char, type, options, multiple, required, default: value, exclusive }: Option): string {
  const of = [
    ...(char === undefined ? [] : [`-${char}`]),
    ...(type === 'option' ? ['takes a value'] : []),
    ...(multiple === true ? ['any number'] : []),
    ...(required === true ? ['required'] : []),
    ...(options === undefined ? [] : [options.join('|')]),
    ...(value === undefined || typeof value === 'function' ? [] : [`default ${JSON.stringify(value)}`]),
    ...(exclusive === undefined ? [] : [`not with ${exclusive.join(', ')}`]),
  ]
  return of.length === 0 ? '' : `  (${of.join('; ')})`
}

/** What scripts and cron tables hold on to: a change of it is a change for users, and is seen here. */
it('the commands, their arguments and flags, and the exit codes are as promised', async () => {
  const lines = Object.entries(COMMANDS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, command]) => {
      const flags = { ...command.baseFlags, ...command.flags } as Record<string, Option>
      return [
        `rpa ${id.replaceAll(':', ' ')}`,
        ...Object.entries(command.args).map(
          ([name, arg]) => `  ${name.toUpperCase()}${marks(arg as Option)}`,
        ),
        ...Object.keys(flags)
          .sort()
          .map((name) => `  --${name}${marks(flags[name] ?? {})}`),
        ...(command.enableJsonFlag ? ['  --json'] : []),
        '',
      ]
    })
  const codes = Object.entries(EXIT).map(([name, code]) => `exit ${code}  ${name}`)
  await expect([...lines, ...codes, ''].join('\n')).toMatchFileSnapshot('commands.txt')
})

it('every command has an example that begins with its own name', () => {
  const without = Object.entries(COMMANDS).filter(([id, { examples = [] }]) => {
    const name = `<%= config.bin %> ${id.replaceAll(':', ' ')}`
    return !examples.some((example) => typeof example === 'string' && example.includes(name))
  })
  expect(without.map(([id]) => id)).toEqual([])
})
