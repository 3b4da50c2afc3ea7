// The first reports: imports the sample corpus and takes its papers through every phase, offline and without a key.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const workspace = `${root}quickstart`

rmSync(`${workspace}/data`, { recursive: true, force: true })
mkdirSync(workspace, { recursive: true })
writeFileSync(
  `${workspace}/rpa.yml`,
  `# A workspace: rpa reads this file in every command that is run in or below this folder.
data_dir: data
pdf_dir: ../samples/pdf
# No key, no network: sections are made of the paper's own sentences. Remove the line to ask a model.
profile: offline
`,
)
const ids = readdirSync(`${root}samples/pdf`).map((name) => name.replace(/\.pdf$/, ''))

rpa('corpus', 'import', '../samples/metadata.jsonl')
rpa('seed', ...ids.flatMap((id) => ['--id', id]))
rpa('prep')
rpa('analyze')
rpa('wrap')
console.log(`
Done. Open one of the reports above, or look around:
  cd quickstart && node ../bin/run.js status`)

function rpa(...args) {
  console.log(`\n$ rpa ${args.length > 6 ? `${args.slice(0, 5).join(' ')} …` : args.join(' ')}`)
  const { status } = spawnSync(process.execPath, [`${root}bin/run.js`, ...args], {
    cwd: workspace,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
