import type { OfferedModels, ProfileProposal } from '../../pipeline/overview/offered-models.js'
import { printable } from '../errors.js'
import { renderTable } from '../layout/table.js'

const WHY: Record<ProfileProposal['why'], string> = {
  gone: 'is not offered any more',
  fails: 'gave an answer to less than half of the requests',
  context: 'takes fewer tokens than the profile counts on',
}

/** Returns the table of models, what they share, and what could stand in profiles.yml instead. */
export function renderModels({
  endpoint,
  free_only: isFree,
  models,
  limits,
  proposals,
}: OfferedModels): string {
  const columns = [
    { head: 'MODEL' },
    { head: 'CONTEXT', align: 'right' as const },
    { head: 'REQUESTS', align: 'right' as const },
    { head: 'ANSWERED', align: 'right' as const },
    { head: 'PROFILES' },
  ]
  const rows = models.map(({ model, context_length: context, requests, success_rate: rate, profiles }) => [
    model,
    context ?? '',
    requests,
    rate === null ? '' : `${Math.round(rate * 100)} %`,
    profiles.join(', '),
  ])
  const count = `${models.length} ${isFree ? 'free ' : ''}${models.length === 1 ? 'model' : 'models'} at ${endpoint}`
  const shared =
    limits === null
      ? []
      : [
          `together: ${limits.requests_per_minute} requests a minute${
            limits.requests_per_day === null ? '' : `, ${limits.requests_per_day} a day`
          } (${limits.group} in limits.yml)`,
        ]
  const text = [
    ...(models.length === 0 ? [] : [renderTable(columns, rows)]),
    `${count}; requests of the last 30 days`,
    ...shared,
    ...proposals.flatMap(proposed),
  ]
  return printable(text.join('\n'))
}

function proposed({ profile, model, why, instead }: ProfileProposal): string[] {
  const trouble = `\n${profile}: ${model} ${WHY[why]}.`
  if (instead === null) return [`${trouble} Nothing that is offered will do.`]
  return [
    `${trouble} To try another, write into config/profiles.yml:`,
    `    ${profile}:`,
    `      name: ${instead.name}`,
    `      context_length: ${instead.context_length}`,
  ]
}
