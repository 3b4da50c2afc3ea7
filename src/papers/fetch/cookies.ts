const MOST_COOKIES = 20
const MOST_CHARACTERS = 4096

/**
 * What hosts set on the way to one file: some lead in a circle until their cookie comes back. Kept for that file alone and
 * sent to the very host (and port) that set it, whatever wider domain it names.
 */
export class Cookies {
  readonly #hosts = new Map<string, Map<string, { value: string; secure: boolean }>>()

  /** Notes the Set-Cookie headers of an answer from this URL. */
  note(url: URL, headers: string | string[] | undefined): void {
    for (const header of [headers ?? []].flat()) {
      const [pair = '', ...attributes] = header.split(';').map((part) => part.trim())
      const split = pair.indexOf('=')
      if (split < 1 || pair.length > MOST_CHARACTERS || /[^\x20-\x7e]/.test(pair)) continue
      const cookies = this.#hosts.get(url.host) ?? new Map<string, { value: string; secure: boolean }>()
      this.#hosts.set(url.host, cookies)
      const name = pair.slice(0, split)
      const isOver = attributes.some((text) => /^max-age=(0|-\d+)$/i.test(text))
      if (isOver) cookies.delete(name)
      else if (cookies.has(name) || cookies.size < MOST_COOKIES)
        cookies.set(name, { value: pair, secure: attributes.some((text) => /^secure$/i.test(text)) })
    }
  }

  /** Returns the Cookie header for a request, or null for none. */
  headerFor(url: URL): string | null {
    const cookies = [...(this.#hosts.get(url.host)?.values() ?? [])]
    const sent = cookies.filter(({ secure }) => !secure || url.protocol === 'https:')
    return sent.length === 0 ? null : sent.map(({ value }) => value).join('; ')
  }
}
