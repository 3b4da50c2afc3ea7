import { isObject } from '../../core/json.js'
import { hasEnded } from '../../core/processes/owner.js'
import type { Db } from '../../db/engine/prepared.js'
import { lastRuns } from '../../db/maintenance/command-runs.js'

/** The last run of a command. Times are ISO-8601 UTC text. */
export interface CommandReport {
  command: string
  owner_id: string
  /** `killed`: its process is gone, and said nothing of an end; `running` also where another host's process may be gone. */
  state: 'running' | 'ended' | 'killed'
  started_at: string
  ended_at: string | null
  exit_code: number | null
  /** What came of it, or `error`, its code. */
  result: Record<string, unknown> | null
}

/** Returns the last run of each command, the newest first. */
export async function commandsReport(db: Db): Promise<CommandReport[]> {
  return (await lastRuns(db)).map(({ result, ...run }) => ({
    ...run,
    state: run.ended_at !== null ? 'ended' : hasEnded(run.owner_id) ? 'killed' : 'running',
    result: parsed(result),
  }))
}

function parsed(json: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json ?? 'null')
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
