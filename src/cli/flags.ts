import { Args, Flags } from '@oclif/core'
import { utcDay } from '../core/clock.js'
import { parseDuration } from '../core/duration.js'
import { UsageError } from '../core/errors.js'
import { givenMoment } from '../core/moment.js'
import type { PhaseName, PipelineName } from '../core/phases.js'
import { PHASE_NAMES, PIPELINE_NAMES } from '../core/phases.js'

/** A duration flag; its value is milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: '30m',
  parse: async (input) => {
    const ms = parseDuration(input)
    if (ms === null)
      throw new UsageError('bad_duration', `"${input}" is not a duration.`, {
        hint: 'Write 90s, 30m, 2h, 1h30m or 7d.',
      })
    return ms
  },
})

async function momentGiven(input: string): Promise<number> {
  const moment = givenMoment(input, Date.now())
  if (moment !== null) return moment
  throw new UsageError('bad_date', `"${input}" is no date.`, {
    hint: 'Write a day, as 2025-01-31, or how long ago, as 7d or 24h.',
  })
}

/** A moment: a day, a time, or how long ago; its value is epoch milliseconds. */
export const momentFlag = Flags.custom<number>({ helpValue: 'DATE|7d', parse: momentGiven })

/** A day, given in the same ways; its value is `YYYY-MM-DD`, UTC. */
export const dayFlag = Flags.custom<string>({
  helpValue: 'DATE|7d',
  parse: async (input) => utcDay(await momentGiven(input)),
})

/** Papers by their arXiv ids, in any form; several may follow. */
export const idFlag = (options: { description: string }) =>
  Flags.string({ multiple: true, helpValue: 'ID', ...options })

/** Papers that are named one by one; oclif itself would take standard input for an id that is not given. */
export const idArgs = {
  id: Args.string({
    ignoreStdin: true,
    description: 'Just these papers; a file of ids, or - for standard input.',
  }),
}

/** What `prep`, `analyze` and `wrap` have in common. */
export const phaseFlags = {
  limit: Flags.integer({
    min: 1,
    description: 'Take at most this many papers; default: all that are ready.',
  }),
  workers: Flags.integer({ min: 1, max: 64, default: 3, description: 'Papers worked on at the same time.' }),
  id: idFlag({ description: 'Only these papers; also a file of ids, or - for standard input.' }),
  now: Flags.boolean({ description: 'Take papers too that wait for their time after a failure.' }),
  'max-time': durationFlag({ description: 'Stop taking and continuing work after this time (exit 75).' }),
  'dry-run': Flags.boolean({ description: 'Say what would be done, and do nothing.' }),
  strict: Flags.boolean({ description: 'Exit 1 if a paper failed.' }),
  profile: Flags.string({
    helpValue: 'NAME',
    description: 'Profile for every request, e.g. offline (RPA_PROFILE).',
  }),
}

/** What `prep`, `analyze` and `run` add. */
export const reserveFlags = {
  'no-reserve': Flags.boolean({
    description: "Take also what papers further on need of the day's requests.",
  }),
}

/** The window before the end of the UTC day; 2 hours. */
export const DEFAULT_BURST_WINDOW_MS = 7_200_000

/** What `prep --burst` adds. */
export const burstFlags = {
  burst: Flags.boolean({
    description:
      'Only at the end of the UTC day, only what is left of its requests; else nothing, and says why.',
  }),
  'burst-window': durationFlag({
    helpValue: '2h',
    dependsOn: ['burst'],
    description: 'How long before 00:00 UTC the burst may begin; default 2h.',
  }),
  reserve: Flags.integer({
    min: 0,
    helpValue: 'N',
    dependsOn: ['burst'],
    description: 'Requests that the burst leaves alone; default 0.',
  }),
}

const capFlag = (phase: PhaseName) =>
  Flags.integer({ min: 0, helpValue: 'N', description: `Papers to ${phase} at most.` })

const capFlags = Object.fromEntries(PHASE_NAMES.map((name) => [`max-${name}`, capFlag(name)])) as Record<
  `max-${PhaseName}`,
  ReturnType<typeof capFlag>
>

/** How papers are to be read. */
export const pipelineFlag = Flags.custom<PipelineName>({
  options: [...PIPELINE_NAMES],
  helpValue: 'full|lean',
})

/** What `run` adds. */
export const runFlags = {
  daemon: Flags.boolean({
    description:
      'Never end: wait for new papers, and sleep through the rest of a day whose requests are spent.',
  }),
  poll: durationFlag({
    helpValue: '5s',
    description: 'How often to look for work of others when there is none; default 5s.',
  }),
  ...capFlags,
  'low-water': Flags.integer({
    min: 1,
    max: 1000,
    helpValue: 'N',
    description: 'Papers kept prepped ahead of the analysis; default: twice the workers.',
  }),
  'burst-window': durationFlag({
    helpValue: '2h',
    description: 'So long before 00:00 UTC, prep gets what is left of the requests; default 2h.',
  }),
  pipeline: pipelineFlag({
    dependsOn: ['seed'],
    description: 'Pipeline of the papers that --seed adds; default full.',
  }),
  'prep-only': Flags.boolean({ description: 'Prep, and nothing else.' }),
  'resume-only': Flags.boolean({ description: 'Continue interrupted papers, and begin nothing new.' }),
  seed: Flags.boolean({ description: 'Choose papers from the corpus first, and more when few are left.' }),
}
