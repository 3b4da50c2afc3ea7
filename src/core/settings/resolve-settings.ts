import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readEnvFile, strangersIn } from './env-file.js'
import { ConfigError, messageOf, RpaError, UsageError } from '../errors.js'
import type { FlagValues, ResolvedSettings, SettingName, Settings, SettingSource } from './settings.js'
import { DEFINITIONS, KEYS, SETTING_NAMES } from './settings.js'
import type { WorkspaceFile } from './workspace-file.js'
import { findWorkspaceFile, readWorkspaceFile } from './workspace-file.js'

/**
 * Finds every setting's value: flag, else environment, else the workspace's .env, else its rpa.yml (found upward from
 * `cwd`), else the default. Relative paths start from the current folder, in the workspace's files from their own folder.
 *
 * @throws UsageError for a bad flag, ConfigError `setting_invalid`, `workspace_file`, `env_file` for the others.
 */
export async function resolveSettings(
  flags: FlagValues,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<ResolvedSettings> {
  const { faults, ...resolved } = await collectSettings(flags, env, cwd)
  if (faults[0] !== undefined) throw faults[0]
  return resolved
}

export interface CollectedSettings extends ResolvedSettings {
  /** What is wrong, in the order in which the settings stand. */
  faults: RpaError[]
}

/** Returns what {@link resolveSettings} does, with all that is wrong; a setting that is wrong has its default. */
export async function collectSettings(
  flags: FlagValues,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<CollectedSettings> {
  const faults: RpaError[] = []
  const noting = async <T>(work: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RpaError)) throw error
      faults.push(error)
      return otherwise
    }
  }
  const file = findWorkspaceFile(cwd)
  const workspace = file === null ? null : dirname(file)
  const content =
    file === null ? EMPTY : await noting(() => readWorkspaceFile(file, Object.values(KEYS)), EMPTY)
  faults.push(...content.faults)
  // Without an rpa.yml it is another program's.
  const envPath = workspace === null ? null : join(workspace, '.env')
  const envFile = envPath === null ? null : await noting(() => readEnvFile(envPath, VARIABLES), null)
  faults.push(...(envFile?.faults ?? []))
  const variables = Object.fromEntries(
    Object.entries(envFile?.variables ?? {}).filter(([name]) => env[name] === undefined),
  )
  const base = workspace ?? cwd
  const origins = [
    fromFlags(flags, cwd),
    fromVariables(env, 'environment', cwd, ''),
    fromVariables(variables, '.env', base, `${envPath ?? ''}: `),
    fromWorkspace(content, base),
  ]
  const settings: Partial<Record<SettingName, unknown>> = {}
  const sources = {} as Record<SettingName, SettingSource>
  for (const name of SETTING_NAMES) {
    const found = origins.map((origin) => origin(name)).find((one) => one !== null)
    const fallback = DEFINITIONS[name].fallback(settings as Partial<Settings>, base)
    settings[name] = found === undefined ? fallback : await noting(() => parse(name, found), fallback)
    sources[name] = found?.source ?? 'default'
  }
  const own = join(base, 'config')
  if (sources.configDir === 'default' && existsSync(own)) settings.configDir = own
  return {
    settings: settings as unknown as Settings,
    sources,
    workspace,
    variables,
    openEnvFile: envFile?.isOpen === true ? envPath : null,
    strangers: strangersIn(env, VARIABLES),
    faults,
  }
}

const VARIABLES = Object.values(DEFINITIONS).flatMap(({ env }) => env)
const EMPTY: WorkspaceFile = { values: {}, faults: [], placeOf: (key) => key }

/** A value as somebody wrote it. */
interface Found {
  source: SettingSource
  value: unknown
  /** What relative paths start from. */
  base: string
  /** As an error names its place. */
  where: string
}

type Origin = (name: SettingName) => Found | null

function fromFlags(flags: FlagValues, base: string): Origin {
  return (name) =>
    flags[name] === undefined
      ? null
      : { source: 'flag', value: flags[name], base, where: `--${flagName(name)}` }
}

function fromVariables(
  variables: NodeJS.ProcessEnv,
  source: SettingSource,
  base: string,
  place: string,
): Origin {
  return (name) => {
    const variable = DEFINITIONS[name].env.find((candidate) => variables[candidate]?.trim())
    if (variable === undefined) return null
    return { source, value: variables[variable]?.trim(), base, where: `${place}${variable}` }
  }
}

function fromWorkspace({ values, placeOf }: WorkspaceFile, base: string): Origin {
  return (name) => {
    const value = values[KEYS[name]]
    return value === undefined || value === null
      ? null
      : { source: 'rpa.yml', value, base, where: placeOf(KEYS[name]) }
  }
}

function parse(name: SettingName, { source, value, base, where }: Found): unknown {
  try {
    return DEFINITIONS[name].parse(value, base)
  } catch (error) {
    const Failure = source === 'flag' ? UsageError : ConfigError
    throw new Failure('setting_invalid', `${where}: ${messageOf(error)}`, {
      hint: 'Correct it, or leave it out to have the default.',
    })
  }
}

const FLAG_NAMES: Partial<Record<SettingName, string>> = {
  databaseUrl: 'db',
  corpusDb: 'corpus',
  dataDir: 'data-dir',
  configDir: 'config-dir',
  logLevel: 'log-level',
}

function flagName(name: SettingName): string {
  return FLAG_NAMES[name] ?? KEYS[name].replaceAll('_', '-')
}
