import {
  CORE_CONTRIBUTION,
  CORRECTIONS,
  REPORT_SECTIONS,
  WHOLE_REPORT,
  type Writer,
} from '../../core/report-sections.js'

/** Headings that models write instead of the one asked for. */
const ALIASES: Readonly<Record<string, string>> = {
  'open questions': 'Open Questions the Paper Calls Out',
  'why this works': 'Why This Works (Mechanism)',
  'why it works': 'Why This Works (Mechanism)',
  'mechanism why this works': 'Why This Works (Mechanism)',
}

/** What sections are called by writers who were asked for them by name, in English and in the languages that models fall into. */
const SYNONYMS: Readonly<Record<string, string>> = {
  'Core Contribution':
    'main contribution|contribution|key contribution|kernbeitrag|hauptbeitrag|zentraler beitrag|wichtigster beitrag|contribution principale|contribución principal|contribuição principal|contributo principale|核心贡献|主要贡献',
  'Executive Summary':
    'summary|overview|tl;dr|abstract summary|zusammenfassung|kurzfassung|résumé|synthèse|resumen|resumen ejecutivo|resumo|resumo executivo|sommario|riassunto|samenvatting|резюме|краткое содержание|执行摘要|摘要|概要|エグゼクティブサマリー|요약',
  'Method Summary':
    'method|methods|methodology|approach|methodenübersicht|methodenzusammenfassung|methodenüberblick|zusammenfassung der methode|methode|methodik|méthode|résumé de la méthode|método|resumen del método|metodología|resumo do método|metodo|метод|方法总结|方法概述|方法|手法の概要|방법 요약',
  'Key Results':
    'results|main results|key findings|findings|wichtigste ergebnisse|zentrale ergebnisse|ergebnisse|résultats clés|résultats principaux|résultats|resultados clave|resultados principales|resultados|resultados principais|risultati principali|risultati|основные результаты|关键结果|主要结果|主な結果|핵심 결과',
  'Why This Works (Mechanism)':
    'mechanism|mechanisms|why it works mechanism|warum es funktioniert|warum das funktioniert|warum das so funktioniert|warum dies funktioniert|wirkmechanismus|mechanismus|pourquoi cela fonctionne|mécanisme|por qué funciona|mecanismo|por que funciona|perché funziona|почему это работает|为什么有效|为何有效|为何有效 机制|作用机制|なぜうまくいくのか',
  'Foundational Learning':
    'foundations|key concepts|concepts|prerequisites|background concepts|grundlagen|grundlagenwissen|grundlegendes wissen|grundlegendes lernen|grundlegende konzepte|notions fondamentales|concepts fondamentaux|fundamentos|conceptos fundamentales|conceitos fundamentais|concetti fondamentali|основы|基础知识|基礎知識',
  'Architecture Onboarding':
    'architecture|system architecture|onboarding|architektur|architekturüberblick|einführung in die architektur|einstieg in die architektur|architektur einführung|architektur onboarding|architecture du système|arquitectura|arquitetura|architettura|архитектура|架构入门|架构',
  'Related Work':
    'related works|prior work|verwandte arbeiten|travaux connexes|trabajos relacionados|trabalhos relacionados|lavori correlati|相关工作|関連研究',
  'Open Questions the Paper Calls Out':
    'open problems|future work|unresolved questions|offene fragen|offene fragen des papers|offene fragen der arbeit|offene fragen die das paper aufwirft|offene fragen die das paper nennt|论文提出的开放问题|questions ouvertes|preguntas abiertas|questões em aberto|questioni aperte|открытые вопросы|开放问题|未解决的问题|未解決の問題',
  Limitations:
    'weaknesses|caveats|limits|limitations of the paper|limitations of the study|einschränkungen|grenzen|limitationen|limites|limitaciones|limitações|limitazioni|limiti|beperkingen|ограничения|局限性|局限|限制|限界|制限事項|한계',
  'Does It Add Up?':
    'consistency|consistency check|inconsistencies|internal consistency|stimmt das zusammen|widersprüche|cohérence|inconsistencias|inconsistências|一致性检查|前后一致吗|是否自洽|passt alles zusammen|geht das auf',
  Confidence:
    'confidence assessment|confidence levels|confidence in claims|confidence ratings|trust|vertrauen|konfidenz|zuverlässigkeit|confiance|niveau de confiance|confianza|nivel de confianza|confiança|confidenza|fiducia|vertrouwen|уверенность|置信度|可信度|信頼度|신뢰도',
  'Next Checks':
    'next steps|follow up checks|checks|verification steps|what to check next|nächste prüfungen|nächste überprüfungen|nächste schritte|prochaines vérifications|prochaines étapes|próximas comprobaciones|próximos pasos|próximas verificações|prossimi controlli|prossime verifiche|volgende controles|следующие проверки|下一步检查|后续检查|次の確認事項|다음 확인',
}

const MAX_HEADING = 120
const NUMBERING =
  /^(?:(?:section|part|step|chapter|abschnitt|teil|schritt|kapitel|§+)\s*)?\(?(?:\d{1,2}(?:\.\d{1,2})*|[ivx]{1,5}|[a-k])\s*[.):\-–—]\s+|^(?:section |part |step |chapter |§+)?\s*\d{1,2}(?:\.\d{1,2})*\s+|^第?[一二三四五六七八九十]{1,3}(?:[、.:]|部分:?|[节章]:?)\s*/iu
