import { isMap, isScalar, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { ConfigError } from '../../core/errors.js'
import { parseYaml } from '../../core/files/yaml-text.js'
import { displayPath, formatKey, InvalidConfigError, yamlMessage, placed } from './faults.js'
import { SPEC_KINDS } from '../spec.js'
import { judgeVersion, SPEC_VERSION } from './version.js'

export interface Migration {
  /** The file as it should be; the same text where nothing is to do. */
  text: string
  /** One line for each change. */
  changes: string[]
}

/**
 * Rewrites the text of a config file to the newest version of the format; comments and order stay.
 * @throws InvalidConfigError if it is not YAML or its version cannot be read; ConfigError `config_kind` if it is none of the four kinds.
 */
export function migrateConfig(text: string, file: string): Migration {
  const shown = displayPath(file)
  const { faults } = parseYaml(text)
  if (faults.length > 0)
    throw new InvalidConfigError(
      faults.map((fault) => ({
        file: shown,
        key: formatKey(fault.keys),
        ...placed(fault),
        message: yamlMessage(fault),
      })),
    )
  const document = parseDocument(text, { merge: true })
  const spec = document.get('spec')
  if (!(SPEC_KINDS as readonly unknown[]).includes(spec)) {
    throw new ConfigError('config_kind', `${shown} is none of ${SPEC_KINDS.join(', ')}.`)
  }
  const version = document.get('spec_version')
  const verdict = judgeVersion(version, shown)
  if (!verdict.ok) {
    throw new InvalidConfigError([
      { file: shown, key: 'spec_version', message: verdict.message, hint: verdict.hint },
    ])
  }
  const changes = [
    ...rewriteKind(document, spec),
    ...rewriteAgent(document, spec),
    ...rewriteHooks(document, spec),
  ]
  if (verdict.older) {
    setVersion(document)
    changes.push(`spec_version: ${String(version)} → ${SPEC_VERSION}`)
  }
  return changes.length === 0 ? { text, changes } : { text: document.toString({ lineWidth: 0 }), changes }
}

function rewriteKind(document: Document, spec: unknown): string[] {
  if (spec !== 'flatprofiles') return []
  document.set('spec', 'flatprofile')
  return ['spec: flatprofiles → flatprofile']
}

/** 1.x named the profile of an agent under `model`. */
function rewriteAgent(document: Document, spec: unknown): string[] {
  const model = document.getIn(['data', 'model'])
  if (spec !== 'flatagent' || typeof model !== 'string' || document.hasIn(['data', 'profile'])) return []
  renameKey(document, ['data'], 'model', 'profile')
  return [`data.model → data.profile: ${model}`]
}

/** 1.x named the class behind the actions; the newest format names who is registered. */
function rewriteHooks(document: Document, spec: unknown): string[] {
  if (spec !== 'flatmachine') return []
  if (document.hasIn(['data', 'lifecycle_hooks'])) return []
  if (document.hasIn(['data', 'hooks'])) {
    renameKey(document, ['data'], 'hooks', 'lifecycle_hooks')
    return ['data.hooks → data.lifecycle_hooks']
  }
  const settings = document.getIn(['data', 'settings'])
  if (!isMap(settings) || !settings.has('hooks')) return []
  document.setIn(['data', 'lifecycle_hooks'], settings.get('hooks', true))
  settings.delete('hooks')
  if (settings.items.length === 0) document.deleteIn(['data', 'settings'])
  return ['data.settings.hooks → data.lifecycle_hooks']
}

function renameKey(document: Document, path: string[], from: string, to: string): void {
  const map = document.getIn(path)
  const pair = isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === from) : undefined
  if (pair !== undefined && isScalar(pair.key)) pair.key.value = to
}

/** Quoted, for as a number 4.10 would be 4.1. */
function setVersion(document: Document): void {
  const node = document.get('spec_version', true)
  if (!isScalar(node)) return
  node.value = SPEC_VERSION
  node.type = 'QUOTE_DOUBLE'
  delete node.source
}
