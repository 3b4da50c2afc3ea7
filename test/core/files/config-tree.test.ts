import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigTree } from '../../../src/core/files/config-tree.js'
import { temporaryFolder } from '../../support/temp.js'

interface Trees {
  own: string
  shipped: string
  tree: ConfigTree
}

function trees(ownFiles: readonly string[], shippedFiles: readonly string[]): Trees {
  const root = temporaryFolder()
  const own = join(root, 'own')
  const shipped = join(root, 'shipped')
  for (const [folder, files] of [
    [own, ownFiles],
    [shipped, shippedFiles],
  ] as const) {
    mkdirSync(folder)
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), '')
    }
  }
  return { own, shipped, tree: new ConfigTree([own, shipped]) }
}

describe('a file of the tree', () => {
  it('is the first folder’s where that has it', () => {
    const { own, shipped, tree } = trees(['machines/prep.yml'], ['machines/prep.yml', 'machines/wrap.yml'])
    expect(tree.find('machines/prep.yml')).toBe(join(own, 'machines/prep.yml'))
    expect(tree.find('machines/wrap.yml')).toBe(join(shipped, 'machines/wrap.yml'))
    expect(tree.find('machines/none.yml')).toBeNull()
  })

  it('is found when the first folder does not exist', () => {
    const { shipped } = trees([], ['profiles.yml'])
    expect(new ConfigTree(['/no/such/folder', shipped]).find('profiles.yml')).toBe(
      join(shipped, 'profiles.yml'),
    )
  })
})

describe('a path in a file', () => {
  it('of the shipped tree is answered by the workspace’s own file', () => {
    const { own, shipped, tree } = trees(
      ['prompts/a.yml'],
      ['agents/a.yml', 'prompts/a.yml', 'prompts/b.yml'],
    )
    const agent = join(shipped, 'agents/a.yml')
    expect(tree.resolve(agent, '../prompts/a.yml')).toBe(join(own, 'prompts/a.yml'))
    expect(tree.resolve(agent, '../prompts/b.yml')).toBe(join(shipped, 'prompts/b.yml'))
  })

  it('of the workspace may name what only the shipped tree has', () => {
    const { own, shipped, tree } = trees(['machines/mine.yml'], ['agents/a.yml'])
    expect(tree.resolve(join(own, 'machines/mine.yml'), '../agents/a.yml')).toBe(
      join(shipped, 'agents/a.yml'),
    )
    expect(tree.resolve(join(own, 'machines/mine.yml'), './none.yml')).toBeNull()
  })

  it('may be absolute, inside the tree and outside', () => {
    const { own, shipped, tree } = trees(['prompts/a.yml'], ['prompts/a.yml'])
    expect(tree.resolve('/anywhere.yml', join(shipped, 'prompts/a.yml'))).toBe(join(own, 'prompts/a.yml'))
    const outside = join(temporaryFolder(), 'x.yml')
    expect(tree.resolve('/anywhere.yml', outside)).toBeNull()
    writeFileSync(outside, '')
    expect(tree.resolve('/anywhere.yml', outside)).toBe(outside)
  })

  it('outside of the tree is an ordinary relative path', () => {
    const { tree } = trees([], ['prompts/a.yml'])
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'b.yml'), '')
    expect(tree.resolve(join(folder, 'a.yml'), 'b.yml')).toBe(join(folder, 'b.yml'))
    expect(tree.resolve(join(folder, 'a.yml'), 'c.yml')).toBeNull()
  })

  it('that leads out of a folder is not taken for a path in it', () => {
    const { own, tree } = trees(['..odd.yml', 'machines/a.yml'], [])
    expect(tree.resolve(join(own, 'machines/a.yml'), '../..odd.yml')).toBe(join(own, '..odd.yml'))
    writeFileSync(join(dirname(own), 'above.yml'), '')
    expect(tree.resolve(join(own, 'machines/a.yml'), '../../above.yml')).toBe(join(dirname(own), 'above.yml'))
  })
})
