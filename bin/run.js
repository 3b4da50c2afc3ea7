#!/usr/bin/env node
const args = process.argv.slice(2)
if (args.length === 1 && args[0] === '--version') {
  const { name, version } = require('../package.json')
  console.log(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}`)
} else {
  void require('./program.js').main(args)
}
