/**
 * Forms that are verbs wherever they stand: of 12,650 arXiv records (titles and abstracts) those with 12 or more occurrences of
 * which a fifth or more stand behind a pronoun or a modal verb or before a determiner, and no more than one in 40 behind one.
 */
export const VERB_FORMS: ReadonlySet<string> = new Set(
  `accelerate accept accommodate accomplish acquire activate activates adapt adapts add addresses adjust adjusts admit
  admits adopt adopts affect alleviate alleviates allocate alter amplify analyse analyze analyzes annotate anticipate
  approximates argue arise articulate ask assemble assess assesses assign assigns assist assumes attain attains
  augment augments automate automates avoid behave believe belong boosts build bypasses calculate calibrate capture
  carries categorize characterize characterizes chooses circumvent clarifies clarify classifies classify closes
  coexist collect collects combine combines compete compile completes compose comprehend compresses conceptualize
  conclude confirm confirms conflate connect consolidate consolidates constitute constrain construct consumes continue
  contradict contribute convert converts convey corroborate craft create curate customize decide decompose decomposes
  decouple deduce defend defines degrade deliver delve deploy derive derives detect determine determines devise
  diagnose differentiate discard discover disentangle disentangles disrupt disrupts distill distills distinguish
  distort dominate draw elevates elicit eliminate eliminates emit emphasize emphasizes empower emulate encode
  encompass encompasses encourage enforce enforces enhance enhances enrich ensure enter envision erase establish evade
  examine examines exceeds exclude execute executes exhibit exhibits exists expand expands expect explain expose
  exposes extract extracts extrapolate facilitate facilitates favors feel fills finds follows formalize formalizes
  formulate formulates foster fosters fulfill gather generalise generalize generalizes govern governs handle happen
  hide highlight hinders hypothesize identifies identify ignore illustrate illustrates imitate implement implements
  impose incorporate incorporates incur induce induces infer infers inform inherit initialize initiate inject injects
  insert inspect inspire instantiate integrate integrates internalize interpret interprets intervene invoke involve
  involves isolate isolates justifies justify keep keeps know knows lacks lay lays learn learns localize locate lose
  lowers maintain maintains manage manages manipulate maximize maximizes meet meets mimics minimise minimize minimizes
  mislead miss mitigate mitigates modifies modify modulate motivate navigate obey obscure obscures observe observes
  obtains offer offers omit operationalize operationalizes optimise optimize optimizes orchestrate orchestrates
  organize organizes originate overcome overlook pave paves perceive perform pinpoint play plays possess possesses
  predict predicts prefer prepare preserve preserves prevent prioritize prioritizes produces promote propagate
  propagates protect prove prune publish pushes put puts quantifies quantify raise reaches realize recast receives
  recognize recommend reconcile reconstruct reconstructs reduces refer refine refines reflect reformulate reframe
  regards regulate reinforce reinforces relate remove removes renders replace replaces replicate reproduce resemble
  resembles reshape resolve respects restore restrict retain retains retrieve reuses reveal reveals revise revisit
  satisfies satisfy save saves seek select selects serve simplifies simplify simulate simulates speak specify spend
  stabilize stabilizes streamline strengthen strengthens submit summarize summarizes supervise suppress surpass
  surpasses survive sustain synthesize synthesizes tackle tackles tailor teaches translate treat treats try uncover
  uncovers undergo undergoes undermine undermines underperform underscore understand unify unlock unlocks validate
  verifies verify visualize wait want wish write writes`.split(/\s+/),
)

/** Forms in -ing that say what is done with a subject, by the same measure: `mitigating bias`. */
export const DEED_FORMS: ReadonlySet<string> = new Set(
  `accelerating connecting joining accessing adjusting admitting adopting advancing affecting aligning alleviating allowing altering
  analysing asking assessing assuming attaining augmenting automating becoming carrying categorizing causing
  characterizing classifying closing complementing completing conducting confirming considering constraining
  contrasting controlling converting correcting curating cutting decomposing describing diagnosing discarding
  discussing disentangling disrupting distilling eliminating emphasizing encompassing enriching entering estimating
  exceeding excluding executing exhibiting explaining exposing expressing favoring fixing formalizing formulating
  fostering fusing generalizing getting giving harnessing highlighting hindering ignoring illustrating impacting
  implying imposing indicating inducing influencing informing injecting invoking isolating knowing laying leaving
  locating losing managing manipulating mimicking mirroring mitigating modifying modulating motivating navigating
  neglecting observing offering orchestrating outlining overlooking paving placing posing possessing predicting
  preparing preserving projecting protecting pushing quantifying raising realizing recognizing reconstructing
  recovering refining reflecting reformulating reinforcing releasing resembling reshaping resolving restoring
  restricting retaining revising satisfying showcasing simulating specifying suggesting summarizing surpassing taking
  transforming triggering undermining underscoring validating violating watching yielding`.split(/\s+/),
)

const BEFORE_VERBS = new Set(
  'we they i you he she who can cannot could will would may might must should'.split(' '),
)
const DETERMINERS = new Set(
  'the a an its their our his her these those this each both any every us them it'.split(' '),
)
const BEFORE_NOUNS = new Set('the a an this each any every no its their our these those of'.split(' '))
const TOKEN = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[^\s]/gu
const WORD = /^\p{Ll}{3,}$/u
/** Least number of times that a text has to use a word as a verb, and least share of its occurrences. */
const LEAST_USES = 2
const LEAST_SHARE = 0.25

/**
 * Returns the words that these texts use as verbs, for a word can be either: `students game the system`. Forms in -ing are left
 * out, for most of them name a subject, too.
 */
export function verbsIn(texts: readonly string[]): Set<string> {
  const seen = new Map<string, { all: number; verb: number; noun: number }>()
  for (const text of texts) {
    let [before, word] = ['', '']
    for (const [token] of text.matchAll(TOKEN)) {
      if (WORD.test(word) && !word.endsWith('ing')) {
        const uses = seen.get(word) ?? { all: 0, verb: 0, noun: 0 }
        uses.all++
        if (BEFORE_VERBS.has(before) || DETERMINERS.has(token)) uses.verb++
        if (BEFORE_NOUNS.has(before)) uses.noun++
        seen.set(word, uses)
      }
      before = word.toLowerCase()
      word = token
    }
  }
  const found = new Set<string>()
  for (const [word, { all, verb, noun }] of seen)
    if (verb >= LEAST_USES && verb > noun && verb >= LEAST_SHARE * all) found.add(word)
  return found
}
