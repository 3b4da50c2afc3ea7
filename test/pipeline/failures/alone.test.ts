import { expect, it } from 'vitest'
import { PaperError } from '../../../src/core/errors.js'
import { DEFINITIONS } from '../../../src/core/settings/settings.js'
import type { Limits } from '../../../src/llm/limits.js'
import { SourceTroubleError } from '../../../src/papers/fetch/host-turn.js'
import { judge } from '../../../src/pipeline/failures/judge.js'

it('a paper that alone gets no PDF is tried for more than a day before it is given up', () => {
  const maxAttempts = Number(DEFINITIONS.maxAttempts.fallback({}, ''))
  let now = 0
  for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
    const failed = new SourceTroubleError(new PaperError('pdf_download_failed', 'HTTP 502'), now + 60_000)
    const rest = { limits: {} as Limits, failures: 1, random: () => 0 }
    const verdict = judge(failed, { now, attempt, maxAttempts, ...rest })
    expect(verdict).toMatchObject({ paper: 'release', refund: false, retryAt: verdict.notBefore })
    now = verdict.notBefore ?? 0
    if (attempt < maxAttempts - 1) continue
    expect(now).toBeGreaterThan(86_400_000)
    expect(judge(failed, { now, attempt: maxAttempts, maxAttempts, ...rest }).paper).toBe('fail')
  }
  expect(now).toBeGreaterThan(0)
})
