import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type * as z from 'zod'
import { diskHint, machineFault } from '../../core/files/disk-error.js'
import { messageOf, systemCode } from '../../core/errors.js'
import { isObject } from '../../core/json.js'
import { liesIn, readSmallFile } from '../../core/files/small-file.js'
import { didYouMean } from '../../core/words-alike.js'
import { parseYaml } from '../../core/files/yaml-text.js'
import type { KeyPath, TextPlace, YamlContent } from '../../core/files/yaml-text.js'
import { configRoot } from './config-root.js'
import { FaultList, warningLine, type Place } from './fault-list.js'
import { displayPath, yamlMessage } from './faults.js'
import { SPEC_KINDS } from '../spec.js'
import type { SpecKind } from '../spec.js'
import { validate } from './validate.js'
import type { KeyFault } from './validate.js'
import { judgeVersion } from './version.js'

export interface LoadOptions {
  /**
   * Returns the absolute path of a file that another names, or null if there is none. Default: relative to
   * the file that names it.
   */
  resolveFile?: (fromFile: string, relativePath: string) => string | null
  /**
   * The folders that hold the configuration: no file outside of them is read, whatever a file names and wherever links
   * lead. Default: what {@link configRoot} returns for the first file; with a `resolveFile` of its own, whatever that returns.
   */
  roots?: readonly string[]
  /** Names of the actions that exist; without it any name is taken. */
  knownActions?: Iterable<string>
  /** Names of the model profiles that exist; without it `profiles.yml` is read. */
  profiles?: Iterable<string>
  /** The folder above which no `profiles.yml` is looked for. Default: the nearest folder named `config`, else the one above the file's. */
  root?: string
  /** Takes one line for each older file and each doubtful key. */
  warn?: (line: string) => void
}

/** A config file's content after its envelope was judged. */
export interface ConfigFile {
  file: string
  spec: SpecKind | null
  specVersion: string | null
  content: unknown
}

/** Reads the config files of one load, each once, and collects what is wrong with them. */
export class ConfigFiles extends FaultList {
  readonly knownActions: ReadonlySet<string> | null
  readonly profileNames: ReadonlySet<string> | null
  /** A file of profiles has faults of its own: which names it would define is not known. */
  profilesAreWrong = false
  readonly #read = new Map<string, ConfigFile>()
  readonly #lines = new Map<string, YamlContent>()
  #roots: readonly string[] | null

  constructor(
    readonly options: LoadOptions,
    lenient = false,
  ) {
    super(lenient)
    this.#roots = options.roots ?? null
    this.knownActions = options.knownActions === undefined ? null : new Set(options.knownActions)
    this.profileNames = options.profiles === undefined ? null : new Set(options.profiles)
  }

  /** Returns every file that was read. */
  files(): ConfigFile[] {
    return [...this.#read.values()]
  }

  /**
   * Returns the absolute path of a file named in another; null, with a fault, if there is none, if it is no regular file or
   * lies outside the configuration.
   */
  locate(place: Place, path: string): string | null {
    const file = this.#candidate(place.file, path)
    if (file === null || statSync(file, { throwIfNoEntry: false }) === undefined)
      this.fault(place, `no such file: ${path}`, `paths are relative to ${displayPath(dirname(place.file))}`)
    else if (!this.#isOurs(file))
      this.fault(place, `${path} lies outside the configuration folder`, 'copy it into the folder')
    else if (!isRegular(file)) this.fault(place, `${path} is not a regular file`)
    else return file
    return null
  }

  /** As {@link locate}, without a fault. */
  find(fromFile: string, path: string): string | null {
    const file = this.#candidate(fromFile, path)
    return file !== null && isRegular(file) && this.#isOurs(file) ? file : null
  }

  #candidate(fromFile: string, path: string): string | null {
    if (path.length > LONGEST_PATH || path.includes('\0')) return null
    return this.options.resolveFile?.(fromFile, path) ?? resolve(dirname(fromFile), path)
  }

  #isOurs(file: string): boolean {
    return this.#roots === null || liesIn(this.#roots, file)
  }

  /** Returns the content of a file; syntax, kind and version are judged the first time it is read. */
  open(file: string): ConfigFile {
    const known = this.#read.get(file)
    if (known !== undefined) return known
    if (this.options.resolveFile === undefined)
      this.#roots ??= [resolve(this.options.root ?? configRoot(file))]
    const source: ConfigFile = { file, spec: null, specVersion: null, content: null }
    this.#read.set(file, source)
    const content = this.#parse(file)
    if (content !== undefined) this.judge(source, content)
    return source
  }

  /** Judges the envelope of a file or of what is written inline in one; a fault leaves `spec` null. */
  judge(source: ConfigFile, content: unknown, keys: KeyPath = []): void {
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
   * Validates content against a schema. Every fault is reported, as a warning where the key only means nothing here; where
   * taking the wrong keys away leaves something valid, that is returned with the places of the faults, so that the rest can be
   * checked too.
   */
  validated<T extends z.ZodType>(
    schema: T,
    content: unknown,
    place: Place,
  ): { data: z.infer<T>; broken: KeyPath[] } | null {
    const first = validate(schema, content)
    if (first.data !== null) return { data: first.data, broken: [] }
    for (const { keys, message, hint, idle } of first.faults) {
      const at = { file: place.file, keys: [...place.keys, ...keys] }
      if (idle === true) this.warning(at, message)
      else this.fault(at, message, hint)
    }
    const second = validate(schema, without(content, first.faults))
    return second.data === null
      ? null
      : {
          data: second.data,
          broken: first.faults.filter(({ idle }) => idle !== true).map(({ keys }) => keys),
        }
  }

  /** Passes the warnings on, one line each. */
  flushWarnings(): void {
    for (const warning of this.warnings) this.options.warn?.(warningLine(warning))
  }

  protected keyPlace({ file, keys }: Place): TextPlace | null {
    return this.#lines.get(file)?.keyPlace(keys) ?? null
  }

  #parse(file: string): unknown {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) {
      this.fault({ file, keys: [] }, 'no such file')
      return undefined
    }
    if (!this.#isOurs(file)) {
      this.fault({ file, keys: [] }, 'a link that leads out of the configuration folder')
      return undefined
    }
    let text: string
    try {
      text = readSmallFile(file)
    } catch (error) {
      const hint = systemCode(error) === null ? undefined : diskHint(error, 'choose another file')
      const machine = machineFault(error)
      if (machine !== null) throw machine
      this.fault({ file, keys: [] }, `cannot be read: ${messageOf(error)}`, hint)
      return undefined
    }
    const content = parseYaml(text)
    const { value, faults } = content
    this.#lines.set(file, content)
    for (const fault of faults) this.fault({ file, keys: fault.keys }, yamlMessage(fault), undefined, fault)
    return faults.length > 0 ? undefined : value
  }
}

const LONGEST_PATH = 1000

function isRegular(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
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
