import { isoTime } from '../core/clock.js'
import type { LogFormat, LogLevel } from '../core/settings/settings.js'
import { maskOf } from '../llm/secret.js'
import { printable } from './errors.js'

/** Variables that hold what nobody else may know. */
const SECRET = /(_KEY|_TOKEN|PASSWORD|SECRET)$/i
/** Variables that hold a URL which may have a password in it. */
const WITH_PASSWORD = /(_PROXY|DATABASE_URL)$/i

/** Pairs of headers, as OpenTelemetry writes them: `authorization=Bearer%20…,x-tenant=…`. */
const WITH_HEADERS = /^OTEL_.*_HEADERS$/

/**
 * Returns what takes secrets out of a text: those that variables of the environment hold, passwords in URLs of theirs, and
 * values of headers.
 */
export function secretsOf(env: NodeJS.ProcessEnv): (text: string) => string {
  const secrets = Object.entries(env).flatMap(([name, value]) => {
    if (SECRET.test(name)) return [value ?? '']
    if (WITH_HEADERS.test(name)) return headersIn(value ?? '')
    return WITH_PASSWORD.test(name) ? passwordsIn(value ?? '') : []
  })
  const masks = [...new Set(secrets)].filter(isMaskable).map(maskOf)
  return (text) => masks.reduce((masked, mask) => mask(masked), text)
}

function headersIn(pairs: string): string[] {
  return pairs.split(',').flatMap((pair) => plainText(pair.slice(pair.indexOf('=') + 1)).split(' '))
}

/** The pattern of a secret knows ASCII alone. */
function isMaskable(secret: string): boolean {
  return /^[\x21-\x7e]+$/.test(secret)
}

/** As it is written, and what it means. */
function passwordsIn(url: string): string[] {
  if (!URL.canParse(url)) return []
  const { password } = new URL(url)
  return [password, plainText(password)]
}

function plainText(escaped: string): string {
  try {
    return decodeURIComponent(escaped)
  } catch {
    return escaped
  }
}

/** What a line of the log says. */
export interface LogLine {
  level: LogLevel
  message: string
  /** arXiv id; null: it is about no single paper. */
  paper: string | null
}

/**
 * Returns a line of the log, with its end: text for people, or an object of JSON, `{time, level, paper?, message, pid}`.
 *
 * @param now epoch milliseconds.
 */
export function logLine(
  format: Exclude<LogFormat, 'auto'>,
  { level, message, paper }: LogLine,
  now: number,
): string {
  if (format === 'json') {
    const about = paper === null ? {} : { paper }
    return `${JSON.stringify({ time: isoTime(now), level, ...about, message, pid: process.pid })}\n`
  }
  const text = paper === null ? message : `${paper}: ${message}`
  return printable(level === 'info' ? `${text}\n` : `${level}: ${text}\n`)
}
