import type { KeyPath, TextPlace } from '../../core/files/yaml-text.js'
import { MAX_FAULTS } from '../bounds.js'
import { displayPath, formatFault, formatKey, placed, type Fault } from './faults.js'

/** A place in a config file: the file and the keys that lead there. */
export interface Place {
  /** Absolute path. */
  file: string
  keys: KeyPath
}

/** What to do about a fault; where it takes long to find, a function that is called if the fault is kept. */
export type Hint = string | undefined | (() => string | undefined)

const LONGEST_TEXT = 500

/** Collects what is wrong with some config files. */
export abstract class FaultList {
  readonly faults: Fault[] = []
  readonly warnings: Fault[] = []
  readonly #seen = new Set<string>()
  readonly #counts = new Map<string, number>()

  constructor(
    /** Somebody else's configs: what only their runtime can know (actions, profiles) is a warning. */
    readonly lenient: boolean,
  ) {}

  /** Returns where the keys stand in the file's text, null where that is not known. */
  protected abstract keyPlace(place: Place): TextPlace | null

  fault(place: Place, message: string, hint?: Hint, at?: TextPlace): void {
    this.#add(this.faults, place, message, hint, at)
  }

  warning(place: Place, message: string, hint?: Hint): void {
    this.#add(this.warnings, place, message, hint)
  }

  /** Reports what is a fault here and a warning where only the config's own runtime can know. */
  doubt(place: Place, message: string, hint?: Hint): void {
    if (this.lenient) this.warning(place, message, hint)
    else this.fault(place, message, hint)
  }

  /** Each fault once; of a file with hundreds of them the first ones. */
  #add(list: Fault[], place: Place, message: string, hint?: Hint, known?: TextPlace): void {
    const { file, keys } = place
    const key = shortened(formatKey(keys))
    const id = JSON.stringify([file, key, message])
    if (this.#seen.has(id)) return
    this.#seen.add(id)
    const shown = displayPath(file)
    const count = (this.#counts.get(file) ?? 0) + 1
    this.#counts.set(file, count)
    if (count === MAX_FAULTS)
      list.push({ file: shown, key: '', message: 'there are more faults than are shown here' })
    if (count >= MAX_FAULTS) return
    const at = known ?? (keys.length === 0 ? null : this.keyPlace(place))
    const told = typeof hint === 'function' ? hint() : hint
    list.push({
      file: shown,
      key,
      ...placed(at),
      message: shortened(message),
      ...(told === undefined ? {} : { hint: shortened(told) }),
    })
  }
}

/** Returns one line for a warning. The line about an old version names its file itself. */
export function warningLine(warning: Fault): string {
  return warning.message.startsWith(`${warning.file}: `) ? warning.message : formatFault(warning)
}

function shortened(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`
}
