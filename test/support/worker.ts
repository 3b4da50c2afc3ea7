import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

export interface BuiltWorker {
  url: URL
  remove(): void
}

/** Bundles the thread that reads PDFs as the build does, into a temporary folder. */
export async function buildExtractWorker(): Promise<BuiltWorker> {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
  const folder = mkdtempSync(join(tmpdir(), 'rpa-worker-'))
  const outfile = join(folder, 'extract-worker.mjs')
  await build({
    entryPoints: [join(root, 'src/papers/extract/worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  return {
    url: pathToFileURL(outfile),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
