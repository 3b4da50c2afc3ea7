import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { ensureBuilt, ROOT } from '../support/cli.js'
import { temporaryFolder } from '../support/temp.js'

interface Manifest {
  dependencies: Record<string, string>
}

/** Packs this package, and unpacks it as `npm install` does: beside what it depends on, and nothing else. */
function installPacked(): string {
  ensureBuilt()
  const folder = temporaryFolder()
  const [{ filename = '' } = {}] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as { filename?: string }[]
  const packages = join(folder, 'node_modules')
  mkdirSync(join(packages, 'rpa'), { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', join(packages, 'rpa'), '--strip-components=1'])
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(packages, name)), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), join(packages, name), 'junction')
  }
  return join(packages, 'rpa')
}

it('the packed package takes samples to reports in an empty folder, and holds the pages it speaks of', () => {
  const installed = installPacked()
  const cwd = temporaryFolder()
  const rpa = (folder: string, ...args: string[]): string =>
    execFileSync(process.execPath, [join(installed, 'bin', 'run.js'), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: cwd },
      encoding: 'utf8',
    })
  rpa(cwd, 'init', 'first', '--samples')
  const workspace = join(cwd, 'first')
  rpa(workspace, 'seed', 'papers.txt', '--quiet')
  rpa(workspace, 'run', '--limit', '1', '--quiet')
  // Those that stand in the corpus to be found as neighbours alone.
  expect(rpa(workspace, 'seed')).toMatch(
    /^seeded 0 papers .*32 skipped\)\nleft out, but seeded if named: no PDF on this machine of 32 papers, and downloads are switched off \(pdf_sources\): 0000\.00101, /,
  )
  expect(readdirSync(join(workspace, 'data', 'reports'))).toHaveLength(1)

  const pages = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.md$/.test(name),
  )
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', join('docs', 'running.md')]))
  const missing = pages.flatMap((page) =>
    [...readFileSync(join(installed, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
      .map(([, target = '']) => join(dirname(page), target))
      .filter((target) => !existsSync(join(installed, target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(missing).toEqual([])
})
