import { isoTime, momentText } from '../../core/clock.js'
import type { WaitingPapers } from '../../db/executions/waiting.js'
import { waitWords } from '../failures/wait-words.js'
import type { Resources } from '../resources/resources.js'

/** Papers that a run waits for because there is nothing else to do, as far as was told. */
export class PaperWaits {
  #current: readonly WaitingPapers[] = []
  /** Reasons that were told since a paper ended well. */
  #told = ''

  readonly #resources: Pick<Resources, 'clock' | 'log'>
  readonly #onChange: () => void

  constructor(resources: Pick<Resources, 'clock' | 'log'>, onChange: () => void) {
    this.#resources = resources
    this.#onChange = onChange
  }

  /** The soonest first. */
  current(): readonly WaitingPapers[] {
    const now = isoTime(this.#resources.clock.now())
    return this.#current.filter(({ until }) => until > now)
  }

  /** Nothing can be done before these; says so once for the same reasons. */
  began(papers: readonly WaitingPapers[]): void {
    this.#current = papers
    const [first] = papers
    const reasons = waitReasons(papers)
    if (first === undefined || reasons === this.#told) return
    this.#told = reasons
    const count = papers.reduce((sum, one) => sum + one.papers, 0)
    const wait = count === 1 ? 'paper waits' : 'papers wait, the first'
    this.#resources.log.info(`${count} ${wait} until ${momentText(first.until)}: ${reasons}`)
    this.#onChange()
  }

  /** A paper was taken. */
  ended(): void {
    this.#current = []
  }

  /** A paper ended well: what is waited for from now on is told anew. */
  progressed(): void {
    this.#told = ''
  }
}

/** Returns in words what papers wait for. */
export function waitReasons(papers: readonly WaitingPapers[]): string {
  return [...new Set(papers.map(({ error_class: name }) => waitWords(name)))].join('; ')
}
