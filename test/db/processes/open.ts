import { openDatabase } from '../../../src/db/engine/open.js'
import { RpaError } from '../../../src/core/errors.js'

// Waits for the appointed moment, so that all processes open the file together.
const [path = '', startAt = '0', write] = process.argv.slice(2)
while (Date.now() < Number(startAt));
try {
  const { db, close } = await openDatabase(path)
  if (write !== undefined)
    await db
      .insertInto('circuits')
      .values({ name: write, state: 'closed', opened_at: null, retry_at: null, reason: null })
      .execute()
  await close()
} catch (error) {
  const { code, message, hint } =
    error instanceof RpaError ? error : { code: 'raw', message: String(error), hint: '' }
  process.stdout.write(JSON.stringify({ code, message, hint }))
  process.exitCode = 1
}
