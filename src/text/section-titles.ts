/** What a section of a paper is for, as its title says. */
export type TitleKind =
  | 'abstract'
  | 'introduction'
  | 'background'
  | 'method'
  | 'setup'
  | 'results'
  | 'discussion'
  | 'limitations'
  | 'future'
  | 'conclusion'
  | 'statement'
  | 'acknowledgements'
  | 'references'
  | 'appendix'

interface Titles {
  /** Whole titles, as letters alone: what may stand at the top level without a number. */
  whole: string
  /** How such a title begins, in words: sure enough to rank a section by. */
  begins: string
  /** Words in a title that make it likely; '' where only its beginning tells. */
  holds: string
}

/**
 * The titles of sections, in the languages in which papers on arXiv are written. The order is that in which a title is
 * tried: what is more specific comes first.
 */
const TITLES: Record<TitleKind, Titles> = {
  references: {
    whole:
      'references?|bibliography|literaturecited|workscited|referencesandnotes|referencelist|literatur|literaturverzeichnis|quellenverzeichnis|références(bibliographiques)?|bibliographie|referencias(bibliográficas)?|bibliografía|riferimenti(bibliografici)?|bibliografia|referências(bibliográficas)?|referencescited|bibliographicreferences|списоклитературы|литература|参考文献|參考文獻|참고문헌',
    begins:
      'references|bibliograph|literature cited|literatur(verzeichnis)?$|références|referencias|riferimenti',
    holds: '',
  },
  acknowledgements: {
    whole: `acknowledge?ments?|authorcontributions?|acknowledge?ments?andfunding|acknowledge?mentsand?disclosureoffunding|funding|danksagung|vorwort|remerciements|agradecimientos|ringraziamenti|agradecimentos`,
    begins:
      'acknowledge?ments?|thanks|danksagung|remerciements|agradecimientos|ringraziamenti|funding|financial (support|disclosure)',
    holds: '',
  },
  statement: {
    whole:
      '(ethics|ethical|impact|broaderimpacts?|reproducibility|dataavailability|codeavailability)statement|(ethical|ethics)considerations|ethics|broaderimpacts?|ethic(s|al)andbroaderimpacts?(statement)?|contributions|(data|code|dataandcode|codeanddata)availability|softwareanddata|disclosureofinterests?|(declarationof)?(competing|conflicting)interests?|conflictsofinterests?|conflictofinterest|(neurips)?(paper)?checklist',
    begins:
      'author( ?s)? (contributions?|information|biograph)|contributions? of authors|credit author|(declaration of )?competing|conflicts? of|declarations?\\b|disclosures?\\b|about the authors?|biograph|((neurips|paper|submission|reproducibility) )+checklist|checklist$|ethics|ethical|broader impact|impact statement|contents$|general terms|categories and subject descriptors|permission to make',
    holds: '',
  },
  appendix: {
    whole:
      'appendix|appendices|supplementarymaterials?|supplementalmaterials?|supplementaryinformation|supportinginformation|anhang|annexes?|apéndice',
    begins: 'appendi(x|ces)|anhang|annexe?s?\\b|supplement|supporting information|apéndice',
    holds: '',
  },
  abstract: {
    whole: 'abstract|zusammenfassung|résumé|resumen|riassunto|resumo',
    begins: '(abstract|zusammenfassung|résumé|resumen|riassunto|resumo)\\b(?! und)',
    holds: '',
  },
  introduction: {
    whole: 'introduction|einleitung|einführung|introducción|introduzione|introdução',
    begins: 'introduc|introduzione|introdução|einleitung|einführung|motivation|overview',
    holds: 'introduction',
  },
  background: {
    whole:
      'background|preliminaries|relatedworks?|previouswork|priorwork|notations?|grundlagen|verwandtearbeiten|stateoftheart|literaturereview',
    begins:
      '(related|previous|prior|earlier) (works?|research|literature|approaches)|background|literature (review|survey)|state of the art|verwandte arbeiten|stand der (forschung|technik)',
    holds:
      'background|related work|previous work|prior work|preliminar\\w*|literature|state of the art|notation|definitions?|grundlagen',
  },
  limitations: {
    whole: 'limitations?|limitationsandfuturework|grenzen',
    begins: 'limitations?|threats? to validity|grenzen',
    holds: 'limitations?|threats? to validity|caveats?|failure cases?|shortcomings?',
  },
  future: {
    whole: 'futurework|futuredirections|outlook|ausblick|perspectives',
    begins: 'future|outlook|ausblick|open (questions?|problems?|issues)',
    holds: 'future|outlook|open (?:questions?|problems?|issues)|perspectives?|challenges|ausblick',
  },
  conclusion: {
    whole:
      '(concluding)?remarks|conclusions?|summary|(discussion|summary|results)and(discussion|conclusions?|outlook|futurework)|conclusions?and(discussion|outlook|futureworks?|futuredirections|perspectives)|fazit|schluss|conclusiones|conclusioni|conclusões|zusammenfassungundausblick',
    begins:
      '((summary|discussions?|results?) and )?(conclu(sions?|ding|siones|sioni|sões)|summary)\\b|fazit|schluss|zusammenfassung und ausblick',
    holds: 'conclu\\w+|summary|closing remarks|final remarks|fazit',
  },
  discussion: {
    whole: 'discussions?|diskussion|discusión|discussione',
    begins: 'discussions?|diskussion|discusión',
    holds: 'discussions?|interpretation|implications?|diskussion',
  },
  setup: {
    whole: 'experimentalsetup|data|datasets?',
    begins: 'experimental (setup|design|details|conditions?)|datasets?|data\\b|implementation',
    holds:
      'datasets?|data|benchmarks?|setup|set up|settings?|protocol|implementation|hyper ?parameters?|training details|experimental (?:setup|design|details|conditions?)|hardware|apparatus|materials|observations?|metrics?|baselines?|corpus|simulations?',
  },
  results: {
    whole:
      'experiments?|experimentalresults|results?|resultsanddiscussion|evaluation|analysis|ergebnisse|resultados|risultati|résultats',
    begins: 'experiments?|results?|evaluation|ergebnisse|resultados|risultati|résultats',
    holds:
      'results?|experiments?|evaluations?|experimental|ablations?|findings|performance|comparisons?|analys[ei]s|case stud(?:y|ies)|empirical|numerical|ergebnisse',
  },
  method: {
    whole: 'methods?|methodology|materialsandmethods|approach|model|methoden?|método|metodi',
    begins: 'methods?|methodology|approach|methode',
    holds:
      'methods?|methodology|approach|model|architecture|algorithm|framework|system|design|training|formulation|proposed|theory|construction|derivation|technique|procedure|optimi[sz]ation|learning|objective|loss|network|methode',
  },
}

