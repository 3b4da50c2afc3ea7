import * as z from 'zod'
import { MAX_ATTEMPTS, MAX_BACKOFF, MAX_CHILDREN, MAX_ENTRIES, MAX_STATES, MAX_STEPS } from './bounds.js'

export const CHECKPOINT_EVENTS = [
  'machine_start',
  'state_enter',
  'execute',
  'state_exit',
  'machine_end',
] as const
export const SPEC_KINDS = ['flatmachine', 'flatagent', 'prompt', 'flatprofile', 'flatprofiles'] as const
export type SpecKind = (typeof SPEC_KINDS)[number]

const name = z.string().min(1)
const values = z
  .record(z.string(), z.unknown())
  .refine((map) => Object.keys(map).length <= MAX_ENTRIES, `has more than ${MAX_ENTRIES} entries`)
const textOrMap = z.union([name, values], { error: 'expected a path or a map' })

/** Who serves `action:` states. Every form means the one action registry of the runtime. */
const hooksMap = z.strictObject({
  name: name.optional(),
  file: name.optional(),
  module: name.optional(),
  class: name.optional(),
  args: values.nullish(),
})
const hooks = z.union([name, hooksMap, z.array(z.union([name, hooksMap]))], {
  error: 'expected a registered name or {module, class}',
})

const transition = z.strictObject({
  condition: z.union([z.string(), z.boolean()], { error: 'expected a condition' }).nullish(),
  to: name,
})

const execution = z.strictObject({
  type: z.enum(['default', 'retry']),
  backoffs: z.array(z.number().nonnegative().max(MAX_BACKOFF)).max(MAX_ATTEMPTS).nullish(),
  jitter: z.number().min(0).max(1).nullish(),
})

const state = z.strictObject({
  type: z.enum(['initial', 'final']).nullish(),
  agent: name.nullish(),
  machine: z
    .union([name, z.array(name).min(1).max(MAX_CHILDREN)], {
      error: `expected a name or a list of 1 to ${MAX_CHILDREN} names`,
    })
    .nullish(),
  action: name.nullish(),
  mode: z.enum(['settled', 'any']).nullish(),
  execution: execution.nullish(),
  input: values.nullish(),
  output_to_context: values.nullish(),
  output: values.nullish(),
  transitions: z.array(transition).nullish(),
  on_error: z
    .union([name, z.record(z.string(), name)], { error: 'expected a state or a map of error type → state' })
    .nullish(),
  hooks: hooks.nullish(),
})

/** Maps whose further members are about the runtime that a file was written for, and why they mean nothing here. */
export const IDLE_IN: Readonly<Record<string, string>> = {
  persistence: 'where and how checkpoints are kept is a setting of the run, not of the machine',
  settings: 'no setting of this runtime',
}

/** What editors are told of such members: no fault, but of no use. */
function openTo(map: keyof typeof IDLE_IN): { additionalProperties: Record<string, string> } {
  return { additionalProperties: { deprecationMessage: `has no effect: ${IDLE_IN[map]}` } }
}

const settings = z
  .strictObject({
    max_steps: z.int().positive().max(MAX_STEPS).nullish(),
    parallel_fallback: z.enum(['sequential', 'error']).nullish(),
    hooks: hooks.nullish(),
  })
  .meta(openTo('settings'))

const persistence = z
  .strictObject({
    enabled: z.boolean().nullish(),
    backend: z.enum(['local', 'memory', 'sqlite']).nullish(),
    checkpoint_on: z.array(z.enum(CHECKPOINT_EVENTS)).nullish(),
  })
  .meta(openTo('persistence'))

const machineData = z.strictObject({
  name: name.nullish(),
  expression_engine: z.literal('simple').nullish(),
  context: values.nullish(),
  agents: z.record(z.string(), textOrMap).nullish(),
  machines: z.record(z.string(), textOrMap).nullish(),
  profiles: name.nullish(),
  states: z
    .record(z.string(), state)
    .refine((states) => Object.keys(states).length <= MAX_STATES, `has more than ${MAX_STATES} states`),
  settings: settings.nullish(),
  persistence: persistence.nullish(),
  hooks: hooks.nullish(),
  lifecycle_hooks: hooks.nullish(),
})

const model = z.union([name, z.looseObject({ profile: name.optional(), name: name.optional() })], {
  error: 'expected the name of a profile or a map',
})

const agentData = z
  .strictObject({
    name: name.nullish(),
    model: model.nullish(),
    profile: name.nullish(),
    prompt: textOrMap.nullish(),
    system: z.string().nullish(),
    user: z.string().nullish(),
  })
  .check((context) => {
    const { prompt, system, user } = context.value
    const inline = (system ?? user ?? null) !== null
    if (!prompt && !user) {
      const message = 'an agent needs a prompt: either `prompt: FILE` or `system` and `user`'
      context.issues.push({ code: 'custom', message, input: context.value, path: [] })
    } else if (prompt && inline) {
      const message = 'either `prompt` or `system` and `user`, not both'
      context.issues.push({ code: 'custom', message, input: context.value, path: ['prompt'] })
    }
  })

const promptData = z.strictObject({
  name: name.nullish(),
  system: z.string().nullish(),
  user: z.string().min(1),
})

const profile = z.looseObject({
  name,
  provider: name.nullish(),
  base_url: name.nullish(),
  temperature: z.number().nonnegative().nullish(),
  max_tokens: z.int().positive().nullish(),
  timeout: z.number().positive().nullish(),
})
const profilesData = z.strictObject({
  model_profiles: z.record(z.string(), profile),
  default: name.nullish(),
  override: name.nullish(),
})

function fileOf<T extends z.ZodType>(kinds: [SpecKind, ...SpecKind[]], data: T) {
  return z.strictObject({
    spec: z.enum(kinds),
    spec_version: z.union([z.string(), z.number()], { error: 'spec_version is missing' }),
    data,
    metadata: z.unknown().optional(),
  })
}

export const machineFile = fileOf(['flatmachine'], machineData)
export const agentFile = fileOf(['flatagent'], agentData)
export const promptFile = fileOf(['prompt'], promptData)
export const profilesFile = fileOf(['flatprofile', 'flatprofiles'], profilesData)

export type MachineData = z.infer<typeof machineData>
export type StateData = z.infer<typeof state>
export type AgentData = z.infer<typeof agentData>
/** One entry of `model_profiles` with whatever else its provider takes. */
export type ProfileData = z.infer<typeof profile>
