// The first reports: takes the sample papers through every phase, offline and without a key.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

rmSync(`${root}quickstart`, { recursive: true, force: true })
rpa(root, 'init', 'quickstart', '--samples', '--quiet')
for (const command of [['seed', 'papers.txt'], ['prep'], ['analyze'], ['wrap']])
  rpa(`${root}quickstart`, ...command)
console.log(`
Done. Open one of the reports above, or look around:
  cd quickstart && node ../bin/run.js status`)

function rpa(cwd, ...args) {
  console.log(`\n$ rpa ${args.join(' ')}`)
  const { status } = spawnSync(process.execPath, [`${root}bin/run.js`, ...args], { cwd, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
