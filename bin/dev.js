#!/usr/bin/env node
// Builds (well under a second) and runs: what is tried out is what is shipped.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/build.js', import.meta.url))], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const { main } = await import('../dist/main.js')
await main(process.argv.slice(2))
