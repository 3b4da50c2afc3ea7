import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../support/cli.js'

/** Instructions of the container file, lines that go on joined. */
const instructions = readFileSync(join(ROOT, 'Containerfile'), 'utf8')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(/\s+/))

/** Made in the image. */
const MADE = new Set(['dist', 'oclif.manifest.json', 'node_modules'])

it('the container file copies what is there, runs as a plain user, and keeps the workspace on a volume', () => {
  const copied = instructions
    .filter(([word]) => word === 'COPY')
    .flatMap((words) => words.slice(1, -1).filter((path) => !path.startsWith('--')))
    .map((path) => path.replace('/opt/rpa/', ''))
    .filter((path) => !MADE.has(path))
  expect(copied).toEqual(expect.arrayContaining(['package-lock.json', 'bin', 'config', 'docs']))
  expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  const last = (word: string): string[] => instructions.findLast(([first]) => first === word)?.slice(1) ?? []
  expect(last('USER')).not.toEqual([])
  expect(last('USER')[0]).not.toMatch(/^(root|0)\b/)
  expect(last('VOLUME').join(' ')).toContain(last('WORKDIR')[0] ?? 'no folder')
  // A tag, not what is newest on the day.
  for (const [word, image = ''] of instructions) if (word === 'FROM') expect(image).toMatch(/:.+$/)
})
