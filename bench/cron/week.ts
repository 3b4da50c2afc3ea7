// A week of cron in as much time as its processes take: overlapping lines, kills, a day without answers, a model that is gone,
// midnights. Usage: npx tsx bench/cron/week.ts [--days 7] [--every 6]; needs `npm run build` and libfaketime.
import { parseArgs } from 'node:util'
import { noDays, simulateDays } from '../../test/support/cron-days.js'
import { removeWorkspaces } from '../../test/support/workspace.js'

const { values } = parseArgs({
  options: { days: { type: 'string', default: '7' }, every: { type: 'string', default: '6' } },
})
if (noDays !== null) throw new Error(noDays)
const end = await simulateDays({
  days: Number(values.days),
  every: Number(values.every),
  prepped: 14,
  samples: 7,
  budget: 24,
  outages: [2],
  vanishes: 4,
  killEvery: 5,
  tell: (line) => void process.stderr.write(`${line}\n`),
})
removeWorkspaces()
console.log('| measure | value |\n|---|---|')
console.log(`| papers by status | ${JSON.stringify(end.statuses)} |`)
console.log(`| processes, of which killed with a request in flight | ${end.processes}, ${end.kills} |`)
console.log(`| answers, answers paid twice | ${end.answered}, ${end.paidTwice.length} |`)
console.log(`| requests a day | ${Object.values(end.perDay).join(', ')} (allowed: 24) |`)
console.log(`| executions DB | ${(end.bytes / 1e6).toFixed(1)} MB, ${String(end.integrity)} |`)
for (const [day, lines] of end.mails.entries()) {
  console.log(`| day ${day + 1}: mails of the lines | ${lines.join(' / ') || 'none'} |`)
  console.log(`| and in the morning after | ${end.mornings[day] || 'none'} |`)
}
