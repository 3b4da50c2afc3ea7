import { describe, expect, it } from 'vitest'
import {
  arxivIdOf,
  classSpellings,
  faultOfId,
  fileStem,
  parseArxivId,
  readArxivId,
  isLocalId,
  localId,
} from '../../src/core/arxiv-id.js'

describe('parseArxivId', () => {
  it.each([
    ['2401.01234', '2401.01234', null],
    ['2401.01234v2', '2401.01234', 2],
    ['0704.0001', '0704.0001', null],
    ['0000.00001', '0000.00001', null],
    ['hep-th/9901001', 'hep-th/9901001', null],
    ['math.GT/0309136v12', 'math.GT/0309136', 12],
  ])('reads %s', (text, base, version) => {
    expect(parseArxivId(text)).toEqual({ full: text, base, version })
  })

  it.each([
    '',
    ' 2401.01234',
    '2401.01234 ',
    '2401.01234\n',
    '2401.01234\0',
    '../../etc/passwd',
    'hep-th/../9901001',
    '2401.01234v0',
    '2401.01234/..',
    '2401.123',
    'hep-th/99010011',
    'HEP-TH/9901001',
    'https://arxiv.org/abs/2401.01234',
  ])('refuses %j', (text) => {
    expect(() => parseArxivId(text)).toThrowError(expect.objectContaining({ code: 'bad_arxiv_id' }))
  })
})

describe('fileStem', () => {
  it('writes the slash of old ids as an underscore', () => {
    expect(fileStem('hep-th/9901001v2')).toBe('hep-th_9901001v2')
    expect(fileStem('2401.01234')).toBe('2401.01234')
  })
})

