// Exports what the bundle exports, compiled from V8's code cache where an earlier process left one beside it: compiling
// is half of what a short command takes. `module.enableCompileCache` would do the same, but not on Node 20, and in a folder
// for temporary files that others may write to: V8 trusts a cache as it trusts code.
const { readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const { cachedDataVersionTag, setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')
const { crc32 } = require('node:zlib')

// Most commands end before optimised code has paid for its compiling. V8 reads these numbers anew each time; most other
// flags may not change once it runs. What V8 optimises after 66 KB of bytecode, it does after 1 MB here: a fifth of what
// `run` takes.
setFlagsFromString('--interrupt-budget=1000000')
// WebAssembly (it parses HTTP and PDFs) after 100 MB instead of 1.8: to optimise the HTTP parser, one large function, takes
// longer than all it parses in a short command. What reads many PDFs gets there with the first of them.
setFlagsFromString('--wasm-tiering-budget=100000000')
// Of the PDF reader's 4.6 MB, what is called is checked, when it is first called.
setFlagsFromString('--wasm-lazy-validation')
// From 1 MB, the young generation grows at once to what it may have: fewer collections, and none of the old one.
setFlagsFromString('--semi-space-growth-factor=16')

const BUNDLE = join(__dirname, '..', 'dist', 'rpa.cjs')
/** V8 forgets the code of functions that were not called for long, so only short processes know all they used. CPU time, microseconds. */
const SHORT_US = 10e6

// ASCII, as esbuild writes it. Its first line is a comment with the hash of the rest.
const source = readFileSync(BUNDLE, 'latin1')
const build = source.slice(2, 18)
// The tag names V8's version, its flags and the processor.
const cacheFile = `${BUNDLE}.${build}-${cachedDataVersionTag().toString(16)}.cache`
const cache = readCache()
const script = new Script(`(function(exports,require,module,__filename,__dirname,__import){${source}\n})`, {
  filename: BUNDLE,
  cachedData: cache?.code,
})
script.runInThisContext()(exports, createRequire(BUNDLE), module, BUNDLE, dirname(BUNDLE), importPackage)

const used = usedCommand()
if (cache === null || script.cachedDataRejected || !cache.commands.includes(used))
  process.once('exit', writeCache)

/** What `import()` is inside the bundle. */
function importPackage(name) {
  return import(name)
}

/** The command that runs, or the first word of its name. */
function usedCommand() {
  const names = new Set(Object.keys(module.exports.COMMANDS).map((id) => id.split(':')[0]))
  return process.argv.slice(2).find((word) => names.has(word)) ?? ''
}

/** A line of JSON, and the code. Null: there is none, or it is damaged. */
function readCache() {
  try {
    const bytes = readFileSync(cacheFile)
    const end = bytes.indexOf('\n')
    const { commands, sum } = JSON.parse(bytes.toString('utf8', 0, end))
    const code = bytes.subarray(end + 1)
    return crc32(code) === sum ? { commands, code } : null
  } catch {
    return null
  }
}

/** What this process compiled is added to what it was given. Nobody has to know where that is not possible. */
function writeCache() {
  const { user, system } = process.cpuUsage()
  if (user + system > SHORT_US) return
  const part = `${cacheFile}.${process.pid}`
  try {
    const code = script.createCachedData()
    const head = JSON.stringify({ commands: [...(cache?.commands ?? []), used], sum: crc32(code) })
    writeFileSync(part, Buffer.concat([Buffer.from(`${head}\n`), code]))
    renameSync(part, cacheFile)
  } catch {
    rmSync(part, { force: true })
  }
}
