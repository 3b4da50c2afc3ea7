import { expect, it } from 'vitest'
import { logLine, secretsOf } from '../../src/cli/log-lines.js'
import { createLogger } from '../../src/core/logging.js'

const KEY = 'sk-or-v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9'
const NOON = Date.parse('2026-03-04T12:00:00.000Z')

it('for people a line names the paper it is about, and its level where that is worth a word', () => {
  const line = { level: 'info', message: 'PDF from cache', paper: '2401.00001' } as const
  expect(logLine('text', line, NOON)).toBe('2401.00001: PDF from cache\n')
  expect(logLine('text', { ...line, level: 'warn', paper: null }, NOON)).toBe('warn: PDF from cache\n')
  expect(logLine('text', { ...line, message: 'a\u001b[31mb' }, NOON)).toBe('2401.00001: a [31mb\n')
})

it('for machines it is one object, whatever is in the message', () => {
  const message = 'two\nlines "quoted" \u001b[31m'
  const line = logLine('json', { level: 'error', message, paper: '2401.00001' }, NOON)
  // eslint-disable-next-line no-control-regex
  expect(line.trimEnd()).not.toMatch(/[\n\u001b]/)
  expect(JSON.parse(line)).toEqual({
    time: '2026-03-04T12:00:00.000Z',
    level: 'error',
    paper: '2401.00001',
    message,
    pid: process.pid,
  })
  expect(JSON.parse(logLine('json', { level: 'info', message: '', paper: null }, NOON))).not.toHaveProperty(
    'paper',
  )
})

it('secrets of the environment are in no line, however they are written', () => {
  const masked = secretsOf({
    OPENROUTER_API_KEY: KEY,
    HTTPS_PROXY: 'http://user:p%40ssword1@proxy:3128',
    RPA_DATABASE_URL: 'postgres://rpa:verysecret@db/rpa',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-secret,x-tenant=papers',
    PATH: '/usr/bin',
    EMPTY_KEY: '',
    SHORT_TOKEN: 'a',
  })
  const said = masked(
    `Bearer ${KEY} ${encodeURIComponent(KEY)} p@ssword1 p%40ssword1 verysecret collector-secret /usr/bin a`,
  )
  for (const secret of [KEY, 'p@ssword1', 'p%40ssword1', 'verysecret', 'collector-secret'])
    expect(said).not.toContain(secret)
  expect(said).toContain('/usr/bin a')
})

it('a logger for one paper hands its id on, at the same level', () => {
  const lines: string[] = []
  const log = createLogger('info', (level, message, paper) =>
    lines.push(`${level} ${paper ?? '-'} ${message}`),
  )
  log.about('2401.00001').warn('first')
  log.about('2401.00001').debug('second')
  log.info('third')
  expect(lines).toEqual(['warn 2401.00001 first', 'info - third'])
})
