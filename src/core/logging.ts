import type { LogLevel } from './settings.js'

export interface Logger {
  error(message: string): void
  warn(message: string): void
  info(message: string): void
  debug(message: string): void
}

const ORDER: readonly LogLevel[] = ['error', 'warn', 'info', 'debug']

/** Returns a logger that writes lines of the given level and above; what they look like is the writer's business. */
export function createLogger(level: LogLevel, write: (level: LogLevel, message: string) => void): Logger {
  const threshold = ORDER.indexOf(level)
  const at = (own: LogLevel) => (message: string) => {
    if (ORDER.indexOf(own) <= threshold) write(own, message)
  }
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}
