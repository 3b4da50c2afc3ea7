import { afterAll, expect, it } from 'vitest'
import { noDays, simulateDays } from '../support/cron-days.js'
import { removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

if (noDays !== null) process.stderr.write(`days of cron: left out; ${noDays}\n`)

it.skipIf(noDays !== null)(
  'three days of cron with kills, a day without answers and a model that goes end in reports, nothing paid twice, a mail for each bad day',
  async () => {
    const end = await simulateDays({
      days: 3,
      every: 12,
      prepped: 4,
      samples: 1,
      budget: 16,
      outages: [1],
      vanishes: 2,
      killEvery: 3,
    })
    expect(end.failed).toEqual([])
    expect(end.statuses).toEqual({ done: 5 })
    expect(end.paidTwice).toEqual([])
    for (const used of Object.values(end.perDay)) expect(used).toBeLessThanOrEqual(16)
    expect(end.integrity).toBe('ok')
    expect(end.bytes).toBeLessThan(5e6)
    expect(end.mails.flat()).toEqual([])
    const [good, outage, gone] = end.mornings
    expect(good).toBe('')
    expect(outage).toMatch(/^.*(502|requests).*$/)
    expect(gone).toMatch(/^.*: rpa models.*$/)
  },
)