const BRACKET = /\s*\(([^()]*)\)\s*:?$/

/** Returns all headings of a report and the core contribution's, which comes first. */
export const ALL_HEADINGS: readonly string[] = [
  CORE_CONTRIBUTION,
  ...REPORT_SECTIONS.map(({ heading }) => heading),
]

/** What a heading says, without marks, attributes of Markdown and signs before it, in letters of one width. */
function bareOf(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\{[#.:][^{}]*\}\s*#*$/, '')
    .replace(/[*_`#]+|\uFE0F|\u20E3/gu, ' ')
    .replace(/^[^\p{L}\p{N}(§]+/u, '')
    .trim()
}

function plainOf(text: string): string {
  return bareOf(text).replace(NUMBERING, '')
}

/**
 * Returns the headings a writer owes, in report order; `key_outcome` owes the core contribution first, and the writer of the
 * whole report owes all but corrections: there is nothing yet to mend.
 */
export function headingsOf(writer: Writer | typeof WHOLE_REPORT): string[] {
  const whole = writer === WHOLE_REPORT
  const owed = REPORT_SECTIONS.filter((section) =>
    whole ? section.writer !== null && section.heading !== CORRECTIONS : section.writer === writer,
  ).map((s) => s.heading)
  return whole || writer === 'key_outcome' ? [CORE_CONTRIBUTION, ...owed] : owed
}

/**
 * Returns the heading of the report that a line's text means, or null: case, numbering, emphasis, punctuation, plural and
 * its translation behind a slash or in brackets do not matter.
 */
export function canonicalHeading(text: string): string | null {
  if (text.length > MAX_HEADING) return null
  const plain = plainOf(text)
  return (
    KNOWN.get(fold(bareOf(text))) ??
    KNOWN.get(fold(plain)) ??
    KNOWN.get(fold(plain.replace(BRACKET, ''))) ??
    translatedIn(plain)
  )
}

/** The heading that a text says beside another language's name for it: `核心贡献 (Core Contribution)`. */
function translatedIn(plain: string): string | null {
  const [one, other, ...more] = partsOf(plain)
  if (one === undefined || other === undefined || more.length > 0) return null
  const [known, named] = KNOWN.has(fold(one)) ? [one, other] : [other, one]
  const heading = KNOWN.get(fold(known))
  if (heading === undefined) return null
  return MEANT.get(fold(named)) === heading || (!/[a-z]/i.test(named) && /\p{L}/u.test(named))
    ? heading
    : null
}

function partsOf(plain: string): string[] {
  const [whole, inner] = BRACKET.exec(plain) ?? []
  return whole !== undefined && inner !== undefined
    ? [plain.slice(0, -whole.length), inner]
    : plain.split(/\s*[/|]\s*/)
}

/** Returns the heading among `owed` that a text means in other words or another language, or null. */
export function headingMeantBy(text: string, owed: readonly string[]): string | null {
  if (text.length > MAX_HEADING) return null
  const plain = plainOf(text)
  const meant = MEANT.get(fold(plain)) ?? MEANT.get(fold(plain.replace(BRACKET, '')))
  return meant !== undefined && owed.includes(meant) ? meant : null
}

/** Returns whether a text is a heading of the report, by its name or in other words or another language. */
export function saysHeading(text: string): boolean {
  return canonicalHeading(text) !== null || headingMeantBy(text, ALL_HEADINGS) !== null
}

/** Returns the headings among `owed` that one heading names together ("Limitations and Confidence"); [] for fewer than two. */
export function headingsNamedBy(text: string, owed: readonly string[]): string[] {
  if (text.length > MAX_HEADING) return []
  const parts = plainOf(text).split(/\s*(?:,|;|\/|&|\+|\band\b|\bund\b|\bet\b|\by\b)\s*/i)
  const named = parts.flatMap((part) => canonicalHeading(part) ?? [])
  return named.length === parts.length && named.length > 1 && named.every((heading) => owed.includes(heading))
    ? named
    : []
}

/** Returns the heading among `owed` that a longer one begins with ("Limitations and Future Work") or has in brackets, or null. */
export function headingBegunBy(text: string, owed: readonly string[]): string | null {
  if (text.length > MAX_HEADING) return null
  const plain = plainOf(text)
  const begun = owed.find((heading) => fold(plain).startsWith(`${fold(heading)} `))
  const last = partsOf(plain).slice(1).at(-1)
  return begun ?? owed.find((heading) => fold(heading) === fold(last ?? '')) ?? null
}

/** Returns the words of a text in lower case without plural s, parted by one space; what two headings are compared by. */
export function fold(text: string): string {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/&/g, ' and ')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  return words.map((word) => word.replace(/(?<=[a-z]{3})s$/, '')).join(' ')
}

const KNOWN = new Map<string, string>([
  ...Object.entries(ALIASES).map(([alias, heading]): [string, string] => [fold(alias), heading]),
  ...[...REPORT_SECTIONS.map((section) => section.heading), CORE_CONTRIBUTION].map(
    (heading): [string, string] => [fold(heading), heading],
  ),
])

const MEANT = new Map<string, string>(
  Object.entries(SYNONYMS).flatMap(([heading, names]) =>
    names.split('|').map((name): [string, string] => [fold(name), heading]),
  ),
)
