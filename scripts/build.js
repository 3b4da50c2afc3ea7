// Bundles the CLI into dist/ and writes the oclif manifest. Bundled because loading @oclif/core, kysely and zod file by
// file costs more than most commands take; split, so that a command loads only what it runs.
import { build } from 'esbuild'
import { rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
await Promise.all([
  rm(`${root}dist`, { recursive: true, force: true }),
  rm(`${root}oclif.manifest.json`, { force: true }),
])
await build({
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
  // Native code and a WASM file beside its loader stay packages; TypeScript is only named in a path of oclif's that we never take.
  external: ['better-sqlite3', '@embedpdf/pdfium', 'typescript'],
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})

const { manifest } = await import('../dist/main.js')
await writeFile(`${root}oclif.manifest.json`, `${JSON.stringify(await manifest())}\n`)
