/** The newest version of the format that the runtime knows; our own files are written at it. */
export const SPEC_VERSION = '4.2.1'

export type VersionVerdict =
  { ok: true; older: boolean; warning?: string } | { ok: false; message: string; hint: string }

/**
 * Judges the `spec_version` of a file: a newer major and anything before 1.0 are refused, an older one loads
 * with a warning that names the file and the command that rewrites it.
 */
export function judgeVersion(value: unknown, file: string): VersionVerdict {
  const text = typeof value === 'number' ? String(value) : value
  const match = typeof text === 'string' ? /^(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(text.trim()) : null
  if (match === null) {
    return {
      ok: false,
      message: `spec_version ${JSON.stringify(value)} is not a version`,
      hint: `write spec_version: ${SPEC_VERSION}`,
    }
  }
  const version = [1, 2, 3].map((index) => Number(match[index] ?? 0))
  const known = SPEC_VERSION.split('.').map(Number)
  const named = match[0]
  if ((version[0] ?? 0) > (known[0] ?? 0)) {
    return {
      ok: false,
      message: `spec_version ${named} is newer than ${SPEC_VERSION}, the newest this version knows`,
      hint: 'update rpa, or write the file at an older version of the format',
    }
  }
  if ((version[0] ?? 0) < 1) {
    return {
      ok: false,
      message: `spec_version ${named} is older than 1.0.0, the first version that can be read`,
      hint: `adapt the file to the format of ${SPEC_VERSION} and write spec_version: ${SPEC_VERSION}`,
    }
  }
  const difference = version.map((part, index) => part - (known[index] ?? 0)).find((part) => part !== 0) ?? 0
  if (difference < 0) {
    return {
      ok: true,
      older: true,
      warning: `${file}: spec_version ${named} is older than ${SPEC_VERSION}; \`rpa config migrate ${file}\` rewrites it`,
    }
  }
  if (difference > 0) {
    return {
      ok: true,
      older: false,
      warning: `${file}: spec_version ${named} is newer than ${SPEC_VERSION}; only what ${SPEC_VERSION} has is understood`,
    }
  }
  return { ok: true, older: false }
}
