import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { isPostgresUrl } from '../core/database-url.js'
import { UsageError } from '../core/errors.js'
import type { VacuumResult } from '../db/maintenance/vacuum.js'

async function ofFile(url: string, into: string | undefined, force: boolean): Promise<VacuumResult> {
  const { sqlitePath } = await import('../db/engine/open.js')
  const path = sqlitePath(url)
  return into === undefined
    ? (await import('../db/maintenance/vacuum.js')).vacuumInPlace(path)
    : (await import('../db/maintenance/vacuum-into.js')).vacuumInto(path, into, force)
}

async function onServer(url: string, into: string | undefined): Promise<VacuumResult> {
  if (into !== undefined) {
    throw new UsageError('into_server', 'A DB on a server is not copied to a file by vacuum.', {
      hint: 'Back it up with pg_dump (docs/scaling.md).',
    })
  }
  const [{ openPostgresForUpkeep }, { vacuumServer }] = await Promise.all([
    import('../db/engine/postgres/open.js'),
    import('../db/maintenance/vacuum-server.js'),
  ])
  const database = await openPostgresForUpkeep(url)
  try {
    return await vacuumServer(database.db, database.place)
  } finally {
    await database.close()
  }
}

export default class Vacuum extends BaseCommand {
  static override summary = 'Compact the executions DB, or write a compact copy of it.'
  static override description =
    'In place it needs the DB for itself: while another process has it open nothing is done (exit 75). With --into it works at any time; the copy is one moment of the DB, is checked, and serves as a backup. On PostgreSQL, which takes up the room of deleted rows by itself, it does so at once (VACUUM, ANALYZE) while others work, and checks the texts.'
  static override examples = [
    '<%= config.bin %> vacuum',
    '<%= config.bin %> vacuum --into backup/executions-$(date +%F).sqlite',
  ]
  static override flags = {
    into: Flags.string({
      helpValue: 'FILE',
      description: 'Write a compact, checked copy to this file instead.',
    }),
    force: Flags.boolean({ dependsOn: ['into'], description: 'Replace FILE if it is there.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Vacuum)
    const { settings } = await this.begin(flags)
    const { renderVacuum } = await import('../cli/render/maintenance.js')
    const { databaseUrl } = settings
    const progress = await this.beginProgress('vacuum')
    const work = isPostgresUrl(databaseUrl)
      ? onServer(databaseUrl, flags.into)
      : ofFile(databaseUrl, flags.into, flags.force)
    const result = await work.finally(() => progress.end())
    this.print(renderVacuum(result))
    return result
  }
}
