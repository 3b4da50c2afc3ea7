import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { messageOf, UsageError } from '../core/errors.js'
import { textOfFile } from '../core/files/text-encoding.js'

/**
 * Returns the text of a file, or of standard input for `-`.
 *
 * @throws UsageError `text_unreadable`.
 */
export async function readText(file: string, stdin: Readable = process.stdin): Promise<string> {
  try {
    if (file !== '-') return textOfFile(await readFile(file))
    const parts: Buffer[] = []
    for await (const part of stdin) parts.push(Buffer.from(part as Buffer | string))
    return textOfFile(Buffer.concat(parts))
  } catch (error) {
    throw new UsageError(
      'text_unreadable',
      `${file === '-' ? 'Standard input' : file} cannot be read: ${messageOf(error)}.`,
      {
        hint: 'Give a text file, or - for standard input.',
        cause: error,
      },
    )
  }
}
