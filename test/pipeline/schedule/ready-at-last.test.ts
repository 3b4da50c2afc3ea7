import { expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import { MODEL, phaseBench } from '../../support/phase-bench.js'

it('takes no paper whose wait ends while the command finds out that nothing can be sent', async () => {
  const bench = await phaseBench()
  const start = Date.now()
  bench.change(
    `insert into circuits (name, state, opened_at, retry_at, error_class, needs_probe)
     values ('model:${MODEL}@${new URL(bench.server.url).host}', 'open', '${isoTime(start)}', '${isoTime(start + 3_600_000)}', 'server_error', 1)`,
  )
  // Each look at the clock finds it a millisecond later, so that the wait ends between any two of them in turn.
  for (let readyAfter = 0; readyAfter < 40; readyAfter += 1) {
    bench.change(`update executions set not_before = '${isoTime(start + readyAfter)}'`)
    let looks = 0
    await bench.run({ laterMs: () => start + looks++ - Date.now() })
    expect(looks).toBeGreaterThan(3)
    expect(bench.query('select execution_id from execution_leases'), `ready at look ${readyAfter}`).toEqual(
      [],
    )
  }
})
