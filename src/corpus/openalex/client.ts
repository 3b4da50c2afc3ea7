import { ConfigError } from '../../core/errors.js'
import { isObject, type JsonObject } from '../../core/json.js'
import { HostClient, type HostAccess, type HostKind } from '../hosts/client.js'

// https://developers.openalex.org: lists in pages of at most 100, at most 100 values in one filter, followed by a cursor.

/** Values of one filter, and members of a page. */
export const MOST_VALUES = 100
/** A list of a hundred values is over long before. */
const MOST_PAGES = 20

/** What OpenAlex says of a work. */
export interface Work {
  id: string
  /** In small letters, without the resolver. */
  doi: string | null
  /** Pages it can be read on, in small letters. */
  pages: string[]
  cited_by_count: number
  is_retracted: boolean
  /** In the order in which they stand; at most a hundred. */
  authors: { id: string; name: string; corresponding: boolean }[]
}

/** What OpenAlex says of an author. */
export interface Author {
  id: string
  name: string
  orcid: string | null
  h_index: number | null
  i10_index: number | null
  cited_by_count: number | null
  works_count: number | null
}

const OPENALEX: HostKind = {
  code: 'openalex',
  accept: 'application/json',
  // 403 stands for too many requests, too.
  refusals: new Set([403, 429, 503]),
  settings: 'openalex_url (RPA_OPENALEX_URL)',
  refused: ({ host }, status) =>
    status === 401
      ? new ConfigError('openalex_key_refused', `${host} does not take the key in OPENALEX_API_KEY.`, {
          hint: 'Copy it again from openalex.org/settings/api, or unset the variable.',
        })
      : null,
}

/** How OpenAlex is asked. */
export interface OpenAlexAccess extends HostAccess {
  /** Root of the API. */
  url: string
  /** Null: none; then it answers little. */
  key: string | null
  /** E-mail address of who asks; null: none. */
  mailto: string | null
}

/** Asks OpenAlex for lists of works and authors. */
export class OpenAlexClient {
  readonly #client: HostClient
  readonly #access: OpenAlexAccess

  constructor(access: OpenAlexAccess) {
    this.#access = access
    this.#client = new HostClient(access, OPENALEX)
  }

  /**
   * Returns the works with one of some values, at most MOST_VALUES; throws as `HostClient.ask`.
   *
   * @param by `doi`, or `locations.landing_page_url`.
   */
  async works(by: string, values: readonly string[]): Promise<Work[]> {
    const fields = 'id,doi,cited_by_count,is_retracted,authorships,locations'
    return this.#list('works', by, values, fields, workOf)
  }

  /** Returns the authors of some ids, at most MOST_VALUES; throws as `HostClient.ask`. */
  async authors(ids: readonly string[]): Promise<Author[]> {
    const fields = 'id,display_name,orcid,summary_stats,cited_by_count,works_count'
    return this.#list('authors', 'openalex', ids, fields, authorOf)
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#client.close()
  }

  async #list<T>(
    kind: string,
    by: string,
    values: readonly string[],
    fields: string,
    memberOf: (member: JsonObject) => T | null,
  ): Promise<T[]> {
    const found: T[] = []
    let read = 0
    let cursor: string | null = values.length === 0 ? null : '*'
    for (let page = 0; cursor !== null && page < MOST_PAGES; page++) {
      const url = new URL(`${this.#access.url.replace(/\/+$/, '')}/${kind}`)
      url.searchParams.set('filter', `${by}:${values.join('|')}`)
      url.searchParams.set('select', fields)
      url.searchParams.set('per_page', String(MOST_VALUES))
      url.searchParams.set('cursor', cursor)
      const { key, mailto } = this.#access
      if (mailto !== null) url.searchParams.set('mailto', mailto)
      if (key !== null) url.searchParams.set('api_key', key)
      const { content } = await this.#client.ask(url, listOf)
      found.push(...content.members.flatMap((member) => memberOf(member) ?? []))
      read += content.members.length
      // A cursor comes with every page but an empty one.
      cursor = content.members.length === 0 || read >= content.count ? null : content.next
    }
    return found
  }
}

/** Null: it is cut off, or something else. */
function listOf(body: Buffer): { members: JsonObject[]; count: number; next: string | null } | null {
  const answer = parsed(body.toString('utf8'))
  if (!isObject(answer) || !isObject(answer['meta']) || !Array.isArray(answer['results'])) return null
  const members: unknown[] = answer['results']
  const { count, next_cursor: next } = answer['meta']
  return { members: members.filter(isObject), count: countOf(count) ?? Infinity, next: textOf(next) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

function workOf(member: JsonObject): Work | null {
  const id = shortId(member['id'], 'W')
  if (id === null) return null
  const places = listIn(member['locations'])
  return {
    id,
    doi:
      textOf(member['doi'])
        ?.replace(/^https?:\/\/(?:dx\.)?doi\.org\//i, '')
        .toLowerCase() ?? null,
    pages: places.flatMap((place) => textOf(place['landing_page_url'])?.toLowerCase() ?? []),
    cited_by_count: countOf(member['cited_by_count']) ?? 0,
    is_retracted: member['is_retracted'] === true,
    authors: listIn(member['authorships']).flatMap(({ author, is_corresponding }) => {
      const authorId = isObject(author) ? shortId(author['id'], 'A') : null
      if (authorId === null || !isObject(author)) return []
      const name = textOf(author['display_name']) ?? ''
      return [{ id: authorId, name, corresponding: is_corresponding === true }]
    }),
  }
}

function authorOf(member: JsonObject): Author | null {
  const id = shortId(member['id'], 'A')
  if (id === null) return null
  const stats = isObject(member['summary_stats']) ? member['summary_stats'] : {}
  return {
    id,
    name: textOf(member['display_name']) ?? '',
    orcid: textOf(member['orcid']),
    h_index: countOf(stats['h_index']),
    i10_index: countOf(stats['i10_index']),
    cited_by_count: countOf(member['cited_by_count']),
    works_count: countOf(member['works_count']),
  }
}

/** Returns the id at the end of an address like https://openalex.org/W2741809807. */
function shortId(value: unknown, letter: 'A' | 'W'): string | null {
  const [, id = null] = new RegExp(`(?:^|/)(${letter}\\d{1,20})$`, 'i').exec(textOf(value) ?? '') ?? []
  return id?.toUpperCase() ?? null
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function countOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null
}

function listIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
