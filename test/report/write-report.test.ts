import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RpaError } from '../../src/core/errors.js'
import { writeReport } from '../../src/report/write-report.js'

const run = promisify(execFile)
let root: string
let dir: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rpa-report-'))
  await chmod(root, 0o755)
})
beforeEach(async () => {
  dir = await mkdtemp(join(root, 'case-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

function report(arxivId: string, text = 'text'): string {
  return `---\nver: 3\ntitle: "T"\narxiv_id: "${arxivId}"\ncore_contribution: "c"\n---\n\n# T\n\n${text}\n`
}

async function failure(work: Promise<unknown>): Promise<RpaError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(RpaError)
  return error as RpaError
}

describe('writeReport', () => {
  it('makes the folder and says what it wrote', async () => {
    const deep = join(dir, 'a', 'b')
    const markdown = report('2401.01234', 'Größe: 5 µm')
    const written = await writeReport(deep, '2401.01234_t.md', markdown)
    const bytes = await readFile(written.path)
    expect(written.path).toBe(join(deep, '2401.01234_t.md'))
    expect(bytes.toString()).toBe(markdown)
    expect(written.bytes).toBe(bytes.length)
    expect(written.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(await readdir(deep)).toEqual(['2401.01234_t.md'])
  })

  it('replaces the same report', async () => {
    await writeReport(dir, '1_t.md', report('1', 'old'))
    await writeReport(dir, '1_t.md', report('1', 'new'))
    expect(await readFile(join(dir, '1_t.md'), 'utf8')).toContain('new')
  })

  it('removes the report of the same paper under an older title, and nothing else', async () => {
    await writeReport(dir, '2401.01234_old-title.md', report('2401.01234'))
    await writeReport(dir, '2401.01235_other.md', report('2401.01235'))
    await writeReport(dir, 'hep-th_9901001_old.md', report('hep-th/9901001'))
    await writeFile(join(dir, '2401.01234_my-notes.md'), '# My notes on it\n')
    await writeFile(join(dir, '2401.01234_mine.md'), '---\narxiv_id: "2401.01234"\n---\nmine\n')
    await writeFile(join(dir, '2401.01234_broken.md'), '---\n: [\n---\n')
    await mkdir(join(dir, '2401.01234_folder.md'))
    await writeReport(dir, '2401.01234_new-title.md', report('2401.01234'))
    await writeReport(dir, 'hep-th_9901001_new.md', report('hep-th/9901001'))
    expect((await readdir(dir)).sort()).toEqual([
      '2401.01234_broken.md',
      '2401.01234_folder.md',
      '2401.01234_mine.md',
      '2401.01234_my-notes.md',
      '2401.01234_new-title.md',
      '2401.01235_other.md',
      'hep-th_9901001_new.md',
    ])
  })

  it('leaves one whole file when many write at once', async () => {
    const texts = Array.from({ length: 20 }, (_, n) => report('1', String(n).repeat(50_000)))
    await Promise.all(texts.map((text) => writeReport(dir, '1_t.md', text)))
    expect(texts).toContain(await readFile(join(dir, '1_t.md'), 'utf8'))
    expect(await readdir(dir)).toEqual(['1_t.md'])
  })

  it('leaves a younger temporary file to who writes it, and removes an older one', async () => {
    const [younger, older] = ['.1_t.md.1.00000000.tmp', '.1_t.md.1.00000001.tmp']
    for (const name of [younger, older]) await writeFile(join(dir, name), 'half')
    await utimes(join(dir, younger), new Date(), new Date(Date.now() + 60_000))
    await utimes(join(dir, older), new Date(), new Date(Date.now() - 60_000))
    await writeReport(dir, '1_t.md', report('1'))
    expect((await readdir(dir)).sort()).toEqual([younger, '1_t.md'])
  })

  it('says so when the folder is a file', async () => {
    await writeFile(join(dir, 'file'), '')
    for (const bad of [join(dir, 'file'), join(dir, 'file', 'below')]) {
      const error = await failure(writeReport(bad, '1_t.md', report('1')))
      expect(error.code).toBe('report_write_failed')
      expect(error.message).toContain(join(bad, '1_t.md'))
      expect(error.hint).toContain('RPA_REPORTS_DIR')
    }
  })

  it('leaves no temporary file when the report’s own path is taken by a folder', async () => {
    await mkdir(join(dir, '1_t.md', 'full'), { recursive: true })
    expect((await failure(writeReport(dir, '1_t.md', report('1')))).code).toBe('report_write_failed')
    expect(await readdir(dir)).toEqual(['1_t.md'])
  })
})

describe.runIf(process.platform !== 'win32')('writeReport in another process', () => {
  let script: string

  beforeAll(async () => {
    script = join(root, 'write.mjs')
    const entry = fileURLToPath(new URL('../../src/report/write-report.ts', import.meta.url))
    const bundle = join(root, 'bundle.mjs')
    const banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    }
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: bundle,
      logLevel: 'error',
      banner,
    })
    await writeFile(
      script,
      `import { writeReport } from ${JSON.stringify(pathToFileURL(bundle).href)}
       const [dir, size] = process.argv.slice(2)
       try { await writeReport(dir, '1_t.md', 'x'.repeat(Number(size))); console.log('written') }
       catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint, cause: error.cause?.code })) }`,
    )
  })

  it('keeps the old report and no rest of the new one when there is no room for it', async () => {
    await writeReport(dir, '1_t.md', report('1', 'old'))
    // A limit on file sizes ends a write half-way, as a full disk does.
    const limited = `ulimit -f 64; exec "$0" "$@"`
    const { stdout } = await run('bash', ['-c', limited, process.execPath, script, dir, '2000000'])
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'report_write_failed',
      cause: 'EFBIG',
      hint: expect.stringContaining('ulimit') as string,
    })
    expect(await readdir(dir)).toEqual(['1_t.md'])
    expect(await readFile(join(dir, '1_t.md'), 'utf8')).toBe(report('1', 'old'))
  })

  it('says so when it may not write there', async () => {
    await chmod(dir, 0o555)
    const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
    const { stdout } = await run(process.execPath, [script, dir, '10'], identity)
    const error = JSON.parse(stdout) as Record<string, string>
    expect(error).toMatchObject({ code: 'report_write_failed', cause: 'EACCES' })
    expect(error['message']).toContain(join(dir, '1_t.md'))
    expect(error['hint']).toContain('no right to it')
    await chmod(dir, 0o755)
    expect(await readdir(dir)).toEqual([])
  })
})
