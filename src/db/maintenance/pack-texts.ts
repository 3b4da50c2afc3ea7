import { packedTightly } from '../checkpoints/packed-texts.js'
import { DamageError } from '../checkpoints/damage.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { BlobsTable } from '../engine/schema.js'
import { transact } from '../engine/steps.js'

/** Texts of one prune: a few minutes' work, and more than a day makes. What is left is for the next one. */
const AT_MOST = 2000
const PAGE = 50

const readQuickly = prepared<{ after: string; limit: number }, BlobsTable>((db, p) =>
  db
    .selectFrom('blobs')
    .selectAll()
    .where('hash', '>', p.after)
    .where('codec', '=', 'deflate')
    .orderBy('hash')
    .limit(p.limit),
)
const replace = preparedWrite<{ hash: string; data: Uint8Array }>((db, p) =>
  db
    .updateTable('blobs')
    .set({ codec: 'brotli', data: p.data })
    .where('hash', '=', p.hash)
    .where('codec', '=', 'deflate'),
)

/**
 * Packs texts anew that were packed in a hurry, when they were stored. Each by itself, so that nobody waits for it; its
 * hash is that of the text, so that whoever reads it meanwhile reads the same. A damaged one stays as it is.
 */
export async function packTexts(db: Db, stop?: AbortSignal): Promise<void> {
  let after = ''
  for (let left = AT_MOST; left > 0; left -= PAGE) {
    const rows = await readQuickly(db, { after, limit: PAGE })
    for (const row of rows) {
      if (stop?.aborted === true) return
      await pack(db, row)
    }
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.hash
  }
}

async function pack(db: Db, row: BlobsTable): Promise<void> {
  try {
    const data = await packedTightly(row)
    if (data.length < row.data.length) {
      await transact(db, () => replace.step({ hash: row.hash, data }))
    }
  } catch (error) {
    if (!(error instanceof DamageError)) throw error
  }
}
