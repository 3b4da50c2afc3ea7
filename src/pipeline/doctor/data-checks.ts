import { RpaError } from '../../core/errors.js'
import type { Settings } from '../../core/settings/settings.js'
import { openCorpus } from '../../corpus/open.js'
import { promptsRead } from '../../db/usage/prompts-read.js'
import { openForCheck } from '../../db/engine/open.js'
import { checkDatabase } from '../../db/maintenance/check-database.js'
import type { ModelProfile } from '../../llm/provider.js'
import { isPromptCut } from '../../llm/tokens.js'
import { busyExecutions } from '../overview/status-report.js'
import type { Finding } from './finding.js'
import { badOf, clockFinding } from './finding.js'

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

/** Returns what the executions DB is, whether work of dead processes stands in it, and which models read prompts in part. */
export async function databaseChecks(
  { databaseUrl }: Settings,
  profiles: readonly ModelProfile[],
): Promise<Finding[]> {
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
      const tables = schema < newest ? `${schema}, ${newest} with the next command that writes` : schema
      const message = `${about.database}: ${version}, tables of version ${tables}, ${papers} papers, ${ms} ms away`
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
      const clock = clockFinding(ahead, "the DB's server")
      return [
        { check, state: 'good', message },
        ...(clock.state === 'good' ? [] : [clock]),
        ...(schema < newest ? [] : [await stuckCheck(database), ...(await promptChecks(database, profiles))]),
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

/** Enough to have a long paper among them, few enough to forget a server that was started anew. */
const NEWEST_PROMPTS = 20

/** Finds servers that cut what is too long for them, and answer as if they had read it. */
async function promptChecks(
  { db }: Awaited<ReturnType<typeof openForCheck>>,
  profiles: readonly ModelProfile[],
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { model, profile } of new Map(profiles.map((one) => [one.model, one])).values()) {
    const prompts = await promptsRead(db, model, NEWEST_PROMPTS)
    if (prompts === null || !isPromptCut(prompts.estimated, prompts.read)) continue
    findings.push({
      check: 'prompts',
      state: 'bad',
      message: `${model} read no more than ${prompts.read} tokens of prompts of up to about ${prompts.estimated}: its server cuts what is too long without a word`,
      todo: `Start it with a longer context (Ollama: OLLAMA_CONTEXT_LENGTH), or set context_length of the profile "${profile}" to what it has. Reports it wrote know only a part of their papers.`,
    })
  }
  return findings
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
