import { createHash } from 'node:crypto'
import type { ConfigTree } from '../../core/files/config-tree.js'
import { ConfigError, UsageError } from '../../core/errors.js'
import type { JsonObject } from '../../core/json.js'
import type { Settings } from '../../core/settings/settings.js'
import type { Judgement } from '../../db/calls/judgements.js'
import { keptJudgements } from '../../db/calls/judgements.js'
import type { Db } from '../../db/engine/prepared.js'
import type { LoadedMachine } from '../../machines/loaded.js'
import { otherSide, SIDES, type Side } from '../../report/judging/judged-pairs.js'
import { JUDGE, namedMachine } from '../config/named-machine.js'
import { agentsOf } from '../config/phase-profiles.js'
import type { ProfileResolver } from '../config/resolve-profiles.js'
import { byHandProfiles } from '../run-by-hand.js'

/** Two reports on one paper, blind. */
export interface PairToJudge {
  arxiv_id: string
  ours: string
  baseline: string
  /** Reads it; null: it is not at hand. */
  paperText: () => Promise<string | null>
}

/** One pair in one order. */
export interface Question {
  pair: PairToJudge
  /** Whose report stands first. */
  first: Side
  hash: string
}

export interface Judge {
  machine: LoadedMachine
  profiles: ProfileResolver
  /** All that is the same in every question: of whom is asked, and what. */
  asked: string
}

/**
 * Returns the judge in force.
 *
 * @param env where the keys are; null: none is looked for.
 * @throws UsageError `judge_offline` where no model would be asked; ConfigError `judge_machine` where the machine asks none or several
 * agents, and where files, profiles or keys are wrong.
 */
export function judgeInForce(config: ConfigTree, settings: Settings, env: NodeJS.ProcessEnv | null): Judge {
  const machine = namedMachine(config, JUDGE.name)
  const [agent, ...others] = agentsOf(machine)
  if (agent === undefined || others.length > 0) {
    throw new ConfigError(
      'judge_machine',
      `${machine.file} asks ${others.length === 0 ? 'no agent' : 'several agents'}.`,
      {
        hint: 'A judge gives one answer: let its machine ask one agent.',
      },
    )
  }
  const chainOf = byHandProfiles({ config, settings, env }, machine)
  const [first, ...fallbacks] = chainOf(agent)
  if (first.provider === 'offline') {
    throw new UsageError(
      'judge_offline',
      `The offline writer cannot judge, and the profile "${first.profile}" asks no model.`,
      {
        hint: 'Choose a profile with a model (RPA_PROFILE, or the agent judge), or leave out --judge.',
      },
    )
  }
  const models = fallbacks.filter(({ provider }) => provider !== 'offline')
  return {
    machine,
    profiles: () => [first, ...models],
    asked: JSON.stringify([first.model, agent.system, agent.user]),
  }
}

/** Returns what is to be asked about pairs: each in both orders, with the hash by which its answer is kept. */
export async function questionsAbout(judge: Judge, pairs: readonly PairToJudge[]): Promise<Question[]> {
  const questions: Question[] = []
  for (const pair of pairs) {
    const text = await pair.paperText()
    for (const first of SIDES) {
      const hash = createHash('sha256')
        .update(JSON.stringify([judge.asked, inputOf({ pair, first }, text)]))
        .digest('hex')
      questions.push({ pair, first, hash })
    }
  }
  return questions
}

/** Returns what the machine is given; it tells neither whose a report is nor which order this is. */
export function inputOf(
  { pair, first }: Pick<Question, 'pair' | 'first'>,
  paperText: string | null,
): JsonObject {
  return { paper_text: paperText, report_a: pair[first], report_b: pair[otherSide(first)] }
}

/** Returns the answers that are kept: hash of a question → answer. */
export async function answersTo(
  db: Db | null,
  questions: readonly Question[],
): Promise<Map<string, Judgement>> {
  const hashes = [...new Set(questions.map(({ hash }) => hash))]
  return db === null ? new Map() : keptJudgements(db, hashes)
}
