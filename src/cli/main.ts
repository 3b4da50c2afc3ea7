import { Config, Errors, run, settings } from '@oclif/core'
import { EXIT, UsageError } from '../core/errors.js'
import { packageRoot } from '../core/package.js'
import { errorDocument, errorLines, exitCodeOf } from './errors.js'
import { wordsOn } from './layout/screen.js'
import { endTelemetry } from './telemetry.js'
import { beforeFlags, checkCommand, helpDocument, helpRequest, refuseFlagsFirst } from './help.js'

/**
 * Runs the command line. Commands report their own errors; what arrives here happened before one was found.
 *
 * @param argv the arguments without node and script.
 */
export async function main(argv: string[]): Promise<void> {
  settings.enableAutoTranspile = false
  process.stdout.on('error', endQuietlyOnClosedPipe)
  process.on('uncaughtException', endOnFailedWrite)
  process.stderr.on('error', goOnWithoutPipe)
  try {
    requireFolder()
    const config = await Config.load({ root: packageRoot() })
    const words = commandFirst(argv)
    if (isForVersion(words)) {
      const { version, platform, arch } = config
      const document = { version, node: process.version, platform, arch }
      const line = `${config.name}/${version} ${platform}-${arch} node-${process.version}`
      process.stdout.write(`${words.includes('--json') ? JSON.stringify(document, null, 2) : line}\n`)
      return
    }
    const help = helpRequest(words, config)
    if (help === null) refuseFlagsFirst(config, argv, words[0])
    checkCommand(config, help?.words ?? beforeFlags(words))
    if (help === null) {
      await run(words, config)
      return
    }
    const document = helpDocument(config, help.words)
    if (help.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    else await run([...help.words, '--help'], config)
  } catch (error) {
    if (error instanceof Errors.ExitError) {
      process.exitCode = error.oclif.exit ?? EXIT.ok
      return
    }
    const document = errorDocument(error)
    if (argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: document }, null, 2)}\n`)
    else process.stderr.write(wordsOn(process.stderr, errorLines(document)))
    process.exitCode = exitCodeOf(error)
  } finally {
    await endTelemetry()
  }
}

/** A folder that was deleted below a shell is still its current one. */
function requireFolder(): void {
  try {
    process.cwd()
  } catch (error) {
    throw new UsageError('folder_gone', 'The current folder is not there any more.', {
      hint: 'Change to one that is: cd …',
      cause: error,
    })
  }
}

/** Global flags that take a value, which must go with them. */
const WITH_VALUE = new Set(['--db', '--corpus', '--config-dir', '--data-dir', '--log-level'])

/** Returns the arguments with the flags that stand before the command behind it, where oclif looks for them. */
function commandFirst(argv: readonly string[]): string[] {
  let at = 0
  while (argv[at]?.startsWith('-') === true) at += WITH_VALUE.has(argv[at] ?? '') ? 2 : 1
  if (at >= argv.length) return [...argv]
  const end = argv.indexOf('--', at)
  const to = end < 0 ? argv.length : end
  return [...argv.slice(at, to), ...argv.slice(0, at), ...argv.slice(to)]
}

/** `--version`, and no command beside it. */
function isForVersion(words: readonly string[]): boolean {
  return words.includes('--version') && words.every((word) => word.startsWith('-'))
}

/** `rpa … | head` closes the pipe early; that is no failure. */
function endQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok)
  process.stderr.write(`rpa: the result cannot be written (${error.code ?? error.message}).\n`)
  process.exit(EXIT.failure)
}

/** Where stdout is a file, a failed write is thrown instead. */
function endOnFailedWrite(error: NodeJS.ErrnoException): void {
  if (error.syscall === 'write') endQuietlyOnClosedPipe(error)
  throw error
}

/** Nobody reads the messages any more; the work goes on. */
function goOnWithoutPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** Returns what oclif keeps in oclif.manifest.json: all commands and flags, so that help needs to load none of them. */
export async function manifest(): Promise<unknown> {
  settings.enableAutoTranspile = false
  const config = await Config.load({ root: packageRoot() })
  const plugin = config.plugins.get(config.name) as { manifest?: unknown } | undefined
  return plugin?.manifest
}
