import { RpaError } from '../../core/errors.js'
import { parseRecord } from '../formats/oai-pmh.js'
import { RecordError, type MetadataRecord } from '../formats/types.js'
import { textOf, type XmlElement } from '../formats/xml-elements.js'
import type { ArxivClient } from './arxiv-client.js'

/** Where a harvest stands; saved after each page. */
export interface HarvestPlace {
  /** What was changed on this UTC day or later is still to be asked for; null: everything. */
  from: string | null
  /** Goes on where the last page ended; null: nothing is under way. */
  token: string | null
  /** UTC day on which what is under way was begun, by the server's clock; null: nothing is. */
  begun: string | null
}

export interface HarvestPage {
  records: MetadataRecord[]
  problems: string[]
  /** Where the harvest stands once the records are stored. */
  place: HarvestPlace
  /** Records in all, as far as the server says. */
  total: number | null
}

const NAMES = new Set(['record', 'error', 'resumptionToken', 'responseDate'])

/**
 * Yields what changed, page by page (https://www.openarchives.org/OAI/openarchivesprotocol.html). A token that the server has
 * forgotten begins its window anew.
 *
 * @throws RpaError `arxiv_refused` with what the server says; and as `ArxivClient.ask`.
 */
export async function* harvest(
  client: ArxivClient,
  oaiUrl: string,
  set: string | null,
  start: HarvestPlace,
): AsyncGenerator<HarvestPage> {
  let place = start
  for (;;) {
    const { elements, problems } = await client.ask(addressOf(oaiUrl, set, place), NAMES)
    const error = elements.find(({ name }) => name === 'error')
    const code = error?.attributes['code']
    if (code === 'badResumptionToken' && place.token !== null) {
      place = { from: place.from, token: null, begun: null }
      continue
    }
    if (error !== undefined && code !== 'noRecordsMatch') {
      throw new RpaError(
        'arxiv_refused',
        `${new URL(oaiUrl).host} does not answer this: ${code ?? 'error'}, ${textOf(error).trim()}.`,
        {
          hint: 'Check the category, and oai_url (RPA_OAI_URL).',
        },
      )
    }
    const page: HarvestPage = { records: [], problems, place, total: null }
    for (const record of elements.filter(({ name }) => name === 'record')) read(record, page)
    const begun = place.begun ?? dayOf(elements)
    const token = elements.find(({ name }) => name === 'resumptionToken')
    const next = textOf(token).trim()
    page.total = Number(token?.attributes['completeListSize'] ?? Number.NaN) || null
    page.place =
      next === '' ? { from: begun, token: null, begun: null } : { from: place.from, token: next, begun }
    yield page
    if (next === '') return
    place = page.place
  }
}

function read(record: XmlElement, page: HarvestPage): void {
  try {
    page.records.push(parseRecord(record))
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    page.problems.push(error.message)
  }
}

function addressOf(oaiUrl: string, set: string | null, { from, token }: HarvestPlace): URL {
  const url = new URL(oaiUrl)
  const parameters: Record<string, string> =
    token === null
      ? {
          verb: 'ListRecords',
          metadataPrefix: 'arXivRaw',
          ...(set === null ? {} : { set }),
          ...(from === null ? {} : { from }),
        }
      : { verb: 'ListRecords', resumptionToken: token }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}

/** The server's day: what changes later on it is asked for again. */
function dayOf(elements: readonly XmlElement[]): string | null {
  const text = textOf(elements.find(({ name }) => name === 'responseDate')).trim()
  return /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0] ?? null
}
