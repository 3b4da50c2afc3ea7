import type { LogLevel } from './settings/settings.js'

export interface Logger {
  error(message: string): void
  warn(message: string): void
  info(message: string): void
  debug(message: string): void
  /** Returns the same logger, for lines about one paper. */
  about(paper: string): Logger
  /**
   * Notes that something is waited for until a moment, epoch milliseconds: whoever watches sees it counted down.
   *
   * @returns what ends the note.
   */
  waits(reason: string, until: number): () => void
}

const ORDER: readonly LogLevel[] = ['error', 'warn', 'info', 'debug']

/**
 * Returns a logger that writes lines of the given level and above; what they look like is the writer's business.
 *
 * @param waits where waits are noted; by default nowhere.
 */
export function createLogger(
  level: LogLevel,
  write: (level: LogLevel, message: string, paper: string | null) => void,
  waits: Logger['waits'] = () => () => undefined,
): Logger {
  const threshold = ORDER.indexOf(level)
  const about = (paper: string | null): Logger => {
    const at = (own: LogLevel) => (message: string) => {
      if (ORDER.indexOf(own) <= threshold) write(own, message, paper)
    }
    return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), waits, about }
  }
  return about(null)
}
