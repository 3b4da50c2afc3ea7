import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { ROOT, runCli } from '../support/cli.js'
import { temporaryFolder } from '../support/temp.js'
import { makeLightWorkspace, removeWorkspaces, type Workspace } from '../support/workspace.js'

afterAll(removeWorkspaces)

async function seeded(
  workspace: Workspace,
  args: string[],
  shell?: string,
): Promise<Record<string, unknown>> {
  const options = shell === undefined ? {} : { shell }
  const end = await workspace.rpa(['seed', ...args, '--json'], {}, options)
  expect(end.stderr).toBe('')
  return end.json()
}

it('a paper is named the same way as an argument, as --id, in a file and on standard input', async () => {
  const forms = ['0000.00001', 'arXiv:0000.00001v2', 'https://arxiv.org/abs/0000.00001', '(0000.00001).']
  for (const form of forms) {
    for (const args of [[form], ['--id', form], ['--category', 'cs.*', form]]) {
      const workspace = await makeLightWorkspace()
      expect(await seeded(workspace, args)).toMatchObject({ considered: 1, seeded: 1, unknown: [] })
      expect(workspace.statuses()).toEqual({ '0000.00001': 'pending' })
    }
  }
  const workspace = await makeLightWorkspace()
  workspace.write('ids.txt', '\uFEFF# to read\r\n0000.00001\r\n\r\narXiv:0000.00002v1 [cs.CL] # good\r\n')
  expect(await seeded(workspace, ['ids.txt', '0000.00002', '0000.00003'])).toMatchObject({ seeded: 3 })
  writeFileSync(workspace.in('wide.txt'), Buffer.from('\uFEFF0000.00001\r\n0000.00003\r\n', 'utf16le'))
  expect(await seeded(workspace, ['wide.txt'])).toMatchObject({ seeded: 0, already: 2 })
  const listed = 'printf "0000.00004, https://arxiv.org/pdf/0000.00005.pdf\\n" | "$@"'
  expect(await seeded(workspace, ['-'], listed)).toMatchObject({ seeded: 2 })
  expect(await seeded(workspace, ['--id', '-'], listed)).toMatchObject({ seeded: 0, already: 2 })
  const prep = await workspace.rpa(
    ['prep', '--profile', 'offline', '--id', '-', '--json'],
    {},
    { shell: listed },
  )
  expect(prep.json()).toMatchObject({ claimed: 2, succeeded: 2 })
  expect(Object.values(workspace.statuses()).filter((status) => status === 'prepped')).toHaveLength(2)
})

it('a paper that the earlier tool stored as its corpus wrote the id is found by every form of it, and not seeded twice', async () => {
  const workspace = await makeLightWorkspace()
  await workspace.seed('0000.00001', '0000.00002', '0000.00003')
  const stored = ['math.GT/0309136', '0000.00002v2', 'arXiv:0000.00003']
  const rename = 'update executions set arxiv_id = ?, paper_checksum = null where arxiv_id = ?'
  for (const [n, id] of stored.entries()) workspace.change(rename, id, `0000.0000${n + 1}`)
  workspace.corpus((db) =>
    db.prepare("update papers set arxiv_id = 'math/0309136' where arxiv_id = '0000.00001'").run(),
  )
  const forms = ['math/0309136', 'math.GT/0309136', 'https://arxiv.org/abs/math/0309136v1']
  const named = [
    ...forms.map((form) => [form, stored[0]]),
    ['0000.00002', stored[1]],
    ['0000.00003', stored[2]],
  ]
  for (const [form = '', id] of named) {
    expect(await seeded(workspace, [form])).toMatchObject({ seeded: 0, already: 1, unknown: [] })
    const papers = { executions: [{ arxiv_id: id }] }
    const prep = await workspace.rpa(['prep', '--profile', 'offline', '--dry-run', '--id', form, '--json'])
    expect(prep.json()).toMatchObject(papers)
  }
  workspace.corpus((db) =>
    db.prepare("update papers set arxiv_id = 'math/0000001' where arxiv_id = 'math/0309136'").run(),
  )
  expect(await seeded(workspace, ['math/0309136'])).toMatchObject({ already: 1, skipped: 0, unknown: [] })
  workspace.change("update executions set status = 'failed', error_class = 'timeout'")
  const retried = await workspace.rpa(['retry', '--id', 'math/0309136', '--json'])
  expect(retried.json()).toMatchObject({ retried: 1, executions: [{ arxiv_id: stored[0] }], not_failed: [] })
  expect(Object.values(workspace.statuses()).sort()).toEqual(['failed', 'failed', 'pending'])
})

