import { chmodSync } from 'node:fs'
import type { CollectedSettings } from '../../core/settings/resolve-settings.js'
import { profilesShown } from '../config/phase-profiles.js'
import { userAgentOf } from '../resources/user-agent.js'
import { arxivCheck } from './arxiv-check.js'
import { cronCheck, filesCheck, keyChecks } from './config-checks.js'
import { corpusCheck, databaseChecks } from './data-checks.js'
import type { Finding } from './finding.js'
import { badOf } from './finding.js'
import { folderChecks, nodeCheck, sqliteCheck } from './machine-checks.js'
import { modelChecks } from './model-checks.js'

/**
 * Looks at everything that a set-up needs, and changes nothing but what `fix` allows.
 *
 * @param env as this process was started with.
 * @param fix makes a `.env` that others may read its owner's alone.
 */
export async function examine(
  { faults, ...resolved }: CollectedSettings,
  env: NodeJS.ProcessEnv,
  fix: boolean,
): Promise<Finding[]> {
  const { settings, variables, workspace, openEnvFile, strangers } = resolved
  const profiles = profilesShown(settings)
  const sqlite = await sqliteCheck()
  const all = { ...variables, ...env }
  return [
    nodeCheck(),
    sqlite,
    ...(faults.length === 0
      ? [{ check: 'settings', state: 'good' as const, message: workspace ?? 'no rpa.yml here or above' }]
      : faults.map((fault) => badOf('settings', fault))),
    ...strangers.map((message) => ({ check: 'settings', state: 'note' as const, message })),
    ...(openEnvFile === null ? [] : [envFileFinding(openEnvFile, fix)]),
    filesCheck(resolved),
    ...keyChecks(profiles, all),
    ...(await modelChecks(profiles, all, userAgentOf(settings.contact))),
    ...(await arxivCheck(settings, profiles, userAgentOf(settings.contact))),
    ...folderChecks(settings),
    ...(sqlite.state === 'good'
      ? [corpusCheck(settings), ...(await databaseChecks(settings, profiles))]
      : []),
    cronCheck(resolved, profiles, env),
  ]
}

function envFileFinding(file: string, fix: boolean): Finding {
  if (!fix)
    return { check: '.env', state: 'bad', message: `others may read ${file}`, todo: `chmod 600 ${file}` }
  chmodSync(file, 0o600)
  return { check: '.env', state: 'good', message: 'is its owner’s alone now' }
}
