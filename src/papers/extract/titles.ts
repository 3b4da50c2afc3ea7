import { plainTitle } from './outline.js'

/** Sections that stand at the top level even where they carry no number and their neighbours do. */
const KNOWN = new RegExp(
  '^(abstract|introduction|background|preliminaries|relatedworks?|previouswork|priorwork|methods?|methodology|' +
    'materialsandmethods|approach|model|experiments?|experimentalsetup|experimentalresults|results?|' +
    'resultsanddiscussion|evaluation|analysis|discussions?|(concluding)?remarks|conclusions?|summary|' +
    '(discussion|summary|results)and(discussion|conclusions?|outlook|futurework)|conclusions?and(discussion|outlook|' +
    'futureworks?|futuredirections|perspectives)|futurework|futuredirections|limitations?|limitationsandfuturework|' +
    'outlook|notations?|(ethics|ethical|impact|broaderimpacts?|reproducibility|dataavailability|' +
    'codeavailability)statement|(ethical|ethics)considerations|ethics|broaderimpacts?|' +
    'ethic(s|al)andbroaderimpacts?(statement)?|acknowledge?ments?|acknowledge?ments?andfunding|' +
    'acknowledge?mentsand?disclosureoffunding|funding|authorcontributions?|contributions|' +
    '(data|code|dataandcode|codeanddata)availability|softwareanddata|disclosureofinterests?|' +
    '(declarationof)?(competing|conflicting)interests?|conflictsofinterests?|conflictofinterest|' +
    'references|bibliography|literaturecited|workscited|referencesandnotes|literatur|literaturverzeichnis|' +
    '(neurips)?(paper)?checklist|appendix|appendices|supplementarymaterials?|supplementalmaterials?|' +
    'supplementaryinformation|supportinginformation|einleitung|zusammenfassung|fazit|danksagung|vorwort)$',
)
/** What stands by itself after the last section, at whatever place the bookmarks put it. */
const BACK_MATTER =
  /^(acknowledge?ments?|references|bibliography|appendix|appendices|authorcontributions?|funding|danksagung)$/u

/** Lines at the head of a paper that begin in bold but are no headings; statements in bold. */
export const RUN_IN =
  /^(keywords?|key words|index terms|pacs|ccs concepts|jel|msc|theorem|lemma|definition|proposition|corollary|remark|example|proof|satz|beispiel|bemerkung|korollar|behauptung)\b/iu
const REFERENCES =
  /^(references?|bibliography|literaturecited|workscited|referencesandnotes|referencelist|literatur|literaturverzeichnis|références|bibliographie|referencias)$/u

/** True if the heading opens the list of references. */
export function isReferencesTitle(text: string): boolean {
  return REFERENCES.test(plainTitle(text)) || REFERENCES.test(text.toLowerCase().replace(/[^\p{L}]+/gu, ''))
}

/** True if the text is the usual title of a section. */
export function isKnown(text: string): boolean {
  if (text.length > 80) return false
  return KNOWN.test(plainTitle(text)) || KNOWN.test(text.toLowerCase().replace(/[^\p{L}]/gu, ''))
}

/** True for titles of what follows the last section. */
export function isBackMatter(text: string): boolean {
  return BACK_MATTER.test(plainTitle(text))
}