it('says what to do about a paper that the corpus lacks, and how those stand that have not failed', async () => {
  const workspace = await makeLightWorkspace()
  const lacking = await workspace.rpa(['seed', '0000.00001', '2401.99999'])
  expect(lacking.code).toBe(69)
  expect(lacking.stderr).toMatch(/The metadata of 2401\.99999 could not be fetched.*1 other paper was seeded/)
  expect(lacking.stderr).toContain('rpa corpus import FILE')
  const retry = await workspace.rpa(['retry', '--id', 'arXiv:0000.00001'])
  expect(retry.stdout).toMatch(/^nothing to put back\nHAS NOT FAILED +IS\n0000\.00001 +pending\n$/)
  const none = await workspace.rpa(['retry', '--id', '2401.99999', '--json'])
  expect(none.code).toBe(2)
  expect(none.json()).toMatchObject({ error: { code: 'unknown_paper' } })
})

it('what names no paper is refused with its place, and an empty list does not mean all papers', async () => {
  const workspace = await makeLightWorkspace()
  workspace.write('bad.txt', '0000.00001\n0000.0000x\n')
  workspace.write('empty.txt', '# none\n')
  const refused = [
    { args: ['seed', 'nosuch'], code: 'bad_arxiv_id', message: '"nosuch"' },
    { args: ['seed', 'nofile.txt'], code: 'bad_arxiv_id', message: 'There is no file "nofile.txt"' },
    { args: ['seed', 'bad.txt'], code: 'bad_arxiv_id', message: 'bad.txt, line 2: "0000.0000x"' },
    { args: ['seed', 'empty.txt'], code: 'no_ids', message: 'empty.txt' },
    { args: ['prep', '--id', 'empty.txt'], code: 'no_ids', message: 'empty.txt' },
    { args: ['prep', '--profile', 'offline', '--id', 'nosuch'], code: 'unknown_paper', message: '"nosuch"' },
  ]
  for (const { args, code, message } of refused) {
    const end = await workspace.rpa([...args, '--json'])
    expect(end.code).toBe(2)
    const { error } = end.json<{ error: { code: string; message: string } }>()
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
  }
  expect((await workspace.rpa(['status', '--json'])).json()).toMatchObject({ total: 0 })
})

it('help is one thing however it is asked for', async () => {
  const cwd = temporaryFolder()
  const help = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(args, { cwd })
    expect([code, stderr]).toEqual([0, ''])
    return stdout
  }
  const all = await help('--help')
  expect(all).toMatch(/\n {2}seed /)
  for (const args of [['help'], ['-h'], []]) expect(await help(...args)).toBe(all)
  const seed = await help('seed', '--help')
  expect(seed).toContain('$ rpa seed [ID...]')
  for (const args of [
    ['help', 'seed'],
    ['seed', '-h'],
    ['seed', '0000.00001', '-h'],
    ['--quiet', 'help', 'seed'],
  ])
    expect(await help(...args)).toBe(seed)
  expect(await help('help', 'corpus', 'import')).toBe(await help('corpus', 'import', '--help'))
  const commands = JSON.parse(await help('help', '--json')) as { commands: { command: string }[] }
  expect(commands.commands.map(({ command }) => command)).toContain('corpus import')
  for (const args of [
    ['help', 'seed', '--json'],
    ['seed', '-h', '--json'],
    ['--json', 'seed', '--help'],
  ]) {
    const document = JSON.parse(await help(...args)) as { command: string; flags: { name: string }[] }
    expect(document.command).toBe('seed')
    expect(document.flags.map(({ name }) => name)).toContain('--limit')
  }
  const none = await runCli(['help', 'sead', '--json'], { cwd })
  expect(none.code).toBe(2)
  expect(none.json()).toMatchObject({ error: { code: 'usage', message: 'There is no command "sead".' } })
})

it('an import of a file that breaks off says so and exits 1, also when nothing else is printed', async () => {
  const cwd = temporaryFolder()
  const metadata = readFileSync(join(ROOT, 'samples', 'metadata.jsonl'))
  writeFileSync(join(cwd, 'cut.gz'), gzipSync(metadata).subarray(0, -1000))
  writeFileSync(join(cwd, 'cut.json'), metadata.subarray(0, -200))
  writeFileSync(join(cwd, 'cut-array.json'), `[${metadata.toString().trim().replaceAll('\n', ',')}`)
  for (const file of ['cut.gz', 'cut.json', 'cut-array.json']) {
    const { code, stdout, stderr } = await runCli(['corpus', 'import', file, '--quiet'], { cwd })
    expect([file, code, stdout]).toEqual([file, 1, ''])
    expect(stderr).toMatch(new RegExp(`^rpa: ${file} is not whole: .*\n$`))
    const again = await runCli(['corpus', 'import', file, '--json'], { cwd })
    expect(again.code).toBe(1)
    const { files } = again.json<{ files: { broken?: string; inserted: number }[] }>()
    expect([files[0]?.inserted, typeof files[0]?.broken]).toEqual([0, 'string'])
  }
  const whole = await runCli(['corpus', 'import', join(ROOT, 'samples', 'metadata.jsonl'), '--json'], { cwd })
  expect(whole.code).toBe(0)
  expect(whole.json<{ files: object[] }>().files[0]).not.toHaveProperty('broken')
})
