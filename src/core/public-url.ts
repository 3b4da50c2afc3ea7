/**
 * Returns a URL without the credentials that may stand in it. All up to the last `@` goes, since a password that was not
 * escaped may hold any character, also those that end a host.
 */
export function publicUrl(url: string): string {
  return url.replace(/\/\/.*@/s, '//')
}

/** Returns what is wrong with a base URL, or null. What is said of a wrong one holds no credentials. */
export function baseUrlFault(url: string): string | null {
  const shown = publicUrl(url)
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    return `expected an http or https URL, got "${shown}"`
  if (url.includes('@'))
    return `"${shown}" must hold no user or password, which would not be sent: name a variable with the key (api_key_env)`
  if (parsed.search !== '' || parsed.hash !== '') return `"${shown}" must end with its path, without a query`
  if (/\/chat\/completions\/?$/.test(parsed.pathname))
    return `"${shown}" must end before /chat/completions, which is added to it`
  return null
}
