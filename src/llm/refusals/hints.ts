import { publicUrl } from '../../core/public-url.js'
import type { ModelErrorClass } from '../errors.js'
import type { ModelProfile } from '../provider.js'
import { speaksOf } from './wordings.js'

/**
 * Returns what to do about a refusal, as the member of an error's details.
 *
 * @param about the member of the request that was refused, and the tokens that the model takes, where they are known; the words of
 * the refusal.
 */
export function hintFor(
  errorClass: ModelErrorClass,
  profile: ModelProfile,
  about: { member: string | null; limit: number | null; words: string },
): { hint?: string } {
  const { member, limit, words } = about
  const { profile: name, apiKeyEnv, openRouter } = profile
  switch (errorClass) {
    case 'key_rejected':
      return { hint: `Check the key in ${apiKeyEnv ?? 'the profile, which names none (api_key_env)'}.` }
    case 'account_refused':
      return {
        hint: `The endpoint refuses the account behind ${apiKeyEnv ?? 'the profile'}, or the place it is asked from, not this request: see to what it says, or choose another model for the profile "${name}" in profiles.yml.`,
      }
    case 'proxy_login':
      return {
        hint: `A proxy on the way to ${publicUrl(profile.baseUrl ?? '')} wants user and password: put them into HTTP_PROXY or HTTPS_PROXY (http://USER:PASSWORD@HOST:PORT), or name the host in NO_PROXY.`,
      }
    case 'payment_required':
    case 'credit_short':
      return {
        hint: 'The account or key has run out of credit; free models stop as well when the balance is negative.',
      }
    case 'model_gone':
      return { hint: `Choose another model for the profile "${name}" in profiles.yml.` }
    case 'data_policy':
      return {
        hint: `The settings of the account (privacy, providers allowed or ignored) exclude every provider of this model${
          openRouter
            ? ': change them at https://openrouter.ai/settings/privacy or https://openrouter.ai/settings/preferences'
            : ''
        }, or choose another model for the profile "${name}" in profiles.yml.`,
      }
    case 'parameter_refused':
      return { hint: formHint(profile, words) ?? parameterHint(profile, member) }
    case 'max_tokens_too_large':
      return {
        hint: `Lower max_tokens of the profile "${name}" in profiles.yml (it is ${profile.maxTokens})${
          limit === null
            ? ''
            : `, and set its context_length to ${limit}: prompt and answer have to fit into that`
        }.`,
      }
    case 'body_too_large':
      return {
        hint: `A proxy in front of ${publicUrl(profile.baseUrl ?? '')} takes no requests of this size: raise its limit for bodies (nginx: client_max_body_size) to 1 MB or more, or lower context_length of the profile "${name}" in profiles.yml.`,
      }
    case 'endpoint_wrong':
      return { hint: endpointHint(profile) }
    default:
      return {}
  }
}

/** Returns which setting holds the base URL, and what it should look like. */
export function endpointHint({ profile, baseUrl, ownBaseUrl }: ModelProfile): string {
  const setting = ownBaseUrl
    ? `base_url of the profile "${profile}" in profiles.yml`
    : 'OPENROUTER_BASE_URL (base_url)'
  return `${setting} is ${publicUrl(baseUrl ?? '')}: it must be the address that /chat/completions follows, path included (as https://openrouter.ai/api/v1).`
}

/** What to do where it is the form of the request that the endpoint does not take for this model; null: it is not. */
function formHint({ profile }: ModelProfile, words: string): string | null {
  const another = `choose another model for the profile "${profile}" in profiles.yml`
  if (speaksOf(words, 'thinking'))
    return `Set extra_body: {enable_thinking: false} of the profile "${profile}" in profiles.yml.`
  if (speaksOf(words, 'streaming'))
    return `The endpoint gives this model's answers, or the long ones, in streams only: lower max_tokens where it names that, or ${another}.`
  return speaksOf(words, 'template')
    ? `The server's chat template for this model is missing, or takes no system message: give the server one that does, or ${another}.`
    : null
}

function parameterHint({ profile, maxTokensMember }: ModelProfile, member: string | null): string {
  if (member === null)
    return `No provider of the model takes all that is sent: look at temperature and extra_body (provider.require_parameters) of the profile "${profile}" in profiles.yml, or choose another model.`
  if (member === maxTokensMember) {
    const other = maxTokensMember === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
    return `Change max_tokens of the profile "${profile}" in profiles.yml, or send it under the other name: max_tokens_member: ${other}.`
  }
  const where = member === 'temperature' ? member : `extra_body.${member}`
  return `Change or remove ${where} of the profile "${profile}" in profiles.yml.`
}
