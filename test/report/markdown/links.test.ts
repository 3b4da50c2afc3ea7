import { describe, expect, it } from 'vitest'
import { boundLinks, namedHosts } from '../../../src/report/markdown/links.js'
import { safeBody } from '../../../src/report/markdown/sanitize.js'
import fc from '../../support/properties.js'

const HOSTS = namedHosts([
  'Our code is at https://github.com/a/b; data: www.Example.org/data, see https: //zenodo.org/1.',
  null,
])

describe('hosts that a paper names', () => {
  it('are read from its addresses, broken ones too, beside those of arXiv and DOIs', () => {
    expect([...HOSTS].sort()).toEqual([
      'arxiv.org',
      'doi.org',
      'dx.doi.org',
      'example.org',
      'github.com',
      'zenodo.org',
    ])
  })
})

describe('links of a report', () => {
  it.each([
    ['[code](https://github.com/a/b)', '[code](https://github.com/a/b)'],
    ['see https://example.org/data.', 'see https://example.org/data.'],
    ['[x](https://evil.test/?q=secret)', '[x] (`https://evil.test/?q=secret`)'],
    ['[x](<https://evil.test/a> "title")', '[x] (`https://evil.test/a` "title")'],
    [
      '[x](https://github.com/a[y](https://evil.test/a)',
      '[x](https://github.com/a[y] (`https://evil.test/a`)',
    ],
    ['[x](https://github.com.evil.test/a)', '[x] (`https://github.com.evil.test/a`)'],
    ['[x](https://github.com@evil.test/a)', '[x] (`https://github.com@evil.test/a`)'],
    ['https://evil.test/a, and so on', '`https://evil.test/a`, and so on'],
    ['[1]: http://evil.test/pixel.gif', '[1] : `http://evil.test/pixel.gif`'],
    ['[p. 4] and [§3]', '[p. 4] and [§3]'],
  ])('%j becomes %j', (body, expected) => expect(boundLinks(body, HOSTS)).toBe(expected))

  it('an image is never loaded, wherever it stands', () => {
    for (const body of [
      '![a](https://evil.test/p.png)',
      '[![a](https://evil.test/p.png)](https://evil.test/)',
      '![a][1]\n\n[1]: https://evil.test/p.png',
      '<img src="https://evil.test/p.png">',
    ]) {
      const safe = safeBody(body, HOSTS)
      expect(safe).not.toMatch(/!\[|<img|\]\(https:\/\/evil|^\[[^\]]*\]:\s*https:\/\/evil/m)
    }
  })

  it('code stays as it is', () => {
    expect(safeBody('run `curl https://evil.test/a` now', HOSTS)).toBe('run `curl https://evil.test/a` now')
    expect(safeBody('```sh\ncurl https://evil.test/a\n```', HOSTS)).toBe(
      '```sh\ncurl https://evil.test/a\n```',
    )
  })

  it('no foreign link is left, whatever stands around it', () => {
    const pieces = [
      '[',
      ']',
      '(',
      ')',
      '!',
      '`',
      '<',
      '>',
      ' ',
      '\n',
      '"',
      '|',
      '\\',
      ':',
      'www.evil.test',
      'https://evil.test/a',
      'https://github.com/a',
      '[x](',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 20 }), (parts) => {
        // Links inside of code spans, as CommonMark reads them, are none.
        const text = safeBody(parts.join(''), HOSTS).replace(
          /\\[\s\S]|(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g,
          (whole, run?: string) => (run === undefined ? whole : ' '),
        )
        expect(text).not.toMatch(/\]\(<?(?:https:\/\/|www\.)evil/)
      }),
      { numRuns: 2000 },
    )
  })

  it('is linear', () => {
    for (const piece of ['[x](', 'https://', '[a]: ', 'www.', '](https://e.x/ '])
      expect(boundLinks(piece.repeat(50_000), HOSTS).length).toBeGreaterThan(0)
  })
})
