import { Parser } from '@oclif/core'
import { expect, it } from 'vitest'
import { BaseCommand } from '../../src/cli/base-command.js'
import { errorDocument } from '../../src/cli/errors.js'
import { COMMANDS } from '../../src/commands/index.js'

it.each([
  ['prep --limt 3', 'There is no flag --limt.'],
  ['prep --workers', '--workers needs a value.'],
  ['prep --workers x', '--workers: "x" is no whole number.'],
  ['prep --workers 0', '--workers: "0" is too small: 1 at least.'],
  ['prep --limit 1 --limit 2', '--limit may be given once only.'],
  ['prep --log-level loud', '--log-level: "loud" is none of error, warn, info and debug.'],
  ['prep --burst-window 90m', '--burst-window goes with --burst only.'],
  ['run --burst-window 9', '--burst-window: "9" is not a duration.'],
  ['completion', 'SHELL is missing: bash, zsh or fish.'],
  ['report:export', 'FOLDER is missing: Where to write them; it need not be there yet.'],
  ['completion fsh', '"fsh" is none of bash, zsh and fish.'],
  ['completion bash zsh', 'There is no place for "zsh" here.'],
  ['queue:move', '--priority is missing.'],
  [
    'db:copy',
    'SOURCE is missing: A path, sqlite: or postgres: URL. TARGET is missing: The same; new or empty.',
  ],
  ['quality --dry-run', '--dry-run goes with --fix or --judge only.'],
  ['quality --judge --baseline x --fix', '--judge does not go with --fix.'],
  ['seed --pdf x --all', '--pdf does not go with --all.'],
])('rpa %s', async (line, message) => {
  const [name = '', ...argv] = line.split(' ')
  const { flags, args, strict } = COMMANDS[name as keyof typeof COMMANDS]
  const thrown = await Parser.parse(argv, {
    flags: { ...BaseCommand.baseFlags, ...flags },
    args,
    strict,
  }).catch((error: unknown) => error)
  expect(errorDocument(thrown, name).message).toBe(message)
})
