import { STOP_WORDS } from '../../text/words.js'
import { DEED_FORMS, VERB_FORMS } from './verb-forms.js'

/** Words of scientific prose that are part of no term: they end a phrase. */
const NEVER = new Set(
  `paper papers section sections example examples way ways case cases fact author authors arxiv preprint https http www com
  org proceedings university department introduction conclusion conclusions references appendix acknowledgments
  acknowledgements chapter figure show propose consider describe provide require give take become allow follow means mean
  acm ieee vol pp proc int conf copyright rights reserved permission page pages lemma theorem proof proposition corollary
  remark assume let thus hence respect respectively thing things reason reasons people person today day days april august
  december february january july june march november october september monday st nd rd th mr dr mev gev kev tev ghz mhz khz obtain define denote
  represent contrast addition introduce introduces introduced introducing generate generates evaluate evaluates
  utilize utilizes contains contained outperform outperforms outperforming develop develops developing indicate indicates
  demonstrate demonstrates achieve achieves achieved improves yield yields suggest suggests performs enable enables explore
  explores investigate investigates compute computes choose apply applies applied solve solves extend extends exploit
  exploits employ employs leverage leverages focus focuses lead leads aim aims remain remains provides requires
  considers proposes presents describes gives makes takes becomes allows 1st 2nd 3rd kind kinds importance author's
  begin begins began leave leaves look looks hold holds discuss discusses overspend overspends
  bring brings occur occurs recover recovers send sends hundred thousand million billion trillion trillions united institute engage engages`.split(
    /\s+/,
  ),
)

/** Of these, what may name a subject where authors list theirs: `Bayes' theorem`. */
export const NAMED_BY_AUTHORS: ReadonlySet<string> = new Set(['theorem', 'theorems', 'lemma', 'lemmas'])

/** Words that name a subject only together with others, and are no term by themselves. */
export const SOFT = new Set(
  `approach approaches work works result results number numbers set sets type types part parts step steps value values order
  point points time times term terms problem problems issue issues study studies method methods technique techniques
  property properties conference journal workshop abstract discussion related experiment experiments experimental
  evaluation performance new novel different various first second large small high low good better best important possible
  main general specific similar simple common able available based proposed existing current previous recent following
  present need find get make increase decrease improve reduce compare contain right left top bottom long short key full
  total single multiple certain particular significant corresponding respective additional effective efficient definition
  equation use user users goal goals idea ideas advantage question questions research researchers field area areas level
  levels amount rest change changes difference effect effects future year years system systems model models algorithm
  algorithms data process function functions application applications information analysis structure group groups design
  framework case solution solutions name names object objects size rate test tests quality environment environments
  operation operations implementation tool tools technology development context space component components class classes
  element elements item items event events rule rules state states line lines form forms content feature features
  table tables many much several read very less greater larger smaller higher lower bigger`.split(/\s+/),
)
/** Words that only together with one of another kind name a subject: \`language model training\`. */
export const GENERIC = new Set(
  `training testing parameter parameters accuracy requirement requirements characterization generalization natural
  confidence behavior behaviour measurement measurements observation observations assumption assumptions condition
  conditions constraint constraints configuration region regions target targets overall average mean standard
  basic initial final common typical capability capabilities treatment need needs dataset datasets activity
  activities mechanism mechanisms student students player players protein proteins dna gene genes cell cells
  mutation mutations regulation law laws theory benchmark benchmarks baseline baselines domain domains document
  documents receptor receptors characteristic characteristics real world downstream mathematical automated
  generation`.split(/\s+/),
)
/** Judgements and orders: they say what the author thinks of a subject, and are no part of its name. */
const VAGUE = new Set(
  `crucial cheapest extensive multiple smallest largest highest lowest best worst latest greatest biggest novel new recent existing
  proposed previous prior current different various important main significant certain particular corresponding respective
  additional available whole entire promising challenging interesting popular typical traditional conventional powerful
  effective better good remaining desired resulting subsequent numerous diverse considerable substantial notable remarkable
  superior comprehensive appropriate suitable necessary sufficient correct incorrect actual overall following individual combined special alternative possible modern ubiquitous stiffer softer weaker stronger faster
  slower larger smaller higher lower longer shorter broader deeper denser sparser cheaper richer harder easier`.split(
    /\s+/,
  ),
)
/** What is done with a subject: `optimizing instructions`, `derived bounds`. */
const DEEDS = new Set(
  `performing proposing optimizing optimising improving exploring understanding solving building evaluating comparing
  investigating addressing combining creating developing designing enabling finding handling identifying implementing
  incorporating increasing reducing introducing leveraging making maximizing minimizing obtaining presenting providing
  proving replacing requiring selecting showing studying supporting treating verifying analyzing applying achieving adapting
  adding avoiding bridging bringing capturing choosing collecting constructing containing defining demonstrating deriving
  determining discovering employing enhancing ensuring establishing examining exploiting extending extracting facilitating
  forming having including integrating keeping leading maintaining measuring outperforming overcoming preventing producing
  promoting reaching removing representing rethinking revealing simplifying tackling unifying unlocking utilizing varying
  derived generated obtained selected observed predicted computed estimated measured trained learned modified optimized
  collected constructed defined assumed considered reported improved increased decreased reduced`.split(
    /\s+/,
  ),
)
/** Words after which the subject has been named: `BERT variants` is about BERT. */
export const OUTSIDE = new Set(
  `part parts variant variants version versions result results setting settings choice choices scenario scenarios experiment
  experiments effort efforts attempt attempts detail details purpose purposes matter matters aspect aspects perspective perspectives viewpoint viewpoints consideration
  considerations challenge challenges presence absence lack ability manner extent majority`.split(/\s+/),
)
/** Endings of verbs alone: `externalize`, `rectifies`. */
const VERB_END = /^(?!.*(?:size|prize|maize|assize)s?$)[a-z]{4,}(?:izes?|ify|ifies)$/
const WEAK_END =
  /(?:ly|ed|ous|ful|less|able|ible|ish|est|(?:larg|small|high|low|bigg|great|few|long|short|strong|weak|near|deep)er)$/
