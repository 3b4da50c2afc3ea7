/** Where a paper and its versions are found; a report may always lead there. */
const ALWAYS = ['arxiv.org', 'doi.org', 'dx.doi.org']
const HOST = /(?:https?:\s?\/\/\s?|www\.)([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})/gi
const ADDRESS = String.raw`(?:https?:\/\/|www\.)[^\s<>)\]\x60|"]{1,2000}`
/** A link up to its address, the definition of one, or an address that viewers make a link of. What follows may be the next. */
const LINK = new RegExp(
  String.raw`(\]\(\s{0,3}<?)(${ADDRESS})>?|(^[\s>]*\[[^\]\n]{1,200}\]:\s{0,3}<?)(${ADDRESS})|(${ADDRESS})`,
  'gi',
)

/** Returns the hosts that texts name in their addresses, lower case without `www.`, and those of the paper itself. */
export function namedHosts(texts: Iterable<string | null | undefined>): Set<string> {
  const hosts = new Set(ALWAYS)
  for (const text of texts) for (const [, host = ''] of (text ?? '').matchAll(HOST)) hosts.add(bare(host))
  return hosts
}

/**
 * Returns Markdown without code spans in which links lead to these hosts alone: any other address is shown as code, which no
 * viewer follows or makes a link of. Nothing of the text is lost.
 */
export function boundLinks(markdown: string, hosts: ReadonlySet<string>): string {
  return markdown.replace(
    LINK,
    (whole, open?: string, target?: string, definition?: string, defined?: string, address?: string) => {
      const to = target ?? defined ?? address ?? ''
      if (isNamed(to, hosts)) return whole
      if (open !== undefined) return `] (\`${to}\``
      if (definition !== undefined) return `${definition.replace(/\]:[\s<]*$/, '] : ')}\`${to}\``
      const end = /[.,;:!?*_]+$/.exec(to)?.[0] ?? ''
      return `\`${to.slice(0, to.length - end.length)}\`${end}`
    },
  )
}

function isNamed(address: string, hosts: ReadonlySet<string>): boolean {
  const full = /^www\./i.test(address) ? `http://${address}` : address
  return URL.canParse(full) && hosts.has(bare(new URL(full).hostname))
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^www\./, '')
}
