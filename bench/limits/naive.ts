// One process of a client without a ledger: sends as fast as its lanes allow, and backs off as SDKs do.
// Usage: naive.ts URL LANES SECOND_MS UNTIL_EPOCH_MS
import { setTimeout as delay } from 'node:timers/promises'

const [url = '', lanes = '9', secondMs = '1000', until = '0'] = process.argv.slice(2)
const BACKOFFS = [2, 8, 16, 35].map((seconds) => seconds * Number(secondMs))

async function ask(): Promise<void> {
  for (const backoff of [...BACKOFFS, null]) {
    if (Date.now() >= Number(until)) return
    const answer = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'naive/model:free',
        messages: [{ role: 'user', content: 'A question.' }],
      }),
    })
    await answer.text()
    if (answer.status !== 429 || backoff === null) return
    await delay(backoff)
  }
}

await Promise.all(
  Array.from({ length: Number(lanes) }, async () => {
    while (Date.now() < Number(until)) await ask()
  }),
)
