const AFFILIATION =
  /\b(Universi[tdéà]|Institut|Istituto|Instituto|Department|Departamento|Dipartimento|Laborator|Facult|School of|Schools? \w+|College|Academy|[ÉE]cole|Escuela|Escola|Scuola|Cent(?:er|re|ro) (?:for|of|de|d)|Hospital|Observatory|Corporation|Google|DeepMind|Microsoft|Facebook|OpenAI|NVIDIA|IBM|Amazon|Baidu|Research|Technolog|Inc\.|Ltd|GmbH|CNRS|INRIA|CERN|(?:Georgia|Virginia|Texas) Tech|Caltech|ETH|EPFL|AI Lab|Labs?\b|Ministry|Pol[iy]t[eé]ch?ni|Hochschule|Fakultät)/u
const ADDRESS = /\S@\S|https?:\/\/|\b[A-Z]{0,2}-?\d{4,6}\b/u
const MARKED = /^[¹²³⁴⁵⁶⁷⁸⁹*∗†‡§¶]|^[a-z\d]{1,2}(?=\p{Lu}\p{Ll})/u
/** Running text has at least this share of its words in small letters; names and addresses have not. */
const MIN_SMALL = 0.55

/** Returns whether a text is sentences, not a list of names or an address. */
export function isProse(text: string): boolean {
  return smallShare(text) >= MIN_SMALL
}

function smallShare(text: string): number {
  const words = text.match(/\p{L}[\p{L}’'-]+/gu) ?? []
  return words.length === 0 ? 0 : words.filter((w) => /^\p{Ll}/u.test(w)).length / words.length
}

/** Returns whether a line names an institution or says where it is. */
export function isAffiliation(text: string): boolean {
  return AFFILIATION.test(text) || ADDRESS.test(text) || MARKED.test(text)
}

/** Returns whether a line names authors or where they work rather than begin a sentence. */
export function isByline(text: string): boolean {
  return isAffiliation(text) ? !isProse(text) : smallShare(text) < 0.3
}

const STREET = /\s(?:Lane|Drive|Court|Square|Way|Boulevard|Parkway)$/u
const TOWN = /^\p{Lu}[\p{L}. ]+,\s?[A-Z]{2},?\s\d{5}\b/u

/** Returns whether a row that might be a name is a street: below an institution, right above a town and its postal code. */
export function isStreet(rows: readonly string[], index: number): boolean {
  const [above = '', row = '', below = ''] = rows.slice(Math.max(0, index - 1), index + 2)
  return index > 0 && STREET.test(row.trim()) && TOWN.test(below.trim()) && isAffiliation(above)
}
