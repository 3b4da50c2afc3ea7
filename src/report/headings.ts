import {
  CORE_CONTRIBUTION,
  CORRECTIONS,
  REPORT_SECTIONS,
  WHOLE_REPORT,
  type Writer,
} from '../core/report-sections.js'

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
    'main contribution|contribution|key contribution|kernbeitrag|hauptbeitrag|contribution principale|contribución principal|contribuição principal|contributo principale|核心贡献|主要贡献',
  'Executive Summary':
    'summary|overview|tl;dr|abstract summary|zusammenfassung|kurzfassung|résumé|synthèse|resumen|resumen ejecutivo|resumo|resumo executivo|sommario|riassunto|samenvatting|резюме|краткое содержание|执行摘要|摘要|概要|エグゼクティブサマリー|요약',
  'Method Summary':
    'method|methods|methodology|approach|methodenübersicht|methode|methodik|méthode|résumé de la méthode|método|resumen del método|metodología|resumo do método|metodo|метод|方法总结|方法概述|方法|手法の概要|방법 요약',
  'Key Results':
    'results|main results|key findings|findings|wichtigste ergebnisse|zentrale ergebnisse|ergebnisse|résultats clés|résultats principaux|résultats|resultados clave|resultados principales|resultados|resultados principais|risultati principali|risultati|основные результаты|关键结果|主要结果|主な結果|핵심 결과',
  'Why This Works (Mechanism)':
    'mechanism|mechanisms|why it works mechanism|warum es funktioniert|warum das funktioniert|wirkmechanismus|mechanismus|pourquoi cela fonctionne|mécanisme|por qué funciona|mecanismo|por que funciona|perché funziona|почему это работает|为什么有效|作用机制|なぜうまくいくのか',
  'Foundational Learning':
    'foundations|key concepts|concepts|prerequisites|background concepts|grundlagen|grundlegende konzepte|notions fondamentales|concepts fondamentaux|fundamentos|conceptos fundamentales|conceitos fundamentais|concetti fondamentali|основы|基础知识|基礎知識',
  'Architecture Onboarding':
    'architecture|system architecture|onboarding|architektur|architekturüberblick|architecture du système|arquitectura|arquitetura|architettura|архитектура|架构入门|架构',
  'Related Work':
    'related works|prior work|verwandte arbeiten|travaux connexes|trabajos relacionados|trabalhos relacionados|lavori correlati|相关工作|関連研究',
  'Open Questions the Paper Calls Out':
    'open problems|future work|unresolved questions|offene fragen|questions ouvertes|preguntas abiertas|questões em aberto|questioni aperte|открытые вопросы|开放问题|未解决的问题|未解決の問題',
  Limitations:
    'weaknesses|caveats|limits|limitations of the paper|limitations of the study|einschränkungen|grenzen|limitationen|limites|limitaciones|limitações|limitazioni|limiti|beperkingen|ограничения|局限性|局限|限制|限界|制限事項|한계',
  'Does It Add Up?':
    'consistency|consistency check|inconsistencies|internal consistency|stimmt das zusammen|widersprüche|cohérence|inconsistencias|inconsistências|一致性检查',
  Confidence:
    'confidence assessment|confidence levels|confidence in claims|confidence ratings|trust|vertrauen|konfidenz|zuverlässigkeit|confiance|niveau de confiance|confianza|nivel de confianza|confiança|confidenza|fiducia|vertrouwen|уверенность|置信度|可信度|信頼度|신뢰도',
  'Next Checks':
    'next steps|follow up checks|checks|verification steps|what to check next|nächste prüfungen|nächste schritte|prochaines vérifications|prochaines étapes|próximas comprobaciones|próximos pasos|próximas verificações|prossimi controlli|prossime verifiche|volgende controles|следующие проверки|下一步检查|后续检查|次の確認事項|다음 확인',
}

const MAX_HEADING = 120
const NUMBERING =
  /^(?:section\s+)?(?:\d{1,2}(?:\.\d{1,2})*|[ivx]{1,5}|[a-k])\s*[.):\-–—]\s+|^\d{1,2}(?:\.\d{1,2})*\s+/i

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

/** Returns the heading of the report that a line's text means, or null: case, numbering, emphasis, punctuation and plural do not matter. */
export function canonicalHeading(text: string): string | null {
  if (text.length > MAX_HEADING) return null
  const bare = text.replace(/[*_`#]+/g, ' ').trim()
  const plain = bare.replace(NUMBERING, '')
  return (
    KNOWN.get(fold(bare)) ??
    KNOWN.get(fold(plain)) ??
    KNOWN.get(fold(plain.replace(/\([^()]*\)\s*:?$/, ''))) ??
    null
  )
}

/** Returns the heading among `owed` that a text means in other words or another language, or null. */
export function headingMeantBy(text: string, owed: readonly string[]): string | null {
  if (text.length > MAX_HEADING) return null
  const bare = text.replace(/[*_`#]+/g, ' ').trim()
  const meant = MEANT.get(fold(bare.replace(NUMBERING, '')))
  return meant !== undefined && owed.includes(meant) ? meant : null
}

/** Returns the headings among `owed` that one heading names together ("Limitations and Confidence"); [] for fewer than two. */
export function headingsNamedBy(text: string, owed: readonly string[]): string[] {
  if (text.length > MAX_HEADING) return []
  const parts = text
    .replace(/[*_`#]+/g, ' ')
    .trim()
    .replace(NUMBERING, '')
    .split(/\s*(?:,|;|\/|&|\+|\band\b|\bund\b|\bet\b|\by\b)\s*/i)
  const named = parts.flatMap((part) => canonicalHeading(part) ?? [])
  return named.length === parts.length && named.length > 1 && named.every((heading) => owed.includes(heading))
    ? named
    : []
}

/** Returns the heading among `owed` that a longer one begins with ("Limitations and Future Work"), or null. */
export function headingBegunBy(text: string, owed: readonly string[]): string | null {
  if (text.length > MAX_HEADING) return null
  const folded = fold(
    text
      .replace(/[*_`#]+/g, ' ')
      .trim()
      .replace(NUMBERING, ''),
  )
  return owed.find((heading) => folded.startsWith(`${fold(heading)} `)) ?? null
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
