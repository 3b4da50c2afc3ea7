import type { Acronym } from '../../text/acronyms.js'
import { formKey } from './term-forms.js'
import type { Terminology } from './terminology.js'

/** Why a form counts as a term. */
export type MergeReason = 'terminology' | 'acronym' | 'form'

export interface VocabularyTerm {
  term: string
  /** Reports that have it, in whatever form. */
  reports: number
  /** What else is written for it, the most frequent first. */
  forms: { form: string; reports: number; by: MergeReason }[]
}

/** The tags of many reports under one name each; holds forms and counts alone, however many reports there are. */
export class Vocabulary {
  readonly #terminology: Terminology
  /** Form → in how many reports. */
  readonly #forms = new Map<string, number>()
  /** Key of a short form → key of each long form → what the reports write. */
  readonly #longForms = new Map<string, Map<string, string>>()
  /** Pairs of forms that one report has, so that it counts once: forms that stand together. */
  readonly #together = new Map<string, number>()

  constructor(terminology: Terminology) {
    this.#terminology = terminology
  }

  /** Takes the tags of one report in, and the short forms it introduces. */
  add(tags: readonly string[], acronyms: readonly Acronym[]): void {
    const forms = [...new Set(tags.map((tag) => tag.trim().replace(/\s+/g, ' ')))]
      .filter((tag) => tag !== '')
      .sort()
    for (const [at, form] of forms.entries()) {
      this.#forms.set(form, (this.#forms.get(form) ?? 0) + 1)
      for (const other of forms.slice(at + 1)) {
        if (!mayBeOne(form, other, acronyms)) continue
        const pair = `${form}\0${other}`
        this.#together.set(pair, (this.#together.get(pair) ?? 0) + 1)
      }
    }
    for (const { short, long } of acronyms) {
      const longs = this.#longForms.get(formKey(short)) ?? new Map<string, string>()
      const known = longs.get(formKey(long))
      longs.set(formKey(long), known === undefined ? long : preferred(known, long))
      this.#longForms.set(formKey(short), longs)
    }
  }

  /** Returns all terms, the most frequent first. */
  terms(): VocabularyTerm[] {
    const groups = new Map<string, { form: string; reports: number; by: MergeReason }[]>()
    for (const [form, reports] of this.#forms) {
      const { key, by } = this.#placeOf(form)
      groups.set(key, [...(groups.get(key) ?? []), { form, reports, by }])
    }
    return [...groups.values()].map((forms) => this.#termOf(forms)).sort(byReports)
  }

  /** Returns what each form is called. */
  names(): Map<string, string> {
    return new Map(
      this.terms().flatMap(({ term, forms }) => [
        [term, term] as const,
        ...forms.map(({ form }) => [form, term] as const),
      ]),
    )
  }

  #termOf(forms: { form: string; reports: number; by: MergeReason }[]): VocabularyTerm {
    const written = forms.filter(({ by }) => by !== 'acronym').map(({ form }) => form)
    const names = (written.length > 0 ? written : forms.map(({ form }) => this.#longOf(form) ?? form)).map(
      (form) => this.#terminology.canonical(form),
    )
    const term = names.reduce(preferred)
    const counted = forms.reduce((sum, { reports }) => sum + reports, 0)
    const twice = forms.reduce(
      (sum, one) =>
        sum + forms.reduce((more, two) => more + (this.#together.get(`${one.form}\0${two.form}`) ?? 0), 0),
      0,
    )
    return {
      term,
      reports: Math.max(...forms.map(({ reports }) => reports), counted - twice),
      forms: forms
        .filter(({ form }) => form !== term)
        .sort((a, b) => b.reports - a.reports || (a.form < b.form ? -1 : 1)),
    }
  }

  #placeOf(form: string): { key: string; by: MergeReason } {
    const named = this.#terminology.canonical(form)
    if (this.#terminology.names(form)) return { key: formKey(named), by: 'terminology' }
    const long = this.#longOf(form)
    if (long === null) return { key: formKey(form), by: 'form' }
    return { key: formKey(this.#terminology.canonical(long)), by: 'acronym' }
  }

  /** The long form of a short one, where all reports agree on it. */
  #longOf(form: string): string | null {
    if (!/\p{Lu}.*\p{Lu}/u.test(form) || form.includes(' ')) return null
    const longs = [...(this.#longForms.get(formKey(form))?.values() ?? [])]
    return longs.length === 1 ? (longs[0] ?? null) : null
  }
}

function mayBeOne(one: string, other: string, acronyms: readonly Acronym[]): boolean {
  const [a, b] = [formKey(one), formKey(other)]
  if (a === b) return true
  return acronyms.some(({ short, long }) => {
    const [s, l] = [formKey(short), formKey(long)]
    return (s === a && l === b) || (s === b && l === a)
  })
}

/** Of two forms of a term the one to show, whatever their number: fewer capitals, then blanks, then hyphens, then the alphabet. */
function preferred(one: string, other: string): string {
  for (const rank of [capitals, joints, hyphens]) {
    const difference = rank(one) - rank(other)
    if (difference !== 0) return difference < 0 ? one : other
  }
  return one <= other ? one : other
}

function capitals(form: string): number {
  return form.match(/\p{Lu}/gu)?.length ?? 0
}

/** A form that is parted into words says more than one that is not. */
function joints(form: string): number {
  return -(form.match(/[-\s]/g)?.length ?? 0)
}

function hyphens(form: string): number {
  return form.match(/-/g)?.length ?? 0
}

function byReports(one: VocabularyTerm, other: VocabularyTerm): number {
  const [a, b] = [one.term.toLowerCase(), other.term.toLowerCase()]
  return other.reports - one.reports || ((a === b ? one.term < other.term : a < b) ? -1 : 1)
}
