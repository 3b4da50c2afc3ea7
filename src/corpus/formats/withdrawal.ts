import { isWithdrawnNotice, saysWithdrawn } from '../../text/withdrawal.js'

/** Returns whether title, abstract or comment of a version say that it was taken back. */
export function isWithdrawal(title: string, abstract: string, comment: string | null): boolean {
  if (isWithdrawnNotice(title, abstract)) return true
  return comment !== null && (saysWithdrawn(comment) || isWithdrawnNotice('', comment))
}
