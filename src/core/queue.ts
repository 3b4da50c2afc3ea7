import type { AsideStatus, ReadyStatus } from './phases.js'
import { ASIDE_STATUSES, READY_STATUSES } from './phases.js'

/** Statuses in which nobody works on a paper that is not at its end. */
export type QueueStatus = ReadyStatus | AsideStatus

/** Of papers that will be worked on, by themselves or once they are released: furthest first. */
export const WAITING_STATUSES: readonly QueueStatus[] = [...READY_STATUSES, 'held']
export const QUEUE_STATUSES: readonly QueueStatus[] = [...READY_STATUSES, ...ASIDE_STATUSES]

/** What is done to papers that wait. */
export type QueueChange =
  { kind: 'move'; priority: number } | { kind: 'hold' } | { kind: 'drop' } | { kind: 'release' }

/** The statuses in which each change finds something to do. */
export const CHANGEABLE: Readonly<Record<QueueChange['kind'], readonly QueueStatus[]>> = {
  move: WAITING_STATUSES,
  hold: READY_STATUSES,
  drop: WAITING_STATUSES,
  release: ASIDE_STATUSES,
}
