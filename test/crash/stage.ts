import { setTimeout as delay } from 'node:timers/promises'
import BetterSqlite3 from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import type { Phase } from '../../src/core/phases.js'
import { PHASES } from '../../src/core/phases.js'
import type { PhaseName } from '../../src/db/engine/schema.js'
import { until } from '../support/cli.js'
import { KEY, makeLightWorkspace } from '../support/workspace.js'
import type { Workspace } from '../support/workspace.js'
import type { Arrival, ModelLog } from './model-log.js'
import { startModelLog } from './model-log.js'

/** Workspaces of the same papers before each phase, with what the server has seen of them. */
export type Stages = Record<PhaseName, { workspace: Workspace; arrivals: readonly Arrival[] }>

export const PHASE_LIST: readonly Phase[] = Object.values(PHASES)

/** Seeds papers and takes them through the phases, keeping a copy of the workspace before each. */
export async function makeStages(...ids: string[]): Promise<Stages> {
  const log = await startModelLog()
  try {
    const workspace = await makeLightWorkspace()
    workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: log.url, RPA_LEASE_TTL: '1' }
    await workspace.seed(...ids)
    const before: Partial<Stages> = {}
    for (const { name } of PHASE_LIST) {
      before[name] = { workspace: workspace.copy(), arrivals: [...log.arrivals] }
      if (name !== 'wrap') await workspace.phase([name])
    }
    return before as Stages
  } finally {
    await log.close()
  }
}

/** Returns a workspace of its own at a stage, with a server of its own; both go when the test ends. */
export async function openStage(
  stages: Stages,
  phase: PhaseName,
): Promise<{ workspace: Workspace; log: ModelLog }> {
  const { workspace: before, arrivals } = stages[phase]
  const log = await startModelLog(arrivals)
  onTestFinished(() => log.close())
  const workspace = before.copy()
  workspace.env = { ...workspace.env, OPENROUTER_BASE_URL: log.url }
  return { workspace, log }
}

/** Looks at the executions DB each millisecond until a query returns a row; for moments that pass soon. */
export async function catchMoment(workspace: Workspace, what: string, sql: string): Promise<void> {
  if (workspace.server !== null) return seen(what, () => workspace.query(sql)[0])
  const db = new BetterSqlite3(workspace.in('data', 'executions.sqlite'), { readonly: true, timeout: 5000 })
  try {
    const query = db.prepare(sql)
    await seen(what, () => query.get())
  } finally {
    db.close()
  }
}

async function seen(what: string, look: () => unknown): Promise<void> {
  const deadline = Date.now() + 30_000
  while (look() === undefined) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`)
    // Without any pause it would take the core that the process needs.
    await delay(1)
  }
}

/** Waits until no lease is live any more: those of killed processes have run out. */
export async function leasesRunOut(workspace: Workspace): Promise<void> {
  await until('the leases have run out', () => {
    const rows = workspace.query<{ last: number }>(
      'select coalesce(max(lease_until), 0) as last from execution_leases',
    )
    return (rows[0]?.last ?? 0) < Math.floor(Date.now() / 1000)
  })
}