const NOUNS_DESPITE_THEIR_END =
  /^(?:family|assembly|anomaly|variable|table|seed|speed|feed|embed|test|request|interest|forest|bed|breed|need|cable|supply|reply|poly\w+|butterfly|timetable|deed|weed|harvest|manifest|quest|west|east|nest|guest|chest|contest)$/

/** What a word can be in a phrase: 0 = ends a run, 1 = may stand inside, 2 = may begin one, 3 = may also end one. */
export type Role = 0 | 1 | 2 | 3

/** Returns the part that a word can have in a term; `last` is what stands behind its last hyphen. */
export function roleOf(text: string, lower: string, last: string): Role {
  if (NEVER.has(lower) || VERB_FORMS.has(lower) || VERB_END.test(lower)) return 0
  // `ad hoc` is a term, `fp` is a symbol.
  if (/^[a-z]{2}$/.test(text)) return 2
  if (
    VAGUE.has(lower) ||
    DEEDS.has(lower) ||
    DEED_FORMS.has(lower) ||
    (lower.endsWith('ly') && !NOUNS_DESPITE_THEIR_END.test(lower))
  )
    return 1
  if (OUTSIDE.has(lower) || NEVER.has(last) || STOP_WORDS.has(last)) return 2
  return WEAK_END.test(last) && !NOUNS_DESPITE_THEIR_END.test(last) ? 2 : 3
}

/** German, French, Spanish and Italian function words, and others that are part of no term; only looked at where a text is full of them. */
const FOREIGN = new Set(
  `der die das den dem des ein eine einer eines einem einen und oder ist sind war wird werden wurde von für mit auf im am zu
  zur zum nicht auch sich als wenn dann durch bei kann aus nach über sei gilt es er sie wir man dass ob vom hat haben diese
  dieser dieses jede jeder alle nur noch so wie unter ohne zwischen gegen bis seit vor um bzw wenige viele einige mehrere
  weitere andere beide solche keine ihre ihrer seine unsere dies dabei damit dazu daher jedoch sowie sehr mehr folgende
  verschiedene können beispiel beispiele bemerkung beweis satz kapitel abschnitt tabelle seite arbeit notre nos leur leurs son sa ses entre sans sous vers afin ainsi lors chaque plusieurs très le la les un une du de et est sont dans pour que qui sur par avec ce cette
  ces nous on il elle pas plus au aux ou se el los las una para con por del es son como al lo y o il gli di da che nel
  della dei delle per non una`.split(/\s+/),
)
const FOREIGN_SHARE = 0.12

/** Returns the words that part phrases in these texts: those of English, and of their language where that is another. */
export function stopWordsFor(texts: readonly string[]): ReadonlySet<string> {
  const sample =
    texts
      .join(' ')
      .slice(0, 40_000)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  const foreign = sample.filter((word) => FOREIGN.has(word)).length
  return foreign > FOREIGN_SHARE * sample.length ? new Set([...STOP_WORDS, ...FOREIGN]) : STOP_WORDS
}
