import { expect, it } from 'vitest'
import { pdfAddresses } from '../../../src/papers/fetch/pdf-address.js'

const BUCKET = 'https://bucket.example/root/'

it('knows the paths of the bucket, for which a version is needed', () => {
  expect(pdfAddresses('bucket', BUCKET, '1706.03762', 7)).toEqual([
    'https://bucket.example/root/arxiv/arxiv/pdf/1706/1706.03762v7.pdf',
    'https://bucket.example/root/arxiv/pdf/1706/1706.03762v7.pdf',
  ])
  expect(pdfAddresses('bucket', BUCKET, '1706.03762v2', 7)[0]).toContain('1706.03762v2.pdf')
  for (const id of ['hep-th/9901001', 'math.GT/0309136']) {
    const [archive = '', number = ''] = id.split('/')
    expect(pdfAddresses('bucket', BUCKET, id, 1)).toEqual([
      `https://bucket.example/root/arxiv/${archive.replace('.GT', '')}/pdf/${number.slice(0, 4)}/${number}v1.pdf`,
    ])
  }
  expect(pdfAddresses('bucket', BUCKET, '1706.03762', null)).toEqual([])
})

it('fills the places of a template', () => {
  const whole = 'https://host.example/{archive}/{yymm}/{number}v{version}?id={arxiv_id}'
  expect(pdfAddresses('export', whole, 'hep-th/9901001v3', null)).toEqual([
    'https://host.example/hep-th/9901/9901001v3?id=hep-th/9901001',
  ])
  expect(pdfAddresses('export', whole, '2401.01234', null)).toEqual([])
  expect(pdfAddresses('arxiv', 'https://host.example/{arxiv_id}', '2401.01234v2', 5)).toEqual([
    'https://host.example/2401.01234v2',
  ])
})
