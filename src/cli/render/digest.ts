import type { FailedPapers } from '../../db/executions/ended.js'
import type { Digest } from '../../pipeline/overview/digest.js'
import { nextStep } from '../../pipeline/failures/next-steps.js'
import { waitWords } from '../../pipeline/failures/wait-words.js'
import { waitReasons } from '../../pipeline/schedule/paper-waits.js'
import { readableTime } from '../layout/times.js'

const CLASSES = 3
/** So few requests without an answer are no trouble. */
const LOST_REQUESTS = 3
const LONGEST_TITLE = 60
const LONGEST_TROUBLE = 300
const LONGEST_REASON = 120

/** Returns ten lines at most for one mail a day; nothing where nothing happened. */
export function renderDigest(digest: Digest): string {
  if (digest.quiet) return ''
  const { done, failed, requests, queue, stuck, now } = digest
  const failures = failed.reduce((sum, { count }) => sum + count, 0)
  const counts = [
    papers(done.count, 'done'),
    ...(failures > 0 ? [`${failures} failed`] : []),
    `${requests.sent} requests${requests.failed > 0 ? ` (${requests.failed} of no use)` : ''}`,
    `${queue} in the queue${ahead(digest)}`,
  ]
  const others = failed.slice(CLASSES).reduce((sum, { count }) => sum + count, 0)
  return [
    `Since ${readableTime(digest.since, now)}: ${counts.join(', ')}.`,
    ...doneLines(done),
    ...failed.slice(0, CLASSES).map(failedLine),
    ...(others > 0 ? [`failed: ${others} more of other classes: rpa status`] : []),
    ...waitLine(digest),
    ...joined([...unableWords(digest), ...stuckLine(stuck)]),
  ].join('\n')
}

/** Returns one line where something is wrong, for those who want a mail on bad days alone; else nothing. */
export function renderTrouble(digest: Digest): string {
  const { done, failed, requests, queue, waits, broken, alike, stuck, since, now } = digest
  const isMostlyLost = requests.failed >= LOST_REQUESTS && requests.failed * 2 > requests.sent
  const isIdle =
    done.count === 0 && requests.sent === 0 && queue > 0 && waits.every(({ reason }) => IDLE.has(reason))
  const sinceWhen = `since ${readableTime(since, now)}`
  return oneLine(
    [
      ...unableWords(digest),
      ...alike.slice(0, CLASSES).map(alikeLine),
      ...failedWords(failed),
      ...broken.slice(0, CLASSES).map(brokenLine),
      ...(isMostlyLost
        ? [`${requests.failed} of ${requests.sent} requests ${sinceWhen} were of no use: rpa status`]
        : []),
      ...stuckLine(stuck),
      ...(isIdle
        ? [
            `nothing was done ${sinceWhen}, and ${papers(queue, 'in the queue')}: rpa status`,
            ...waitingLine(digest),
          ]
        : []),
    ].join('; '),
    LONGEST_TROUBLE,
  )
}

/** Of a model the reason has the name, and a server's words may be long. */
function brokenLine({ name, reason }: Digest['broken'][number]): string {
  const words = reason ?? `${name} is out of order`
  return `${oneLine(words, LONGEST_REASON)}: ${name.startsWith('model:') ? 'rpa models' : 'rpa doctor'}`
}

/** Reasons for which nothing may be done for ever. */
const IDLE = new Set<Digest['waits'][number]['reason']>(['nobody', 'time'])

function doneLines({ count, newest }: Digest['done']): string[] {
  const more = count - newest.length
  return newest.map(({ arxiv_id, title }, place) => {
    const others = more > 0 && place === newest.length - 1 ? ` (and ${more} more: rpa report list)` : ''
    return `done: ${arxiv_id}  ${oneLine(title)}${others}`
  })
}

/** What the last run of a command ended with, where it could not do its work. */
function unableWords({ unable, now }: Digest): string[] {
  return unable
    .slice(0, CLASSES)
    .map(
      ({ command, exit_code, error, ended_at }) =>
        `rpa ${command} ended with ${exit_code} (${error}) at ${readableTime(ended_at, now)}: rpa doctor`,
    )
}

function waitingLine({ waiting, now }: Digest): string[] {
  const [first] = waiting
  if (first === undefined) return []
  const count = waiting.reduce((sum, one) => sum + one.papers, 0)
  return [
    `${papers(count, 'put back')}, ${count === 1 ? '' : 'the first '}until ${readableTime(first.until, now)}: ${waitReasons(waiting)}`,
  ]
}

function joined(words: readonly string[]): string[] {
  return words.length === 0 ? [] : [words.join('; ')]
}

function stuckLine(stuck: number): string[] {
  return stuck > 0 ? [`stuck: ${papers(stuck, 'of processes that are gone')}: rpa reap`] : []
}

function papers(count: number, what: string): string {
  return `${count} ${count === 1 ? 'paper' : 'papers'} ${what}`
}

function ahead({ forecast, queue }: Digest): string {
  const days = forecast?.days_until_empty ?? null
  return queue === 0 || days === null ? '' : `: ${days} ${days === 1 ? 'day' : 'days'} at this rate`
}

function failedLine({ error_class: name, count, arxiv_ids: ids }: FailedPapers): string {
  const more = count > ids.length ? ', …' : ''
  return `failed: ${count} ${name} (${ids.join(', ')}${more}): ${nextStep(name, ids[0] ?? 'ID')}`
}

/** In one line there is room to say what to do about one class only. */
function failedWords(failed: Digest['failed']): string[] {
  if (failed.length <= 1) return failed.map(failedLine)
  const some = failed.slice(0, CLASSES).map(({ error_class: name, count }) => `${count} ${name}`)
  return [`failed: ${some.join(', ')}${failed.length > CLASSES ? ', …' : ''}: rpa status`]
}

function alikeLine({ error_class: name, papers: count }: Digest['alike'][number]): string {
  return `put back: ${count} that failed alike, ${name}: ${waitWords(name)}: rpa status`
}

/** Of what waits, the first: the others most often wait for the same. */
function waitLine(digest: Digest): string[] {
  const { waits, waiting, now } = digest
  if (waiting.length > 0 && waits.every(({ reason }) => IDLE.has(reason))) return waitingLine(digest)
  const [first, ...more] = [...waits].sort(
    (a, b) => Number(b.reason === 'circuit') - Number(a.reason === 'circuit'),
  )
  if (first === undefined) return []
  const until = first.until === null ? '' : `, until ${readableTime(first.until, now)}`
  const others = more.length === 0 ? '' : `; ${more.map(({ phase }) => phase).join(' and ')} too`
  return [`${first.phase} waits: ${first.message}${until}${others}`]
}

/** Titles come from strangers. */
function oneLine(title: string, most = LONGEST_TITLE): string {
  const text = title.replace(/\s+/g, ' ').trim()
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
