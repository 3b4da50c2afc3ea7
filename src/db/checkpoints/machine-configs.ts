import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isoTime } from '../../core/clock.js'
import { textOfFile } from '../../core/files/text-encoding.js'
import type { Db } from '../engine/prepared.js'

/** Keeps the text of a machine file as it was run, once by content, so that an old checkpoint can be understood. Returns its hash. */
export async function saveMachineConfig(
  db: Db,
  name: string,
  specVersion: string,
  path: string,
  now: number,
): Promise<string> {
  const raw = textOfFile(await readFile(path))
  const hash = createHash('sha256').update(raw).digest('hex')
  await db
    .insertInto('machine_configs')
    .values({
      config_hash: hash,
      machine_name: name,
      spec_version: specVersion,
      config_raw: raw,
      created_at: isoTime(now),
    })
    .onConflict((conflict) => conflict.column('config_hash').doNothing())
    .execute()
  return hash
}
