/** Longest part of a file name that comes from the title. */
const MAX_TITLE = 60
/** Names that Windows keeps for devices, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i
/** Letters that do not fall apart into a base letter and accents. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ħ: 'h',
  α: 'alpha', β: 'beta', γ: 'gamma', δ: 'delta', ε: 'epsilon', ζ: 'zeta', η: 'eta', θ: 'theta', ι: 'iota',
  κ: 'kappa', λ: 'lambda', μ: 'mu', ν: 'nu', ξ: 'xi', π: 'pi', ρ: 'rho', σ: 'sigma', ς: 'sigma', τ: 'tau',
  υ: 'upsilon', φ: 'phi', χ: 'chi', ψ: 'psi', ω: 'omega',
} // prettier-ignore

/**
 * Returns the file name of a report: `<arxiv_id>_<title>.md`, ASCII, `/` and `:` of ids as `_`, the title in lower
 * case with `-` between words, cut at a word. Safe on every file system; the last `_` parts id and title.
 */
export function reportFileName(arxivId: string, title: string): string {
  const id = safeId(arxivId)
  const name = `${id}_${titleSlug(title)}.md`
  return RESERVED.test(name) ? `_${name}` : name
}

function safeId(arxivId: string): string {
  const id = arxivId
    .normalize('NFKD')
    .replace(/[/\\:]/g, '_')
    .replace(/[^A-Za-z0-9._-]+/g, '')
    .replace(/^[.\-_]+|[.\-_]+$/g, '')
  return id.slice(0, 40) || 'unknown'
}

function titleSlug(title: string): string {
  const ascii = [...title.slice(0, 2000).normalize('NFKD').toLowerCase()]
    .map((letter) => LETTERS[letter] ?? letter)
    .join('')
    .replace(/\p{M}+/gu, '')
    // LaTeX accents and dollar signs join, apostrophes too; all else parts words.
    .replace(/\\["'`^~=.](?=[a-z{])|[{}$'’]/g, '')
  const words = ascii.match(/[a-z0-9]+/g) ?? []
  let slug = ''
  for (const word of words) {
    const longer = slug === '' ? word.slice(0, MAX_TITLE) : `${slug}-${word}`
    if (longer.length > MAX_TITLE) break
    slug = longer
  }
  return slug || 'paper'
}
