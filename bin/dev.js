#!/usr/bin/env node
// Builds (well under a second) and runs: what is tried out is what is shipped.
const { execFileSync } = require('node:child_process')
const { join } = require('node:path')

execFileSync(process.execPath, [join(__dirname, '..', 'scripts', 'build.js')], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
require('./run.js')
