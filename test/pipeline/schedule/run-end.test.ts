import { describe, expect, it } from 'vitest'
import { RpaError } from '../../../src/core/errors.js'
import type { Verdict } from '../../../src/pipeline/failures/judge.js'
import { HostStreak } from '../../../src/pipeline/schedule/host-streak.js'
import type { Wait } from '../../../src/pipeline/schedule/run-end.js'
import { RunEnd } from '../../../src/pipeline/schedule/run-end.js'

const NOW = 1_000_000
const PATIENCE = 90_000

function met(host: Verdict['host']): Verdict {
  return {
    paper: 'release',
    refund: true,
    stop: null,
    errorClass: 'pdf_source_trouble',
    message: 'the host fails',
    hint: null,
    retryAt: NOW + 60_000,
    notBefore: null,
    fatal: null,
    host,
  }
}

function after(...verdicts: (Verdict | null)[]): RunEnd {
  const hosts = new HostStreak({ pdfDir: null })
  for (const verdict of verdicts) hosts.ended(verdict)
  return new RunEnd(hosts, PATIENCE)
}

const wait = (phase: Wait['phase'], inMs: number, closed = false): Wait => ({
  phase,
  at: NOW + inMs,
  stop: closed ? { reason: 'circuit', retryAt: NOW + inMs, message: 'closed' } : null,
})

describe('a run with nothing to do', () => {
  it('is done where nothing is left, whatever a host did before', () => {
    expect(after(met('trouble')).endsWith([], false, NOW)).toBe('done')
    expect(after(met('away')).endsWith([], true, NOW)).toBe('done')
  })

  it('says which host is left alone where all that is left waits for it, until it has given a PDF', () => {
    const prep = [wait('prep', 60_000)]
    expect(after(met('trouble')).endsWith(prep, false, NOW)).toMatchObject({ message: 'the host fails' })
    expect(after(met('trouble'), null).endsWith(prep, false, NOW)).toBeNull()
    expect(after(met('trouble')).endsWith([...prep, wait('wrap', 1000)], false, NOW)).toBeNull()
  })

  it('waits for models that are closed no longer than its patience', () => {
    const end = after()
    expect(end.endsWith([wait('analyze', 1000, true)], false, NOW)).toBeNull()
    expect(end.endsWith([wait('analyze', PATIENCE + 2, true)], false, NOW + 1)).toMatchObject({
      message: 'closed',
    })
    expect(end.endsWith([wait('analyze', PATIENCE + 2, true)], false, NOW + PATIENCE + 1)).not.toBeNull()
    end.progressed()
    expect(end.endsWith([wait('analyze', PATIENCE + 2, true)], false, NOW + PATIENCE + 1)).toBeNull()
  })

  it('waits for papers after a failure no longer than its patience', () => {
    expect(after().endsWith([wait('prep', PATIENCE)], false, NOW)).toBeNull()
    expect(after().endsWith([wait('prep', PATIENCE + 1)], false, NOW)).toMatchObject({
      reason: 'circuit',
      retryAt: NOW + PATIENCE + 1,
    })
    expect(after().endsWith([wait('prep', PATIENCE + 1), wait('wrap', 1)], false, NOW)).toBeNull()
  })

  it('fails where no host of PDFs can be reached, and nothing was done or three papers met it', () => {
    const prep = [wait('prep', 60_000)]
    expect(() => after(met('away')).endsWith(prep, true, NOW)).toThrow(RpaError)
    expect(after(met('away')).endsWith(prep, false, NOW)).toBe('done')
    const three = after(met('away'), met('away'), met('away'))
    expect(() => three.endsWith(prep, false, NOW)).toThrow('the host fails')
    expect(() => three.endsWith([wait('prep', 600_000, true)], true, NOW)).toThrow('the host fails')
  })
})
