import { expect, it } from 'vitest'
import { renderDigest, renderTrouble } from '../../../src/cli/render/digest.js'
import { COMMANDS } from '../../../src/commands/index.js'
import { KEYS } from '../../../src/core/settings/settings.js'
import { nextStep } from '../../../src/pipeline/failures/next-steps.js'
import { FAILURE_RULES } from '../../../src/pipeline/failures/rules.js'
import type { Digest } from '../../../src/pipeline/overview/digest.js'

const CLASSES = Object.keys(FAILURE_RULES)

it.each(CLASSES)('%s has a next step, of commands that there are', (name) => {
  const step = nextStep(name, '2401.00001')
  expect(step).not.toBe('')
  expect(step).not.toContain('\n')
  for (const [, command = ''] of step.matchAll(/rpa ((?:db |machine |config )?[a-z]+)/g))
    expect(Object.keys(COMMANDS)).toContain(command.replace(' ', ':'))
  for (const [, setting = ''] of step.matchAll(/\b(pdf_[a-z_]+)\b(?!.*--error-class \1)/g))
    if (!CLASSES.includes(setting)) expect(Object.values(KEYS)).toContain(setting)
})

it('a paper whose PDF nobody has is not only tried again', () => {
  expect(nextStep('pdf_not_found', '2401.00001')).toBe(
    'no host has it: put its PDF into the PDF folder (pdf_dir); then rpa retry --error-class pdf_not_found',
  )
  expect(nextStep('pdf_withdrawn', '2401.00001')).not.toContain('retry')
  expect(nextStep('internal', '2401.00001', 'rpa retry 2401.00001')).toBe(
    'see why (rpa log 2401.00001); then rpa retry 2401.00001',
  )
  expect(nextStep('of_my_machine', '2401.00001')).toContain('rpa log 2401.00001')
})

it('a paper that was tried too often is named, for else it is not tried again', () => {
  expect(nextStep('too_many_attempts', '2401.00001')).toMatch(/; then rpa retry 2401\.00001$/)
})

it('one line has room for what to do about one class, and else names all of them', () => {
  const failed = ['pdf_corrupt', 'pdf_no_text', 'timeout', 'internal'].map((error_class, n) => ({
    error_class,
    count: n + 1,
    arxiv_ids: ['2401.00001'],
  }))
  expect(renderTrouble({ ...QUIET, failed: failed.slice(0, 1), stuck: 1 })).toBe(
    `failed: 1 pdf_corrupt (2401.00001): ${nextStep('pdf_corrupt', '2401.00001')}; stuck: 1 paper of processes that are gone: rpa reap`,
  )
  expect(renderTrouble({ ...QUIET, failed, stuck: 1 })).toBe(
    'failed: 1 pdf_corrupt, 2 pdf_no_text, 3 timeout, …: rpa status; stuck: 1 paper of processes that are gone: rpa reap',
  )
})

it('the digest says it of each class', () => {
  for (const error_class of CLASSES) {
    const failed = [{ error_class, count: 1, arxiv_ids: ['2401.00001'] }]
    const text = renderDigest({ ...QUIET, quiet: false, failed })
    expect(text).toContain(`failed: 1 ${error_class} (2401.00001): ${nextStep(error_class, '2401.00001')}`)
  }
})

const QUIET: Digest = {
  since: '2026-03-03T12:00:00.000Z',
  now: '2026-03-04T12:00:00.000Z',
  done: { count: 0, newest: [] },
  failed: [],
  requests: { sent: 0, failed: 0 },
  queue: 0,
  waits: [],
  broken: [],
  stuck: 0,
  waiting: [],
  alike: [],
  unable: [],
  forecast: null,
  quiet: true,
}
