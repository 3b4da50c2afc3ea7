const UNITS = ['kB', 'MB', 'GB', 'TB']

/** Returns a number of bytes for people, in powers of 1000: `640 bytes`, `12.3 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  let value = bytes / 1000
  let unit = 0
  // 999.95 would be shown as 1000.0.
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value.toFixed(1)} ${UNITS[unit] ?? ''}`
}
