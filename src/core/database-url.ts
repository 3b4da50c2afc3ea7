import nodePath, { type PlatformPath } from 'node:path'

/**
 * Returns the path that a `sqlite:` or `file:` URL, or a path, means, as it is written; null for another kind of URL.
 * `sqlite:///C:/data/x.sqlite` is C:/data/x.sqlite on Windows.
 */
export function sqliteFile(url: string, paths: PlatformPath = nodePath): string | null {
  // A scheme of one letter is a drive.
  if (!/^[a-z][a-z0-9+]+:/i.test(url)) return url
  const file = /^(?:sqlite|file):(?:\/\/)?(.*)$/is.exec(url)?.[1]
  if (file === undefined) return null
  return paths.sep === '\\' ? file.replace(/^\/+(?=[a-z]:)/i, '') : file
}

/** Returns whether a URL means a PostgreSQL server. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:/i.test(url)
}
