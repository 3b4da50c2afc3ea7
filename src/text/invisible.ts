/** Characters nobody sees: zero-width, fillers, direction overrides, soft hyphens, variation selectors, Unicode tags. */
export const INVISIBLE =
  /[\u00AD\u115F\u1160\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0]|\u034F|[\u17B4\u17B5]|[\u180B-\u180D\u180F]|[\uFE00-\uFE0F]|[\u{E0000}-\u{E01EF}]/gu

/** Tag characters repeat ASCII, unseen: whole sentences can be written in them. */
const TAGS = /[\u{E0020}-\u{E007E}]+/gu

/** Returns a text as a reader sees it, letters in their plain form, and what is written in it in characters unseen. */
export function visible(text: string): { shown: string; smuggled: string } {
  const smuggled = [...text.matchAll(TAGS)].map(([run]) =>
    [...run].map((sign) => String.fromCharCode(sign.codePointAt(0)! - 0xe0000)).join(''),
  )
  return { shown: text.replace(INVISIBLE, '').normalize('NFKC'), smuggled: smuggled.join('\n') }
}

/** Returns a text in which every half of a pair that stands alone is U+FFFD, as UTF-8, and so every file and DB, will have it. */
export function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}
