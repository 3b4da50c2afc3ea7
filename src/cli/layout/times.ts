/** Returns a stored time for people: `12:34:56 UTC`, with its day where that is another one than that of `now`. */
export function readableTime(iso: string | null, now: string): string {
  if (iso === null || Number.isNaN(Date.parse(iso))) return 'further notice'
  const text = new Date(iso).toISOString()
  const time = `${text.slice(11, 19)} UTC`
  return text.slice(0, 10) === now.slice(0, 10) ? time : `${text.slice(0, 10)} ${time}`
}
