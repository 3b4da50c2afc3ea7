import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { resolveSettings } from '../../src/core/settings/resolve-settings.js'
import { SETTING_WORDS } from '../../src/core/settings/setting-words.js'
import { KEYS, SETTING_NAMES } from '../../src/core/settings/settings.js'
import { readYamlFile } from '../../src/core/files/yaml-file.js'
import { RelevanceFile } from '../../src/corpus/seeding/relevance.js'
import { TerminologyFile } from '../../src/report/terms/terminology.js'
import { LimitsFile } from '../../src/llm/limits.js'
import { Profile } from '../../src/llm/profile-faults.js'
import { agentFile, machineFile, profilesFile, promptFile } from '../../src/machines/spec.js'
import { settingsFile } from '../../src/pipeline/init/settings-file.js'
import { parseYaml } from '../../src/core/files/yaml-text.js'
import { ROOT } from '../support/cli.js'

type Schema = Record<string, unknown>

/** What a file is checked against, as editors understand it; what only code can check is left out. */
function jsonSchema(schema: z.ZodType, title: string): Schema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  })
  return { $schema, title, ...rest }
}

/** Profiles of anybody's providers are read; ours are told of exactly. */
function profiles(): Schema {
  const schema = jsonSchema(profilesFile, 'rpa: profiles.yml') as {
    properties: { data: { properties: { model_profiles: Schema } } }
  } & Schema
  schema.properties.data.properties.model_profiles['additionalProperties'] = z.toJSONSchema(Profile, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema: own, path }) => {
      if (path.length === 0) delete own.$schema
    },
  })
  return schema
}

/** A number may be written as text, as in the environment. */
function settingType(value: unknown): Schema {
  if (typeof value === 'boolean') return { type: ['boolean', 'string', 'null'] }
  if (typeof value === 'number') return { type: ['number', 'string', 'null'] }
  if (Array.isArray(value)) return { type: ['array', 'string', 'null'], items: { type: 'string' } }
  return { type: ['string', 'null'] }
}

async function settings(): Promise<Schema> {
  const { settings: defaults } = await resolveSettings({}, {}, '/workspace')
  const properties = SETTING_NAMES.map((name) => [
    KEYS[name],
    {
      description: SETTING_WORDS[name].about,
      ...settingType(defaults[name] ?? parseYaml(SETTING_WORDS[name].example ?? '').value),
    },
  ])
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'rpa: rpa.yml',
    type: ['object', 'null'],
    properties: Object.fromEntries(properties) as Schema,
    additionalProperties: false,
  }
}

const SCHEMAS: Record<string, () => Schema | Promise<Schema>> = {
  machine: () => jsonSchema(machineFile, 'rpa: a machine'),
  agent: () => jsonSchema(agentFile, 'rpa: an agent'),
  prompt: () => jsonSchema(promptFile, 'rpa: a prompt'),
  profiles,
  limits: () => jsonSchema(LimitsFile, 'rpa: limits.yml'),
  relevance: () => jsonSchema(RelevanceFile, 'rpa: relevance.yml'),
  terminology: () => jsonSchema(TerminologyFile, 'rpa: terminology.yml'),
  rpa: settings,
}

it.each(Object.entries(SCHEMAS))(
  'schemas/%s.schema.json is made of what the program checks',
  async (name, make) => {
    await expect(`${JSON.stringify(await make(), null, 2)}\n`).toMatchFileSnapshot(
      join(ROOT, 'schemas', `${name}.schema.json`),
    )
  },
)

const CONFIG = join(ROOT, 'config')

/** Which schema a file of the package is for. */
function kindOf(file: string): string {
  const name = basename(file, '.yml')
  if (file.includes(join('config', 'machines'))) return 'machine'
  return name.split('.')[1] ?? name
}

describe('the schemas', () => {
  const files = readdirSync(CONFIG, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(CONFIG, name))

  it.each(files.map((file) => [file.slice(CONFIG.length + 1), file]))('accept config/%s', async (_, file) => {
    const schema = await SCHEMAS[kindOf(file)]?.()
    const result = z
      .fromJSONSchema(schema as z.core.JSONSchema.JSONSchema)
      .safeParse(readYamlFile(file) ?? {})
    expect(result.error).toBeUndefined()
  })

  it('accept what the program takes with a warning, and no mistyped member elsewhere', () => {
    const schema = z.fromJSONSchema(jsonSchema(machineFile, 'a machine'))
    const machine = (members: object): unknown => ({
      spec: 'flatmachine',
      spec_version: '4.2.1',
      data: { name: 'one', states: { end: { type: 'final' } }, ...members },
    })
    const foreign = { persistence: { enabled: true, db_path: 'x.sqlite' }, settings: { telemetry: false } }
    expect(schema.safeParse(machine(foreign)).error).toBeUndefined()
    expect(schema.safeParse(machine({ persistence: { enabled: 'perhaps' } })).success).toBe(false)
    expect(schema.safeParse(machine({ contxt: {} })).success).toBe(false)
  })

  it('accept the rpa.yml of init with every setting, and no mistyped one', async () => {
    const text = (await settingsFile('/workspace')).replace(/^# (\w+: )/gm, '$1')
    const schema = z.fromJSONSchema(await settings())
    expect(schema.safeParse(parseYaml(text).value).error).toBeUndefined()
    expect(schema.safeParse({ bugdet: 5 }).success).toBe(false)
  })
})
