import { messageOf, RpaError } from '../core/errors.js'
import type { RpaErrorOptions } from '../core/errors.js'

/** Why a machine cannot go on by itself. */
export const MACHINE_ERROR_CLASSES = [
  'child_failed',
  'context_lost',
  'max_steps',
  'max_time',
  'no_transition',
  'not_a_map',
  'not_json',
  'template_failed',
  'too_large',
  'unknown_action',
  'unknown_state',
] as const

export type MachineErrorClass = (typeof MACHINE_ERROR_CLASSES)[number]

/** A machine that cannot go on for a reason that lies in its config or in an action: trying again changes nothing. */
export class MachineError extends RpaError {
  readonly retryable = false

  constructor(code: MachineErrorClass, message: string, options: RpaErrorOptions = {}) {
    super(code, message, options)
  }
}

/** The run was told to stop. What was answered is checkpointed; a later run continues there. */
export class AbortedError extends RpaError {
  readonly retryable = false

  constructor(message: string, options: RpaErrorOptions = {}) {
    super('aborted', message, {
      hint: 'Nothing that was answered is lost: run it again to continue.',
      ...options,
    })
  }
}

/** Returns whether an error must end everything at once: a lost lease, or a run that was told to stop. */
export function endsEverything(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'lease_lost' || code === 'aborted'
}

/** Returns whether a run ended because it was told to. */
export function isAborted(error: unknown): boolean {
  return codeOf(error) === 'aborted'
}

/** Returns whether an error says of itself that trying again cannot help. */
export function isFinal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === false
}

/** Returns the type by which `on_error` and `_error_type` name an error: the code of ours, the class name of others. */
export function errorType(error: unknown): string {
  return errorTypes(error)[0] ?? 'Error'
}

/** Returns every name an `on_error` map may use for an error, most specific first. */
function errorTypes(error: unknown): string[] {
  const names: string[] = []
  const code = codeOf(error)
  if (code !== null) names.push(code)
  if (error instanceof Error) names.push(error.name)
  return names.length === 0 ? ['Error'] : names
}

/** Returns the state that an `on_error` map names for an error, by its code, its class name or `default`; else null. */
export function handlerOf(onError: ReadonlyMap<string, string> | null, error: unknown): string | null {
  if (onError === null) return null
  const type = errorTypes(error).find((name) => onError.has(name))
  return onError.get(type ?? 'default') ?? null
}

/** Returns whether somebody else holds the execution now: nothing may be written any more. */
export function isLeaseLost(error: unknown): boolean {
  return codeOf(error) === 'lease_lost'
}

/** Returns the message an error leaves in `last_error` and `_error`. */
export function errorMessage(error: unknown): string {
  return messageOf(error)
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return error instanceof RpaError || typeof error.code === 'string' ? String(error.code) : null
}
