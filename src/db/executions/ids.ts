import { randomBytes } from 'node:crypto'

/**
 * Returns a UUID of version 7 (RFC 9562): ids sort by time and, within a millisecond, by their place in the batch, so
 * that executions seeded together are worked on in the order of seeding, and index pages fill up one after the other.
 *
 * @param place position in a batch that shares one `now`.
 */
export function orderedUuid(now: number, place: number): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now + Math.floor(place / 4096), 0, 6)
  bytes.writeUInt16BE(0x7000 | (place % 4096), 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
