import { afterAll, expect, it } from 'vitest'
import { makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const LATER = new Date(Math.floor(Date.now() / 1000) * 1000 + 5 * 3_600_000).toISOString()
const SHOWN = `${LATER.slice(0, 19).replace('T', ' ')} UTC`

it('papers that wait or are held are told from none, and --now takes those that wait', async () => {
  const workspace = await makeLightWorkspace()
  await workspace.seed('0000.00001', '0000.00002', '0000.00003')
  workspace.change(
    "update executions set not_before = ?, error_class = 'timeout' where arxiv_id < '0000.00003'",
    LATER,
  )
  workspace.change("update executions set status = 'prepping' where arxiv_id = '0000.00003'")
  const [held] = workspace.query<{ execution_id: string }>(
    "select execution_id from executions where status = 'prepping'",
  )
  workspace.change(
    `insert into execution_leases (execution_id, owner_id, phase, lease_until, fencing_token, acquired_at, updated_at)
     values (?, 'elsewhere:7:9', 'prep', 32503680000, 1, ?, ?)`,
    held?.execution_id,
    LATER,
    LATER,
  )
  for (const args of [
    ['prep', '--profile', 'offline'],
    ['prep', '--profile', 'offline', '--dry-run'],
    ['resume', '--profile', 'offline'],
  ]) {
    const { stdout, code } = await workspace.rpa(args)
    expect([args, code]).toEqual([args, 0])
    expect(stdout).toContain('no paper is free')
    expect(stdout).toContain(
      `2 papers wait; the first may go on at ${SHOWN} (2 until ${SHOWN}: the model gave no answer in time)`,
    )
    expect(stdout).toContain('1 paper is held by elsewhere:7:9')
    expect(stdout).toContain(`rpa ${args[0]} --now`)
  }
  const status = await workspace.rpa(['status', '--json'])
  expect(status.json<{ work: unknown[] }>().work[0]).toMatchObject({
    phase: 'prep',
    free: 0,
    waiting: [{ error_class: 'timeout', papers: 2, until: LATER }],
    held: [{ owner_id: 'elsewhere:7:9', owner: 'unknown', papers: 1 }],
  })
  expect((await workspace.rpa(['status'])).stdout).toContain('prep: 0 free, 2 waiting until')
  const result = await workspace.phase(['prep', '--profile', 'offline', '--now', '--id', '0000.00001'])
  expect(result).toMatchObject({ claimed: 1, succeeded: 1, waiting: { papers: 1 } })
  expect(await workspace.phase(['prep', '--profile', 'offline', '--now'])).toMatchObject({ claimed: 1 })
})

it('failed papers make one line where nothing else is printed, and a retry that fits none names the classes', async () => {
  const workspace = await makeLightWorkspace()
  await workspace.seed('0000.00001', '0000.00002')
  workspace.change(
    "update executions set arxiv_id = '../x', paper_checksum = null where arxiv_id = '0000.00001'",
  )
  const strict = await workspace.rpa(['prep', '--profile', 'offline', '--strict', '--quiet'])
  expect([strict.code, strict.stdout]).toEqual([1, ''])
  expect(strict.stderr).toMatch(/^rpa: prep: 1 paper failed: \.\.\/x \(bad_arxiv_id\); .*\n$/)
  const none = await workspace.rpa(['retry', '--error-class', 'timeuot'])
  expect(none.stdout).toContain('no failed paper fits; papers failed with: bad_arxiv_id (1)')
  const json = await workspace.rpa(['retry', '--error-class', 'timeuot', '--json'])
  expect(json.json()).toMatchObject({ considered: 0, classes: [{ error_class: 'bad_arxiv_id', count: 1 }] })
})
