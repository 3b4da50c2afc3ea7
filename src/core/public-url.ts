/**
 * Returns a URL without the credentials that may stand in it. All up to the last `@` goes, since a password that was not
 * escaped may hold any character, also those that end a host.
 */
export function publicUrl(url: string): string {
  return url.replace(/\/\/.*@/s, '//')
}
