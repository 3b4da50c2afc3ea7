import { z } from 'zod'
import { refusal } from './classify.js'
import { ModelError } from './errors.js'
import type { ModelAnswer, ModelRequest } from './provider.js'
import { readRateLimit } from './rate-limit.js'

/** What is said about an answer may be odd without the answer being worth less: it was paid for. */
const Usage = z.object({
  prompt_tokens: z.number().nullish().catch(null),
  completion_tokens: z.number().nullish().catch(null),
  cost: z.number().nullish().catch(null),
})
const Completion = z.object({
  model: z.string().nullish().catch(null),
  usage: Usage.nullish().catch(null),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish().catch(null),
        error: z.unknown().optional(),
        message: z.object({ content: z.string().nullish() }).nullish(),
      }),
    )
    .min(1),
})

/**
 * Reads one HTTP answer of a chat completion.
 *
 * @returns the answer if it is whole: not empty, not cut, not filtered.
 * @throws ModelError with its class for everything else.
 */
export function readAnswer(
  call: ModelRequest,
  status: number,
  headers: Record<string, string | string[] | undefined>,
  text: string,
  now: number,
): ModelAnswer {
  const body = parseJson(text) ?? fromEvents(text)
  const rateLimit = readRateLimit(headers, body, status, now)
  const refused = refusal(status, body, text, rateLimit, call.profile, now)
  if (refused !== null) throw refused
  const parsed = Completion.safeParse(body)
  const { model } = call.profile
  if (!parsed.success) {
    const shape = body === undefined ? describeText(text) : 'JSON that is not a chat completion'
    throw new ModelError('malformed_answer', `${model} answered with ${shape}.`, {
      statusCode: status,
      rateLimit,
    })
  }
  const { usage, choices } = parsed.data
  const details = {
    statusCode: status,
    rateLimit,
    promptTokens: usage?.prompt_tokens ?? null,
    completionTokens: usage?.completion_tokens ?? null,
    costUsd: usage?.cost ?? null,
  }
  const choice = choices[0]
  const content = choice?.message?.content ?? ''
  switch (choice?.finish_reason) {
    case 'length':
      throw new ModelError(
        'truncated_answer',
        `${model} ran into max_tokens (${call.profile.maxTokens}) before it was finished.`,
        {
          ...details,
          hint: 'Raise max_tokens of the profile, or choose a model that reasons less.',
        },
      )
    case 'content_filter':
      throw new ModelError('filtered_answer', `${model} withheld its answer (content filter).`, details)
    case 'tool_calls':
    case 'function_call':
      throw new ModelError('malformed_answer', `${model} answered with a tool call instead of text.`, details)
    default:
  }
  if (content.trim() === '') throw new ModelError('empty_answer', `${model} gave an empty answer.`, details)
  return {
    content,
    model: parsed.data.model ?? model,
    promptTokens: details.promptTokens,
    completionTokens: details.completionTokens,
    costUsd: details.costUsd,
    rateLimit,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** OpenRouter pads slow answers, and has sent its errors as an event of a stream under a 200. */
function fromEvents(text: string): unknown {
  const events = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith(':'))
  const [first] = events
  return first === undefined || first === text ? undefined : parseJson(first.replace(/^data:/, ''))
}

function describeText(text: string): string {
  if (text.trim() === '') return 'an empty body'
  return /^\s*(<!doctype|<html)/i.test(text) ? 'an HTML page' : 'a body that is not JSON'
}
