import { RpaError } from '../../core/errors.js'
import type { Settings } from '../../core/settings/settings.js'
import { openCorpus } from '../../corpus/open.js'
import { openForCheck } from '../../db/engine/open.js'
import { checkDatabase } from '../../db/maintenance/check-database.js'
import { busyExecutions } from '../overview/status-report.js'
import type { Finding } from './finding.js'
import { badOf } from './finding.js'

/** Further apart, and the UTC day begins at another moment here than there. */
const CLOCK_APART_MS = 5000

/** Returns whether there is a corpus, and what it offers. */
export function corpusCheck({ corpusDb }: Settings): Finding {
  const check = 'corpus'
  try {
    const corpus = openCorpus(corpusDb)
    try {
      const { fts, queueColumns, scoreColumns, citations } = corpus.features
      const has = [
        ...(queueColumns === null ? [] : ['a queue']),
        ...(scoreColumns.length === 0 ? [] : ['scores']),
        ...(citations ? ['citations'] : []),
      ]
      const message = `${corpusDb}${has.length === 0 ? '' : `, with ${has.join(', ')}`}`
      if (fts) return { check, state: 'good', message }
      return {
        check,
        state: 'note',
        message,
        todo: 'It has no index papers_fts: reports will name no neighbours.',
      }
    } finally {
      corpus.close()
    }
  } catch (error) {
    if (!(error instanceof RpaError)) throw error
    if (error.code !== 'corpus_missing') return badOf(check, error)
    return {
      check,
      state: 'note',
      message: `none yet at ${corpusDb}`,
      todo: 'rpa seed ID makes one, or rpa corpus import FILE.',
    }
  }
}

/** Returns what the executions DB is, and whether work of dead processes stands in it. */
export async function databaseChecks({ databaseUrl }: Settings): Promise<Finding[]> {
  const check = 'executions DB'
  try {
    const database = await openForCheck(databaseUrl)
    try {
      const about = await checkDatabase(database)
      const {
        version,
        papers,
        schema,
        newest,
        writes,
        creates,
        clock_ahead_ms: ahead,
        latency_ms: ms,
      } = about
      const message = `${about.database}: ${version}, ${papers} papers, ${ms} ms away`
      if (!writes || (schema < newest && !creates)) {
        return [
          {
            check,
            state: 'bad',
            message,
            todo: 'It cannot be written as it must be: rpa db check says why.',
          },
        ]
      }
      const clock: Finding[] =
        Math.abs(ahead) < CLOCK_APART_MS
          ? []
          : [
              {
                check: 'clock',
                state: 'note',
                message: `the server's is ${Math.round(ahead / 1000)} s ahead of this machine's`,
                todo: 'Set the clocks (NTP); the server’s is the one that counts.',
              },
            ]
      return [
        { check, state: 'good', message },
        ...clock,
        ...(schema < newest ? [] : [await stuckCheck(database)]),
      ]
    } finally {
      await database.close()
    }
  } catch (error) {
    if (!(error instanceof RpaError)) throw error
    if (error.code !== 'db_missing') return [badOf(check, error)]
    return [{ check, state: 'note', message: 'none yet', todo: 'rpa seed makes it.' }]
  }
}

async function stuckCheck({ db, clock }: Awaited<ReturnType<typeof openForCheck>>): Promise<Finding> {
  const stuck = (await busyExecutions(db, clock.now())).stuck.length
  if (stuck === 0) return { check: 'stuck work', state: 'good', message: 'none' }
  return {
    check: 'stuck work',
    state: 'note',
    message: `${stuck} ${stuck === 1 ? 'paper' : 'papers'} of processes that are gone`,
    todo: 'The next run of its phase continues it; rpa reap puts it back at once.',
  }
}
