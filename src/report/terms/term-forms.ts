/** Words whose plural is no rule's, or that only look like one. */
const IRREGULAR = new Map(
  Object.entries({
    matrices: 'matrix',
    vertices: 'vertex',
    indices: 'index',
    appendices: 'appendix',
    analyses: 'analysis',
    hypotheses: 'hypothesis',
    syntheses: 'synthesis',
    parentheses: 'parenthesis',
    theses: 'thesis',
    crises: 'crisis',
    biases: 'bias',
    gases: 'gas',
    lenses: 'lens',
    corpora: 'corpus',
    phenomena: 'phenomenon',
    criteria: 'criterion',
    automata: 'automaton',
    loci: 'locus',
    schemata: 'schema',
    spectra: 'spectrum',
    nuclei: 'nucleus',
    stimuli: 'stimulus',
    lemmata: 'lemma',
    mice: 'mouse',
    children: 'child',
    people: 'person',
    movies: 'movie',
    cookies: 'cookie',
    metrics: 'metric',
    topics: 'topic',
    heuristics: 'heuristic',
    characteristics: 'characteristic',
    critics: 'critic',
    fabrics: 'fabric',
    logics: 'logic',
    clinics: 'clinic',
    videos: 'video',
    ratios: 'ratio',
    scenarios: 'scenario',
    portfolios: 'portfolio',
    axes: 'axis',
    caches: 'cache',
    headaches: 'headache',
  }),
)
const ALREADY_SINGULAR =
  /(?:ss|us|is|ics|ous|series|species|news|bias|gas|lens|atlas|canvas|alias|chaos|cosmos|ethos|always|diabetes|herpes|bayes|stokes|adams|hodges|kubernetes|gans?|aids|texas|physics|mechanics|dynamics)$/
const PLURAL_NAMES = /^(?:United States|Hawaiian Islands|Netherlands|Philippines)$/
/** British endings and the American ones, as most papers have it. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/isation(s?)$/, 'ization$1'],
  [/(?<=[a-z]{3}(?:al|er|im|in|iv|ar|or|on|at|it|mm|nt|en|im|om|gn|ic|ys))is(e[ds]?|ing|er|ers)$/, 'iz$1'],
  [/(behavi|col|fav|neighb|lab|flav|vap|tum|hon|vig|rum|harb|arm|endeav)our/, '$1or'],
  [/(mode|labe|signa|trave|cance|leve|channe|tunne|fue|marve|counse)ll(ed|ing|er|ers)$/, '$1l$2'],
  [/^(cent|fib|calib|theat|lit|met)re(s?)$/, '$1er$2'],
  [/(catal|dial|anal)ogue(s?)$/, '$1og$2'],
  [/(anal|paral|catal)ys(ed|ing|er|ers)$/, '$1yz$2'],
  [/^(grey)(scale)?$/, 'gray$2'],
  [/^defence$/, 'defense'],
  [/^(haem|leuk|an)aemi/, '$1emi'],
  [/artefact/, 'artifact'],
]
/** Not British, though they end so. */
const NOT_BRITISH =
  /^(?:exercis|promis|comprom|superv|surpr|advert|advis|revis|devis|improvis|televis|enterpr|franchis|premis|precis|concis|nois|rais|prais|otherwis|paradis|analyses$)/

/**
 * Returns a term as every paper would write it: American spelling, its last word in the singular, one blank between words. What
 * counts for capitals and hyphens is for the reader to choose; see `formKey`.
 */
export function plainForm(term: string): string {
  const words = term.normalize('NFKC').trim().split(/\s+/)
  if (PLURAL_NAMES.test(term) || isOfAnotherGrammar(words)) return words.join(' ')
  return words
    .map((word, at) => (at === words.length - 1 ? singular(spelled(word)) : spelled(word)))
    .join(' ')
}

/** Where `de` joins nouns, or adjectives agree with them, one word alone has no singular: `entités nommées`, `réseaux de neurones`. */
function isOfAnotherGrammar(words: readonly string[]): boolean {
  if (words.slice(1, -1).some((word) => LINK.test(word))) return true
  return words.length > 1 && words.every((word) => AGREEING.test(word) && !ALREADY_SINGULAR.test(word))
}

const LINK = /^(?:de|du|des|del|di|do|da|dos|das|della|delle)$/
const AGREEING = /^\p{Ll}[^\s]*s$/u

/** Returns what terms have in common that differ in spelling, number, hyphens, blanks and capitals alone. */
export function formKey(term: string): string {
  const parts = term
    .normalize('NFKC')
    .trim()
    .split(/[-‐‑–_\s]+/)
  return plainForm(parts.join(' ')).replaceAll(' ', '').toLowerCase()
}

function spelled(word: string): string {
  if (!/^\p{L}?\p{Ll}[\p{Ll}-]*$/u.test(word) || NOT_BRITISH.test(word.toLowerCase())) return word
  return word
    .split('-')
    .map((part) => SPELLINGS.reduce((text, [british, american]) => text.replace(british, american), part))
    .join('-')
}

function singular(word: string): string {
  if (/\p{Lu}/u.test(word.slice(1)) || /\d/.test(word))
    // `CNNs`, `GPUs`; names such as `DeepSeek` and `GPS` are left alone.
    return /\p{Lu}[\p{Lu}\d]s$/u.test(word) ? word.slice(0, -1) : word
  const last = /\p{L}+$/u.exec(word)?.[0] ?? ''
  const lower = last.toLowerCase()
  const head = word.slice(0, word.length - last.length)
  const irregular = IRREGULAR.get(lower)
  if (irregular !== undefined) return head + (last === lower ? irregular : capitalised(irregular))
  // Names: `Paxos`.
  if (/^\p{Lu}\p{Ll}+os$/u.test(last)) return word
  if (lower.length < 4 || !lower.endsWith('s') || ALREADY_SINGULAR.test(lower)) return word
  if (/[^aeiou]ies$/.test(lower) && lower.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ch|sh|x|ss|zz)es$/.test(lower)) return word.slice(0, -2)
  return word.slice(0, -1)
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
