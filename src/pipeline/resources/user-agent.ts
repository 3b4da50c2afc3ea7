import { packageVersion } from '../../core/package.js'

/**
 * Returns the User-Agent of requests: arXiv asks for one that says who is calling.
 *
 * @param contact e-mail address or URL; null: none.
 */
export function userAgentOf(contact: string | null): string {
  const name = `rpa/${packageVersion()}`
  return contact === null ? name : `${name} (${contact})`
}
