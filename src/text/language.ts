/** Words that stand in nearly every sentence of a language and hardly ever in another. */
const COMMON: Readonly<Record<string, string>> = {
  en: 'the of and to is that are with for this from which by not on was were as it be',
  de: 'der die das und ist nicht mit auf eine ein den dem von zu wird werden sich auch für im',
  fr: 'le la les des est une dans pour que qui sur avec pas sont du par plus ce cette aux',
  es: 'el los las una es que en por con para del se no más como este esta son al sobre',
  pt: 'os das uma não que em por com para do da são mais como ao pelo pela dos seu sua',
  it: 'il gli che della delle una per con non sono è nel dei più come questo questa alla di un',
  nl: 'het een van niet zijn op met voor dat wordt worden ook aan bij deze naar door maar uit er',
}
const WORDS = new Map<string, string[]>()
for (const [language, words] of Object.entries(COMMON)) {
  for (const word of words.split(' ')) WORDS.set(word, [...(WORDS.get(word) ?? []), language])
}
const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['cyrillic', /\p{Script=Cyrillic}/gu],
  ['kana', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['hangul', /\p{Script=Hangul}/gu],
  ['han', /\p{Script=Han}/gu],
  ['arabic', /\p{Script=Arabic}/gu],
  ['devanagari', /\p{Script=Devanagari}/gu],
]
const LEAST_WORDS = 20
const LEAST_SIGNS = 25
const MAX_READ = 20_000

/** Returns the language of a text, or its script where that is not Latin; null for a text that is too short to tell, or mixed. */
export function languageOf(text: string): string | null {
  const read = text.slice(0, MAX_READ).replace(/"[^"\n]{0,1000}"|“[^”\n]{0,1000}”|`[^`\n]{0,1000}`/g, ' ')
  const letters = read.match(/\p{L}/gu)?.length ?? 0
  for (const [script, pattern] of SCRIPTS) {
    const signs = read.match(pattern)?.length ?? 0
    if (signs >= LEAST_SIGNS && signs > letters * (script === 'kana' ? 0.2 : 0.4)) return script
  }
  const words = read.toLowerCase().match(/\p{L}+/gu) ?? []
  if (words.length < LEAST_WORDS) return null
  const counts = new Map<string, number>()
  for (const word of words)
    for (const language of WORDS.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1)
  const [[best, most] = [null, 0], [, second] = [null, 0]] = [...counts].sort(
    ([, one], [, other]) => other - one,
  )
  return most >= words.length * 0.08 && most >= second * 2 ? best : null
}
