import type { Sample } from './types.js'

/** Returns the name of a document's outermost element without its prefix, null for anything but XML. */
export function rootOf(sample: Sample): string | null {
  const text = sample.bytes.subarray(0, 64 * 1024).toString('latin1')
  const root =
    /^(?:\xef\xbb\xbf)?\s*(?:<(?:\?[^>]*\?>|!--[\s\S]*?-->|![^[>]*(?:\[[^\]]*\]\s*)?>)\s*)*<([A-Za-z][\w.:-]*)/.exec(
      text,
    )?.[1]
  return root === undefined ? null : root.slice(root.indexOf(':') + 1)
}
