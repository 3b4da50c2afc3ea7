const MOST_WORDS = 6
const LONGEST = 60
/** `smith2020learning`, `doe20`: a key of somebody's bibliography. */
const CITATION_KEY = /^[a-z]+(?:19|20)\d\d[a-z]*$|^[a-z]+ et al\.?$/i
/** A phrase that begins or ends with such a word is cut out of a sentence. */
const FRAGMENT = /^(?:and|of|the|with|for|in|on|to|by)\b|\b(?:and|of|the|with|for|in|on|to|by|a|an)$/i

/** Returns what is wrong with a report's tags, one line each; [] for good ones. */
export function tagFaults(tags: readonly string[]): string[] {
  if (tags.length === 0) return ['there are none']
  const seen = new Map<string, string>()
  return tags.flatMap((tag) => {
    const faults: string[] = []
    const same = seen.get(keyOf(tag))
    if (same !== undefined) faults.push(`"${tag}" is "${same}" again`)
    else seen.set(keyOf(tag), tag)
    if (!/\p{L}{2}/u.test(tag)) faults.push(`"${tag}" is no term`)
    else if (CITATION_KEY.test(tag)) faults.push(`"${tag}" is a citation`)
    else if (tag.length > LONGEST || tag.split(/\s+/).length > MOST_WORDS)
      faults.push(`"${tag}" is a sentence`)
    else if (FRAGMENT.test(tag)) faults.push(`"${tag}" is a fragment`)
    return faults
  })
}

/** Spelling, hyphen and number do not make another term. */
function keyOf(tag: string): string {
  return tag
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[-_\s]+/g, '')
    .replace(/(?<=[a-z]{3}[^s])s$/, '')
}
