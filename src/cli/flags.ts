import { Flags } from '@oclif/core'
import { parseDuration } from '../core/duration.js'
import { UsageError } from '../core/errors.js'

/** A duration flag; its value is milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: '30m',
  parse: async (input) => {
    const ms = parseDuration(input)
    if (ms === null)
      throw new UsageError('bad_duration', `"${input}" is not a duration.`, {
        hint: 'Write 90s, 30m, 2h or 1h30m.',
      })
    return ms
  },
})

/** What `prep`, `analyze` and `wrap` have in common. */
export const phaseFlags = {
  limit: Flags.integer({
    min: 1,
    description: 'Take at most this many papers; default: all that are ready.',
  }),
  workers: Flags.integer({ min: 1, max: 64, default: 3, description: 'Papers worked on at the same time.' }),
  id: Flags.string({
    multiple: true,
    helpValue: 'ID',
    description: 'Only these papers (arXiv id); may be repeated.',
  }),
  'max-time': durationFlag({ description: 'Stop taking and continuing work after this time (exit 75).' }),
  'dry-run': Flags.boolean({ description: 'Say what would be done, and do nothing.' }),
  strict: Flags.boolean({ description: 'Exit 1 if a paper failed.' }),
  profile: Flags.string({
    helpValue: 'NAME',
    description: 'Profile for every request, e.g. offline (RPA_PROFILE).',
  }),
}
