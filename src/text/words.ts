import { stem } from './stems.js'

/** English words that carry no subject of their own. Lower case; contractions are split at the apostrophe before the look-up. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above across after afterwards again against all almost alone along already also although always am among
  amongst an and another any anyhow anyone anything anyway anywhere are aren around as at away be became because become
  becomes been before beforehand behind being below beside besides between beyond both but by can cannot could couldn d
  despite did didn do does doesn doing don done down due during each either else elsewhere enough especially etc even ever
  every everyone everything everywhere except far few finally first firstly for former formerly from further furthermore
  get gets given gives go goes had hadn has hasn have haven having he hence her here hereby herein hers herself him himself
  his how however i if in indeed inside instead into is isn it its itself just last lastly latter least less let like likely
  ll made mainly make makes making many may maybe me meanwhile might mine more moreover most mostly much must my myself
  namely near nearly neither never nevertheless next no nobody none nor not nothing now nowhere of off often on once one
  only onto or other others otherwise our ours ourselves out outside over overall own per perhaps please possibly quite
  rather re really recently regarding regardless respectively s said same say says second secondly see seem seems seen
  several shall she should shouldn shown shows since so some somehow someone something sometimes somewhat somewhere soon
  still such t take taken than that the their theirs them themselves then thence there thereby therefore therein these they
  third this those though through throughout thus till to together too toward towards under unless unlike until up upon us
  use used uses using usually ve very via was wasn we well were weren what whatever when whenever where whereas whereby
  wherein whether which whichever while who whoever whole whom whose why will with within without won would wouldn yet you
  your yours yourself zero two three four five six seven eight nine ten eg ie al et cf vs fig figs figure figures eq eqs sec
  tab`.split(/\s+/),
)

/** Returns the lower-case runs of ASCII letters and digits of a text, in order. */
export function words(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? []
}

/** Returns the lower-case runs of letters and digits of any script; what one compares sentences by. */
export function letterWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

/** Returns the stems of the words that are no stop words and longer than one character. */
export function contentStems(text: string): string[] {
  const stems: string[] = []
  for (const word of letterWords(text)) {
    if (word.length > 1 && !STOP_WORDS.has(word)) stems.push(stem(word))
  }
  return stems
}
