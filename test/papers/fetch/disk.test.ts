import { execFile } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fetchPdf } from '../../../src/papers/fetch/fetch-pdf.js'
import { makePdf } from '../../support/pdf.js'
import { bundleProgram } from '../../support/processes.js'
import { temporaryFolder } from '../../support/temp.js'
import { serve, sources } from './pdf-host.js'

const run = promisify(execFile)
const ID = '2401.01234'
/** Its last piece is cut by a limit of 100 KiB wherever the pieces end. */
const PDF = Buffer.concat([makePdf([[{ x: 72, y: 700, text: 'A paper' }]]), Buffer.alloc(110_000, '%%EOF ')])

describe('a disk', () => {
  it('that gets full leaves nothing of a download, not even where the last write takes some of its bytes', async () => {
    const program = await bundleProgram('test/papers/fetch/download-program.ts', temporaryFolder())
    const { origin } = await serve((_request, response) => response.end(PDF))
    const cacheDir = join(temporaryFolder(), 'pdf')
    // A limit on file sizes ends a write half-way, as a full disk does.
    const limited = 'ulimit -f 100; exec "$0" "$@"'
    const { stdout } = await run('bash', ['-c', limited, process.execPath, program, origin, cacheDir, ID])
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'disk_full',
      hint: expect.stringContaining('ulimit') as string,
    })
    expect(readdirSync(cacheDir)).toEqual([])
  })

  it('on which the data folder is a file ends the command, not the paper', async () => {
    const { origin } = await serve((_request, response) => response.end(PDF))
    const file = join(temporaryFolder(), 'data')
    writeFileSync(file, 'no folder')
    const from = sources({ cacheDir: join(file, 'pdf'), urlTemplate: `${origin}/{arxiv_id}` })
    await expect(fetchPdf(ID, from)).rejects.toThrow(
      expect.objectContaining({
        code: 'data_folder',
        message: expect.stringContaining(file) as string,
      }) as Error,
    )
  })
})
