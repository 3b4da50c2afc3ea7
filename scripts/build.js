// Bundles the CLI into dist/ and writes the oclif manifest. Bundled because loading @oclif/core, kysely and zod file by
// file costs more than most commands take; split, so that a command loads only what it runs.
import { build } from 'esbuild'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'src/cli/main.ts',
    commands: 'src/commands/index.ts',
    'extract-worker': 'src/papers/extract/worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.18',
  minifySyntax: true,
  minifyWhitespace: true,
  // Native code, a WASM file beside its loader and a pool that starts its own file stay packages; TypeScript is only named in a path of oclif's that we never take.
  external: ['better-sqlite3', '@embedpdf/pdfium', 'tinypool', 'typescript'],
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
})
// What an earlier build left goes last, so that a command that is running meanwhile finds its files.
const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)))
for (const name of await readdir(`${root}dist`)) {
  if (!written.has(name)) await rm(`${root}dist/${name}`, { recursive: true })
}
// oclif would take the old manifest for the commands of today.
await rm(`${root}oclif.manifest.json`, { force: true })

const { manifest } = await import('../dist/main.js')
await writeFile(`${root}oclif.manifest.json`, `${JSON.stringify(await manifest())}\n`)
