import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { diskHint } from '../core/disk-error.js'
import { messageOf, systemCode } from '../core/errors.js'
import { isObject } from '../core/json.js'
import { didYouMean, displayPath, formatFault, formatKey } from './faults.js'
import type { Fault, KeyPath } from './faults.js'
import { SPEC_KINDS } from './spec.js'
import type { SpecKind } from './spec.js'
import { validate } from './validate.js'
import type { KeyFault } from './validate.js'
import { judgeVersion } from './version.js'
import { parseYaml } from './yaml-file.js'

export interface LoadOptions {
  /**
   * Returns the absolute path of a file that another names, or null if there is none. Default: relative to
   * the file that names it.
   */
  resolveFile?: (fromFile: string, relativePath: string) => string | null
  /** Names of the actions that exist; without it any name is taken. */
  knownActions?: Iterable<string>
  /** Names of the model profiles that exist; without it `profiles.yml` is read. */
  profiles?: Iterable<string>
  /** The folder above which no `profiles.yml` is looked for. Default: the nearest folder named `config`, else the one above the file's. */
  root?: string
  /** Takes one line for each older file and each doubtful key. */
  warn?: (line: string) => void
}

/** A place in a config file: the file and the keys that lead there. */
export interface Place {
  /** Absolute path. */
  file: string
  keys: KeyPath
}

/** A config file's content after its envelope was judged. */
export interface Source {
  file: string
  spec: SpecKind | null
  specVersion: string | null
  content: unknown
}

/** Reads the config files of one load, each once, and collects what is wrong with them. */
export class Sources {
  readonly faults: Fault[] = []
  readonly warnings: Fault[] = []
  readonly knownActions: ReadonlySet<string> | null
  readonly profileNames: ReadonlySet<string> | null
  private readonly read = new Map<string, Source>()
  private readonly seen = new Set<string>()

  constructor(
    readonly options: LoadOptions,
    /** Somebody else's configs: what only their runtime can know (actions, profiles) is a warning. */
    readonly lenient = false,
  ) {
    this.knownActions = options.knownActions === undefined ? null : new Set(options.knownActions)
    this.profileNames = options.profiles === undefined ? null : new Set(options.profiles)
  }

  fault(place: Place, message: string, hint?: string): void {
    this.add(this.faults, place, message, hint)
  }

  warning(place: Place, message: string, hint?: string): void {
    this.add(this.warnings, place, message, hint)
  }

  /** Reports what is a fault here and a warning where only the config's own runtime can know. */
  doubt(place: Place, message: string, hint?: string): void {
    if (this.lenient) this.warning(place, message, hint)
    else this.fault(place, message, hint)
  }

  /** Returns every file that was read. */
  files(): Source[] {
    return [...this.read.values()]
  }

  /** Returns the absolute path of a file named in another; null, with a fault, if it does not exist. */
  locate(place: Place, path: string): string | null {
    const file = this.find(place.file, path)
    if (file === null)
      this.fault(place, `no such file: ${path}`, `paths are relative to ${displayPath(dirname(place.file))}`)
    return file
  }

  /** As {@link locate}, without a fault. */
  find(fromFile: string, path: string): string | null {
    if (this.options.resolveFile !== undefined) return this.options.resolveFile(fromFile, path)
    const file = resolve(dirname(fromFile), path)
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : null
  }

  /** Returns the content of a file; syntax, kind and version are judged the first time it is read. */
  open(file: string): Source {
    const known = this.read.get(file)
    if (known !== undefined) return known
    const source: Source = { file, spec: null, specVersion: null, content: null }
    this.read.set(file, source)
    const content = this.parse(file)
    if (content !== undefined) this.judge(source, content)
    return source
  }

  /** Judges the envelope of a file or of what is written inline in one; a fault leaves `spec` null. */
  judge(source: Source, content: unknown, keys: KeyPath = []): void {
    const place = { file: source.file, keys }
    if (!isObject(content)) {
      this.fault(place, 'expected a map with spec, spec_version and data')
      return
    }
    const spec = content['spec']
    if (!isSpec(spec)) {
      const message = spec === undefined ? 'is missing' : `unknown kind ${JSON.stringify(spec)}`
      const near = typeof spec === 'string' ? didYouMean(spec, SPEC_KINDS) : undefined
      this.fault({ ...place, keys: [...keys, 'spec'] }, message, near ?? `one of ${SPEC_KINDS.join(', ')}`)
      return
    }
    const verdict = judgeVersion(content['spec_version'], displayPath(source.file))
    if (!verdict.ok) {
      this.fault({ ...place, keys: [...keys, 'spec_version'] }, verdict.message, verdict.hint)
      return
    }
    if (verdict.warning !== undefined) this.warning({ ...place, keys: [] }, verdict.warning)
    source.spec = spec
    source.specVersion = String(content['spec_version'])
    source.content = content
  }

  /**
   * Validates content against a schema. Every fault is reported; where taking the wrong keys away leaves
   * something valid, that is returned with the places of the faults, so that the rest can be checked too.
   */
  validated<T extends z.ZodType>(
    schema: T,
    content: unknown,
    place: Place,
  ): { data: z.infer<T>; broken: KeyPath[] } | null {
    const first = validate(schema, content)
    if (first.data !== null) return { data: first.data, broken: [] }
    for (const fault of first.faults) {
      this.fault({ file: place.file, keys: [...place.keys, ...fault.keys] }, fault.message, fault.hint)
    }
    const second = validate(schema, without(content, first.faults))
    return second.data === null
      ? null
      : { data: second.data, broken: first.faults.map((fault) => fault.keys) }
  }

  /** Passes the warnings on, one line each. */
  flushWarnings(): void {
    for (const warning of this.warnings) this.options.warn?.(warningLine(warning))
  }

  private parse(file: string): unknown {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (error) {
      const message = systemCode(error) === 'ENOENT' ? 'no such file' : `cannot be read: ${messageOf(error)}`
      this.addText(this.faults, file, '', message, diskHint(error, 'choose another file'))
      return undefined
    }
    const { value, faults } = parseYaml(text)
    for (const fault of faults) this.addText(this.faults, file, fault.key, fault.message)
    return faults.length > 0 ? undefined : value
  }

  private add(list: Fault[], place: Place, message: string, hint?: string): void {
    this.addText(list, place.file, formatKey(place.keys), message, hint)
  }

  private addText(list: Fault[], file: string, key: string, message: string, hint?: string): void {
    const id = JSON.stringify([file, key, message])
    if (this.seen.has(id)) return
    this.seen.add(id)
    const fault: Fault = { file: displayPath(file), key, message }
    list.push(hint === undefined ? fault : { ...fault, hint })
  }
}

/** Returns one line for a warning. The line about an old version names its file itself. */
export function warningLine(warning: Fault): string {
  return warning.message.startsWith(`${warning.file}: `) ? warning.message : formatFault(warning)
}

function isSpec(value: unknown): value is SpecKind {
  return (SPEC_KINDS as readonly unknown[]).includes(value)
}

/** Returns a copy without the keys that are at fault. */
function without(content: unknown, faults: readonly KeyFault[]): unknown {
  const copy: unknown = structuredClone(content)
  for (const { keys } of faults) {
    let parent = copy
    for (const key of keys.slice(0, -1)) {
      parent =
        isObject(parent) || Array.isArray(parent) ? (parent as Record<string | number, unknown>)[key] : null
    }
    const last = keys.at(-1)
    if (isObject(parent) && last !== undefined) Reflect.deleteProperty(parent, last)
  }
  return copy
}
