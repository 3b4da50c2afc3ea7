// Bundles the CLI into dist/ and writes the oclif manifest. Bundled because loading @oclif/core, kysely and zod file by
// file costs more than most commands take; in one file, whose parts begin to run when they are first imported, because
// V8's code cache is one a script (bin/program.js) and each file more is looked for and linked.
import { createRequire } from 'node:module'
import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const { build } = await import('esbuild').catch(() => {
  console.error('What builds is not installed here: npm ci')
  process.exit(1)
})
const root = fileURLToPath(new URL('..', import.meta.url))
const common = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  minifySyntax: true,
  minifyWhitespace: true,
  // Native code, a driver and an SDK that few need, a WASM file beside its loader and a pool that starts its own file stay packages; TypeScript is only named in a path of oclif's that we never take.
  external: ['better-sqlite3', 'pg', '@opentelemetry/*', '@embedpdf/pdfium', 'tinypool', 'typescript'],
  metafile: true,
  logLevel: 'warning',
}
const outputs = await Promise.all([
  build({
    ...common,
    entryPoints: { rpa: 'src/main.ts' },
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: "const __bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
    write: false,
  }).then(async ({ outputFiles: [bundle], metafile }) => {
    // A script that comes from V8's cache has lost what `import()` needs of it; bin/program.js hands in its own.
    const text = bundle.text
      .replaceAll(/\bimport\((?=["`(\w])/g, '__import(')
      // Where esbuild leaves them, in patterns and in the raw strings that patterns are made of, an escape means the same.
      // One byte a letter is read, kept and compiled faster.
      .replaceAll(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
    await mkdir(dirname(bundle.path), { recursive: true })
    await writeFile(bundle.path, `//${hash}\n${text}`)
    return { metafile }
  }),
  build({
    ...common,
    entryPoints: { 'extract-worker': 'src/papers/extract/worker.ts' },
    format: 'esm',
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  }),
])
// What an earlier build left goes last, so that a command that is running meanwhile finds its files.
const written = new Set(
  outputs.flatMap(({ metafile }) => Object.keys(metafile.outputs)).map((path) => basename(path)),
)
for (const name of await readdir(`${root}dist`)) {
  if (!written.has(name)) await rm(`${root}dist/${name}`, { recursive: true })
}
// oclif would take the old manifest for the commands of today.
await rm(`${root}oclif.manifest.json`, { force: true })

const { manifest } = createRequire(import.meta.url)('../bin/program.js')
await writeFile(`${root}oclif.manifest.json`, `${JSON.stringify(await manifest())}\n`)
