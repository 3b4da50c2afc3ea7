#!/usr/bin/env node
import module from 'node:module'

// From Node 22.1 on, what was compiled once is not compiled again.
module.enableCompileCache?.()
const { main } = await import('../dist/main.js')
await main(process.argv.slice(2))
