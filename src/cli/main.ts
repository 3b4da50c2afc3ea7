import { Config, Errors, run, settings } from '@oclif/core'
import { EXIT } from '../core/errors.js'
import { packageRoot } from '../core/package.js'
import { errorDocument, exitCodeOf } from './errors.js'

/**
 * Runs the command line. Commands report their own errors; what arrives here happened before one was found.
 *
 * @param argv the arguments without node and script.
 */
export async function main(argv: string[]): Promise<void> {
  settings.enableAutoTranspile = false
  process.stdout.on('error', endQuietlyOnClosedPipe)
  try {
    const config = await Config.load({ root: packageRoot() })
    await run(argv, config)
  } catch (error) {
    if (error instanceof Errors.ExitError) {
      process.exitCode = error.oclif.exit ?? EXIT.ok
      return
    }
    const document = errorDocument(error)
    if (argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: document }, null, 2)}\n`)
    else
      process.stderr.write(
        `rpa: ${document.message}\n${document.hint === undefined ? '' : `  ${document.hint}\n`}`,
      )
    process.exitCode = exitCodeOf(error)
  }
}

/** `rpa … | head` closes the pipe early; that is no failure. */
function endQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok)
  throw error
}

/** Returns what oclif keeps in oclif.manifest.json: all commands and flags, so that help needs to load none of them. */
export async function manifest(): Promise<unknown> {
  settings.enableAutoTranspile = false
  const config = await Config.load({ root: packageRoot() })
  const plugin = config.plugins.get(config.name) as { manifest?: unknown } | undefined
  return plugin?.manifest
}
