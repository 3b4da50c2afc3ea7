import { messageOf } from '../core/errors.js'
import type { JsonObject } from '../core/json.js'
import { isObject } from '../core/json.js'
import { Connections } from '../http/connections.js'
import { unreachableCode } from '../http/proxy.js'
import { tlsFault } from '../http/tls.js'
import { bodyText, readBytes } from './answers/body.js'
import { bodyObject } from './answers/json-body.js'

export interface ModelListOptions {
  userAgent: string
  /** Asks for the models that the account of this key may use, by its own settings: OpenRouter's `GET /models/user`. */
  key?: string | undefined
  signal?: AbortSignal | undefined
  /** Told why there is no list, in words, and whether no connection came about. */
  onNone?: (cause: string, isAway: boolean) => void
  /** Told the server's clock, epoch milliseconds in whole seconds. */
  onDate?: (now: number) => void
}

const TIMEOUT_MS = 15_000

/** A model that an endpoint offers. */
export interface ListedModel {
  id: string
  /** Every price of it is 0; false also where none is told. */
  isFree: boolean
  /** Tokens, prompt and answer together; null: it does not say. */
  contextLength: number | null
}

/**
 * Asks an endpoint which models it offers (`GET /models`; OpenRouter's list is public: no key is sent unless one is given).
 * One attempt, no redirect.
 *
 * @returns null where there is no such list, or it does not come in time.
 */
export async function listModels(baseUrl: string, options: ModelListOptions): Promise<ListedModel[] | null> {
  const { key, userAgent } = options
  const deadline = AbortSignal.timeout(TIMEOUT_MS)
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal])
  const connections = new Connections()
  try {
    const address = `${baseUrl.replace(/\/+$/, '')}/models${key === undefined ? '' : '/user'}`
    const { statusCode, headers, body } = await connections.request(address, {
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
    })
    const date = Date.parse(String(headers['date'])) + 1000 * (Number(headers['age']) || 0)
    if (!Number.isNaN(date)) options.onDate?.(date)
    const text = bodyText(await readBytes(body), headers)
    const list = statusCode === 200 ? bodyObject(text, (value) => value)?.['data'] : undefined
    if (Array.isArray(list)) return list.filter(isObject).flatMap(listedModel)
    options.onNone?.(statusCode === 200 ? 'the answer is no list of models' : `HTTP ${statusCode}`, false)
    return null
  } catch (error) {
    const tls = tlsFault(error)
    const isAway = deadline.aborted || tls !== null || unreachableCode(error) !== null
    const cause = deadline.aborted
      ? `no answer within ${TIMEOUT_MS / 1000} s`
      : (tls?.words ?? messageOf(error))
    options.onNone?.(cause, isAway)
    return null
  } finally {
    await connections.destroy()
  }
}

/** Returns the ids of the models of {@link listModels} that cost nothing; null where there is no list. */
export async function listFreeModels(baseUrl: string, options: ModelListOptions): Promise<string[] | null> {
  const models = await listModels(baseUrl, options)
  return models === null ? null : models.flatMap(({ id, isFree: free }) => (free ? [id] : []))
}

function listedModel(model: JsonObject): ListedModel[] {
  const { id, pricing } = model
  return typeof id === 'string' && writesText(model)
    ? [{ id, isFree: isFree(pricing), contextLength: contextOf(model) }]
    : []
}

/** OpenRouter lists what makes vectors or pictures, too. */
function writesText({ architecture }: JsonObject): boolean {
  const outputs = isObject(architecture) ? architecture['output_modalities'] : undefined
  return !Array.isArray(outputs) || outputs.includes('text')
}

/** As OpenRouter, vLLM, Groq, Mistral, or llama.cpp (what the server was started with) call it. */
function contextOf({ meta, ...model }: JsonObject): number | null {
  const named = [
    ...['context_length', 'max_model_len', 'context_window', 'max_context_length'].map((name) => model[name]),
    isObject(meta) ? meta['n_ctx'] : undefined,
  ]
  return named.find((length): length is number => typeof length === 'number' && length > 0) ?? null
}

/** Prices are USD a token, as text; -1 where they vary. */
function isFree(pricing: unknown): boolean {
  if (!isObject(pricing)) return false
  const { prompt, completion } = pricing
  if (prompt === undefined || completion === undefined) return false
  return Object.values(pricing).every(
    (price) => isObject(price) || Array.isArray(price) || Number(price) === 0,
  )
}