const KINDS = Object.keys(TITLES) as TitleKind[]
const compile = (make: (titles: Titles) => RegExp | null): Map<TitleKind, RegExp> =>
  new Map(
    KINDS.flatMap((kind) => {
      const pattern = make(TITLES[kind])
      return pattern === null ? [] : [[kind, pattern] as const]
    }),
  )
const WHOLE = compile(({ whole }) => new RegExp(`^(?:${whole})$`, 'u'))
const BEGINS = compile(({ begins }) => new RegExp(`^(?:${begins})`, 'u'))
const HOLDS = compile(({ holds }) =>
  holds === '' ? null : new RegExp(`(?<![\\p{L}])(?:${holds})(?![\\p{L}])`, 'u'),
)

const NUMBER = /^(?:(?:\d+|[IVXL]+|[A-Z])(?:\.\d+)*[.:)]?\s+)/u

/** Returns a title without its printed number. */
export function withoutNumber(title: string): string {
  return title.replace(NUMBER, '').trim()
}

/** Returns the kind whose usual title this is, letter for letter whatever its spacing, case and number; null: of none. */
export function kindOfWholeTitle(title: string): TitleKind | null {
  for (const text of [withoutNumber(title), title]) {
    const letters = text
      .toLowerCase()
      .normalize('NFKC')
      .replace(/[^\p{L}]+/gu, '')
    const found = find(WHOLE, letters)
    if (found !== null) return found
  }
  return null
}

/** Returns the kind that the beginning of a title tells, or null. */
export function kindOfTitleStart(title: string): TitleKind | null {
  return find(BEGINS, inWords(title))
}

/** Returns the kinds of which a title has a word, the most specific first. */
export function kindsInTitle(title: string): TitleKind[] {
  const words = inWords(title)
  const start = find(BEGINS, words)
  const held = KINDS.filter((kind) => HOLDS.get(kind)?.test(words) === true)
  return start === null || held.includes(start) ? held : [start, ...held]
}

function inWords(title: string): string {
  return withoutNumber(title)
    .toLowerCase()
    .normalize('NFKC')
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim()
}

function find(patterns: ReadonlyMap<TitleKind, RegExp>, text: string): TitleKind | null {
  for (const [kind, pattern] of patterns) if (pattern.test(text)) return kind
  return null
}

/** Titles of what follows the last section of the paper proper. */
const END_MATTER: ReadonlySet<TitleKind> = new Set(['references', 'acknowledgements', 'statement'])

/** Returns whether a kind is of what stands behind the paper proper and says nothing of its matter. */
export function isEndMatter(kind: TitleKind | null): boolean {
  return kind !== null && END_MATTER.has(kind)
}
