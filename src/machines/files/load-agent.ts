import { basename } from 'node:path'
import { messageOf } from '../../core/errors.js'
import { isObject } from '../../core/json.js'
import { checkProfile } from './load-profiles.js'
import type { LoadedProfiles } from '../loaded.js'
import { agentFile, promptFile } from '../spec.js'
import type { AgentData } from '../spec.js'
import type { ConfigFile, ConfigFiles } from './config-files.js'
import type { Place } from './fault-list.js'
import { parseTemplate } from '../language/template.js'
import type { Template } from '../language/template.js'
import type { LoadedAgent } from '../types.js'

/** An agent with its prompt texts parsed. */
export interface ParsedAgent {
  agent: LoadedAgent
  system: Template
  user: Template
}

interface Prompt {
  system: string
  user: string
  systemTemplate: Template
  userTemplate: Template
}

/** Returns the agent of a file; null, with faults, if it is wrong. */
export function loadAgentFile(
  sources: ConfigFiles,
  file: string,
  profiles: LoadedProfiles | null,
): ParsedAgent | null {
  return buildAgent(sources, sources.open(file), [], profiles)
}

/** Returns an agent given as a path, as `{type: flatagent, ref | config}` or written out in place. */
export function loadAgentReference(
  sources: ConfigFiles,
  place: Place,
  reference: unknown,
  profiles: LoadedProfiles | null,
): ParsedAgent | null {
  if (typeof reference === 'string') {
    const file = sources.locate(place, reference)
    return file === null ? null : loadAgentFile(sources, file, profiles)
  }
  if (isObject(reference) && 'type' in reference) {
    if (reference['type'] !== 'flatagent') {
      sources.fault({ ...place, keys: [...place.keys, 'type'] }, 'only agents of type flatagent can be run')
      return null
    }
    const key = 'ref' in reference ? 'ref' : 'config'
    return loadAgentReference(sources, { ...place, keys: [...place.keys, key] }, reference[key], profiles)
  }
  const source: ConfigFile = { file: place.file, spec: null, specVersion: null, content: null }
  sources.judge(source, reference, place.keys)
  return buildAgent(sources, source, place.keys, profiles)
}

function buildAgent(
  sources: ConfigFiles,
  source: ConfigFile,
  keys: Place['keys'],
  profiles: LoadedProfiles | null,
): ParsedAgent | null {
  if (source.spec === null) return null
  const place = { file: source.file, keys }
  const valid = sources.validated(agentFile, source.content, place)
  if (valid === null) return null
  const data = valid.data.data
  const { profile, model } = modelOf(sources, data, place, profiles)
  const prompt = data.prompt
    ? loadPromptReference(sources, { ...place, keys: [...keys, 'data', 'prompt'] }, data.prompt)
    : parsePrompt(
        sources,
        { system: data.system, user: data.user ?? '' },
        { ...place, keys: [...keys, 'data'] },
      )
  if (prompt === null) return null
  const name = data.name ?? stem(source.file)
  const agent: LoadedAgent = {
    name,
    file: source.file,
    system: prompt.system,
    user: prompt.user,
    profile,
    model,
  }
  return { agent, system: prompt.systemTemplate, user: prompt.userTemplate }
}

function modelOf(
  sources: ConfigFiles,
  data: AgentData,
  place: Place,
  profiles: LoadedProfiles | null,
): { profile: string | null; model: LoadedAgent['model'] } {
  const { profile: named, model } = data
  const settings = isObject(model) ? model : null
  const byModel = typeof model === 'string' ? model : settings?.profile
  const profile = named ?? byModel ?? null
  const keys = named ? ['profile'] : settings === null ? ['model'] : ['model', 'profile']
  if (profile !== null)
    checkProfile(sources, { ...place, keys: [...place.keys, 'data', ...keys] }, profile, profiles)
  else if (settings !== null && settings.name === undefined) {
    sources.fault({ ...place, keys: [...place.keys, 'data', 'model'] }, 'needs a `name` or a `profile`')
  }
  if (settings === null) return { profile, model: null }
  const own = Object.fromEntries(Object.entries(settings).filter(([key]) => key !== 'profile'))
  return { profile, model: Object.keys(own).length === 0 ? null : own }
}

/** Checks a prompt file standing alone. */
export function loadPromptFile(sources: ConfigFiles, file: string): Prompt | null {
  return buildPrompt(sources, sources.open(file), [])
}

function loadPromptReference(sources: ConfigFiles, place: Place, reference: unknown): Prompt | null {
  if (typeof reference === 'string') {
    const file = sources.locate(place, reference)
    return file === null ? null : loadPromptFile(sources, file)
  }
  const source: ConfigFile = { file: place.file, spec: null, specVersion: null, content: null }
  sources.judge(source, reference, place.keys)
  return buildPrompt(sources, source, place.keys)
}

function buildPrompt(sources: ConfigFiles, source: ConfigFile, keys: Place['keys']): Prompt | null {
  if (source.spec === null) return null
  const valid = sources.validated(promptFile, source.content, { file: source.file, keys })
  if (valid === null) return null
  return parsePrompt(sources, valid.data.data, { file: source.file, keys: [...keys, 'data'] })
}

function parsePrompt(
  sources: ConfigFiles,
  texts: { system?: string | null | undefined; user: string },
  place: Place,
): Prompt | null {
  const system = texts.system ?? ''
  const systemTemplate = parseText(sources, system, { ...place, keys: [...place.keys, 'system'] })
  const userTemplate = parseText(sources, texts.user, { ...place, keys: [...place.keys, 'user'] })
  if (systemTemplate === null || userTemplate === null) return null
  return { system, user: texts.user, systemTemplate, userTemplate }
}

function parseText(sources: ConfigFiles, text: string, place: Place): Template | null {
  let template: Template
  try {
    template = parseTemplate(text)
  } catch (error) {
    sources.fault(place, `template: ${messageOf(error)}`)
    return null
  }
  const names =
    template.kind === 'jinja' ? template.names.free : template.kind === 'path' ? [template.path.root] : []
  for (const name of names) {
    if (name !== 'input') sources.warning(place, `"${name}" is nothing in a prompt: only input can be used`)
  }
  return template
}

function stem(file: string): string {
  return basename(file)
    .replace(/\.ya?ml$/i, '')
    .replace(/\.(flatagent|agent)$/i, '')
}
