import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { ARXIV_ID_FORMS, faultOfId, readArxivId } from '../core/arxiv-id.js'
import { RpaError, UsageError, messageOf } from '../core/errors.js'
import { textOfFile } from '../core/files/text-encoding.js'

/** Of our own making, as `log` and `status` show it. */
const EXECUTION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Returns the papers that arguments and `--id` name, each once, in their order: arXiv ids in any form without their
 * version, execution ids as they are, `-` for what standard input lists and a file for what it lists. What is none of
 * these is returned as it stands: an executions DB may hold ids that are none.
 *
 * @throws UsageError `bad_arxiv_id` naming the line of a list; `no_ids` where the lists are empty; `ids_unreadable`.
 */
export async function readIds(given: readonly string[], stdin: Readable = process.stdin): Promise<string[]> {
  const ids: string[] = []
  for (const word of given) {
    const id = idOf(word)
    if (id !== null) ids.push(id)
    else if (word === '-') ids.push(...listed('standard input', await textOf(stdin)))
    else if (existsSync(word)) ids.push(...listed(word, await fileText(word)))
    else ids.push(word)
  }
  if (given.length > 0 && ids.length === 0) {
    throw new UsageError('no_ids', `${given.join(', ')}: no id is listed there, so nothing was done.`, {
      hint: 'Without ids at all a command takes whatever is best.',
    })
  }
  return [...new Set(ids)]
}

/** @throws UsageError `bad_arxiv_id` for an argument that is neither an id nor a list of ids. */
export function requireIds(given: readonly string[]): void {
  for (const word of given) if (idOf(word) === null && word !== '-' && !existsSync(word)) refuse(word, '')
}

/** Returns the id that a text is, or null. */
export function idOf(text: string): string | null {
  if (EXECUTION_ID.test(text.trim())) return text.trim().toLowerCase()
  try {
    return readArxivId(text).base
  } catch (error) {
    if (error instanceof RpaError) return null
    throw error
  }
}

/** One id a line, or several parted by blanks and commas; `#` begins a remark. */
function listed(name: string, text: string): string[] {
  return text.split(/\r\n|[\n\r]/).flatMap((line, index) => {
    const content = line.replace(/(^|\s)#.*$/, '').trim()
    if (content.replace(/\uFEFF/g, '') === '') return []
    const whole = idOf(content)
    if (whole !== null) return [whole]
    return content
      .split(/[\s,;]+/)
      .filter((word) => word !== '')
      .map((word) => idOf(word) ?? refuse(word, `${name}, line ${index + 1}: `))
  })
}

async function fileText(path: string): Promise<string> {
  try {
    return textOfFile(await readFile(path))
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(name: string, cause: unknown): UsageError {
  return new UsageError('ids_unreadable', `The list of ids ${name} cannot be read: ${messageOf(cause)}.`, {
    hint: 'Give ids, a file that lists them, or - for standard input.',
    cause,
  })
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(Buffer.from(part as Buffer | string))
  try {
    return textOfFile(Buffer.concat(parts))
  } catch (error) {
    throw unreadable('from standard input', error)
  }
}

/** A path, or a name with an extension that no id has. */
const FILE_NAME = /[\\/]|\.(?:txt|csv|tsv|md|json|jsonl|list|lst|ids|bib|log)$/i

function refuse(word: string, where: string): never {
  const shown = JSON.stringify(word.slice(0, 80))
  if (where === '' && FILE_NAME.test(word) && !word.includes('://')) {
    throw new UsageError('bad_arxiv_id', `There is no file ${shown}, and it is no arXiv id.`, {
      hint: 'Check its path: a list of ids is looked for from the current folder.',
    })
  }
  const fault = faultOfId(word)
  const what =
    fault === null ? 'is neither an arXiv id nor a file that lists some' : `is no arXiv id: ${fault}`
  throw new UsageError('bad_arxiv_id', `${where}${shown} ${what}.`, { hint: ARXIV_ID_FORMS })
}