describe('readArxivId', () => {
  it.each([
    ['1706.03762', '1706.03762'],
    [' 1706.03762\n', '1706.03762'],
    ['arXiv:1706.03762v2', '1706.03762v2'],
    ['arxiv: 1706.03762', '1706.03762'],
    ['ARXIV:1706.03762V2', '1706.03762v2'],
    ['arXiv:1706.03762v2 [cs.CL]', '1706.03762v2'],
    ['https://arxiv.org/abs/1706.03762', '1706.03762'],
    ['http://www.arxiv.org/abs/1706.03762v7', '1706.03762v7'],
    ['https://export.arxiv.org/pdf/1706.03762v2.pdf', '1706.03762v2'],
    ['https://arxiv.org/pdf/1706.03762.pdf#page=3', '1706.03762'],
    ['https://arxiv.org/abs/1706.03762?context=cs.LG', '1706.03762'],
    ['https://arxiv.org/html/2401.01234v1/', '2401.01234v1'],
    ['arxiv.org/abs/hep-th/9901001', 'hep-th/9901001'],
    ['https://arxiv.org/abs/hep-th%2F9901001v1', 'hep-th/9901001v1'],
    ['oai:arXiv.org:0704.0001', '0704.0001'],
    ['10.48550/arXiv.1706.03762', '1706.03762'],
    ['arXiv.1706.03762', '1706.03762'],
    ['arxiv 1706.03762v2', '1706.03762v2'],
    ['abs/1706.03762', '1706.03762'],
    ['pdf/hep-th/9901001v1', 'hep-th/9901001v1'],
    ['arXiv:1706.03762v2 [cs.CL] 6 Dec 2017', '1706.03762v2'],
    ['https://huggingface.co/papers/1706.03762', '1706.03762'],
    ['https://www.alphaxiv.org/overview/1706.03762v7', '1706.03762v7'],
    ['https://ar5iv.org/abs/1706.03762', '1706.03762'],
    ['https://ar5iv.labs.arxiv.org/html/1706.03762', '1706.03762'],
    ['http://xxx.lanl.gov/abs/hep-th/9901001', 'hep-th/9901001'],
    ['doi:10.48550/ARXIV.1706.03762', '1706.03762'],
    ['https://doi.org/10.48550/arXiv.hep-th/9901001', 'hep-th/9901001'],
    ['1706.03762v2.pdf', '1706.03762v2'],
    ['math.GT/0309136', 'math/0309136'],
    ['math/0309136', 'math/0309136'],
    ['cond-mat.stat-mech/0309136v12', 'cond-mat/0309136v12'],
    ['HEP-TH/9901001', 'hep-th/9901001'],
    ['hep\u2010th/9901001', 'hep-th/9901001'],
    ['\uff11\uff17\uff10\uff16\uff0e\uff10\uff13\uff17\uff16\uff12', '1706.03762'],
    ['\ufeff1706\u200b.03762\u00ad', '1706.03762'],
    ['(1706.03762).', '1706.03762'],
    ['<https://arxiv.org/abs/1706.03762>,', '1706.03762'],
    ['"1706.03762"', '1706.03762'],
    [704.0001, '0704.0001'],
    [704.1, '0704.1000'],
    ['704.0001', '0704.0001'],
    ['704.0001v3', '0704.0001v3'],
    [1412.123, '1412.1230'],
    [1706.376, '1706.37600'],
    [1501.00001, '1501.00001'],
    ['0000.00001', '0000.00001'],
  ])('reads %j', (given, full) => {
    expect(readArxivId(given).full).toBe(full)
    expect(parseArxivId(full)).toEqual(readArxivId(given))
  })

  it.each([
    '',
    '  ',
    'v2',
    '1706',
    1706,
    703.0001,
    1713.5,
    '0.5',
    1e21,
    Number.NaN,
    null,
    true,
    { id: '1706.03762' },
    '1706.03762/..',
    '../1706.03762',
    'https://arxiv.org.evil.example/abs/1706.03762',
    'https://evil.example/arxiv.org/abs/1706.03762',
    'https://huggingface.co/models/1706.03762',
    'https://notarxiv.org.example/abs/1706.03762',
    'https://betaxiv.org/abs/1706.03762',
    'https://arxiv.org/list/cs.CL/recent',
    '10.1038/s41586-020-2649-2',
    '1706.03762v0',
    '1706.037621',
    'hep-th/99010011',
    '2401.01234 2401.01235',
    '1799.12345',
    '1700.12345',
    '1713.12345v2',
    'arXiv:1799.12345v3 [cs.CL]',
    'https://arxiv.org/abs/1799.12345',
    '10.48550/arXiv.1799.12345',
    'hep-th/9913001',
    'math.GT/0300136',
    'x'.repeat(100_000),
  ])('refuses %j', (given) => {
    expect(() => readArxivId(given)).toThrowError(expect.objectContaining({ code: 'bad_arxiv_id' }))
    expect(arxivIdOf(given)).toBeNull()
  })

  it('says which month there is not', () => {
    expect(() => readArxivId('https://arxiv.org/abs/1799.12345v2')).toThrow('there is no month 99')
    expect(() => readArxivId('hep-th/9913001')).toThrow('there is no month 13')
    expect(faultOfId('hello')).toBeNull()
  })

  it('knows where an old id with a subject class lies in the order of texts', () => {
    expect(classSpellings('1706.03762')).toBeNull()
    const place = classSpellings('math/0309136')!
    const stored = ['math-ph/0309136', 'math.AG/0309136', 'math.GT/0309136', 'math/0309136', 'maths/0309136']
    const within = stored.filter((id) => id > place.after && id < place.before && id.endsWith(place.ending))
    expect(within).toEqual(['math.AG/0309136', 'math.GT/0309136'])
  })
})

describe('the id of a PDF that was seeded itself', () => {
  const id = localId('0123456789abcdef'.repeat(4))
  it('is read as it is shown and as part of a file name', () => {
    expect(id).toBe('local:0123456789abcdef')
    expect(parseArxivId(id)).toEqual({ full: id, base: id, version: null })
    for (const given of [id, 'local_0123456789abcdef', 'local_0123456789ABCDEF.pdf', ` ${id} `])
      expect(readArxivId(given).base).toBe(id)
    expect(fileStem(id)).toBe('local_0123456789abcdef')
  })
  it('has sixteen digits', () => {
    for (const wrong of ['local:', 'local:0123', 'local:0123456789abcdefv1', 'local:../../../../etc']) {
      expect(() => parseArxivId(wrong)).toThrow()
      expect(isLocalId(wrong)).toBe(false)
    }
  })
})
