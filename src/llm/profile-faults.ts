import * as z from 'zod'
import type { JsonObject } from '../core/json.js'
import { isObject } from '../core/json.js'
import { baseUrlFault } from '../core/public-url.js'
import { didYouMean } from '../core/words-alike.js'
import { MODEL_ERROR_CLASSES } from './errors.js'
import { PROVIDER_NAMES } from './provider.js'

/** What ledger, pacing and reader rely on: whoever wants it otherwise says so where it belongs. */
const NOT_EXTRA: Record<string, string> = {
  stream: 'answers are read whole',
  stream_options: 'answers are read whole',
  n: 'one answer is read and counted',
  best_of: 'one answer is read and counted',
  model: 'it is the `name` of the profile',
  models: 'list other models as profiles under `fallback`: what is asked must be known',
  messages: 'they are made from the prompt files',
  prompt: 'it is made from the prompt files',
  max_tokens: 'it is `max_tokens` of the profile',
  max_completion_tokens: 'it is `max_tokens` of the profile, with max_tokens_member: max_completion_tokens',
  temperature: 'it is `temperature` of the profile',
}

const KEY_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const LIKE_A_KEY = /(?:^|_)(?:API_?)?(?:KEY|TOKEN|SECRET)(?:_?\d+)?$/i

const baseUrl = z.string().superRefine((url, context) => {
  const fault = baseUrlFault(url)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

const extraBody = z.record(z.string(), z.unknown()).superRefine((extra, context) => {
  for (const [name, why] of Object.entries(NOT_EXTRA)) {
    if (!Object.hasOwn(extra, name)) continue
    context.addIssue({ code: 'custom', path: [name], message: `must not be changed here: ${why}` })
  }
})

/** One entry of `model_profiles`. */
export const Profile = z.strictObject({
  name: z.string().min(1),
  provider: z.enum(PROVIDER_NAMES).optional(),
  base_url: baseUrl.nullish(),
  api_key_env: z
    .string()
    .refine((name) => KEY_NAME.test(name) && LIKE_A_KEY.test(name), {
      message: 'expected the name of a variable that holds a key: it ends in _KEY, _TOKEN or _SECRET',
    })
    .nullish(),
  role: z.enum(['cheap', 'expensive']).optional(),
  temperature: z.number().min(0).max(2).nullish(),
  max_tokens: z.number().int().positive().optional(),
  max_tokens_member: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  context_length: z.number().int().positive().optional(),
  timeout: z.number().positive().max(86_400).optional(),
  extra_body: extraBody.optional(),
  response_cache: z.boolean().optional(),
  warm_first: z.boolean().optional(),
  limit_group: z.string().min(1).nullish(),
  fallback: z.union([z.string().min(1), z.array(z.string().min(1))]).optional(),
  uncounted: z.array(z.enum(MODEL_ERROR_CLASSES)).optional(),
})

export const PROFILE_DEFAULTS = { maxTokens: 8000, contextLength: 32_768, timeout: 600 }

export interface ProfileFault {
  /** Keys below the profile's name. */
  path: readonly (string | number)[]
  message: string
  hint?: string
}

/** Returns all that is wrong with a profile as written, each fault once; empty if it can be used. */
export function profileFaults(raw: unknown): ProfileFault[] {
  const parsed = Profile.safeParse(raw)
  if (!parsed.success) return parsed.error.issues.flatMap(faultsOf)
  const { max_tokens: own, context_length: length } = parsed.data
  const maxTokens = own ?? PROFILE_DEFAULTS.maxTokens
  const contextLength = length ?? PROFILE_DEFAULTS.contextLength
  if (maxTokens < contextLength) return []
  const message = `an answer of ${maxTokens} tokens (max_tokens) leaves no room for a prompt in ${contextLength} (context_length)`
  return [{ path: [own === undefined ? 'context_length' : 'max_tokens'], message }]
}

function faultsOf(issue: z.core.$ZodIssue): ProfileFault[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = didYouMean(key, Object.keys(Profile.shape))
      return {
        path: [...path, key],
        message: 'unknown member',
        ...(near === undefined ? {} : { hint: near }),
      }
    })
  }
  return [{ path, message: issue.message }]
}

/** Returns a profile with what an agent says of its model in its own file laid over it. */
export function withOwnModel(base: unknown, model: JsonObject, isNamed: boolean): JsonObject {
  const under: JsonObject = isObject(base) ? { ...base } : {}
  // Who asks another model means that one; the stand-ins of the default are not its stand-ins.
  if (!isNamed && 'name' in model) delete under['fallback']
  if ('base_url' in model && !('api_key_env' in model)) delete under['api_key_env']
  return { ...under, ...model }
}
