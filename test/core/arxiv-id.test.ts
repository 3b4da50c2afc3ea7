import { describe, expect, it } from 'vitest'
import { fileStem, parseArxivId } from '../../src/core/arxiv-id.js'

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
