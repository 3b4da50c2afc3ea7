import { pageFinder } from '../../text/paper-text.js'
import type { PaperKind } from './kind.js'

/** A setting as printed with its page, or that the text does not give it. */
export type Setting = { value: string; page: number | null } | 'not reported'

const MAX_TEXT = 400_000
const MOST_COMPUTE = 8

const VALUE = String.raw`(\d+(?:[.,]\d+)*(?:\s?[×x·]\s?10\s?[⁻−-]?[⁰¹²³⁴⁵⁶⁷⁸⁹\d]+|e[-−]?\d+|(?<=\b10)\s?[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)`
const GAP = String.raw`\s*(?:\([^()]{1,20}\)\s*)?(?:\||=|:|of|is|was|are|to|at|set to|from)?\s*(?:set to|about|approximately|\||=)?\s*`

/** What a rebuild of something that learns needs to know. */
const SETTINGS: Readonly<Record<string, RegExp>> = {
  learning_rate: new RegExp(
    String.raw`\b(?:learning rate|lr)${GAP}${VALUE}|(?<![\w.])${VALUE}\s(?:is|was)\s(?:\w+\s){0,2}(?:[\w-]+\s){0,2}learning rate\b`,
    'i',
  ),
  batch_size: new RegExp(String.raw`\b(?:mini-?)?batch[ -]?sizes?${GAP}${VALUE}`, 'i'),
  epochs: new RegExp(String.raw`\bepochs?${GAP}${VALUE}|(?<![\w.])${VALUE}\s(?:\w+ )?epochs?\b`, 'i'),
  optimizer: /\b(AdamW?|ADAM|SGD|RMSProp|Adagrad|Adadelta|AdaFactor|L-?BFGS|LAMB|Lion)\b/,
  random_seeds: new RegExp(
    String.raw`(?<![\w.])((?:\d+|two|three|four|five|ten) (?:\w+ )?(?:random )?seeds?)\b|\bseeds?${GAP}${VALUE}`,
    'i',
  ),
}

const LEARNS: ReadonlySet<PaperKind> = new Set(['method', 'dataset', 'system'])
const LEARNING = /\b(?:training|trained|fine-?tun\w+|learning rate|epochs?|neural)\b/gi
/** Fewer words of learning, and no learning is reported on. */
const LEAST_LEARNING = 8

/** Returns the settings of training, each with its page; {} for a paper that trains nothing. */
export function findSettings(kind: PaperKind, paperText: string): Record<string, Setting> {
  const text = paperText.slice(0, MAX_TEXT)
  if (!LEARNS.has(kind) || (text.match(LEARNING)?.length ?? 0) < LEAST_LEARNING) return {}
  const pageAt = pageFinder(text)
  return Object.fromEntries(
    Object.entries(SETTINGS).map(([name, pattern]): [string, Setting] => {
      const match = pattern.exec(text)
      const value = match?.slice(1).find((group) => group !== undefined)
      return [
        name,
        match === null || value === undefined ? 'not reported' : { value, page: pageAt(match.index) },
      ]
    }),
  )
}

const DEVICE = String.raw`(?:NVIDIA[- ]?)?(?:Tesla |GeForce |Quadro )?(?:(?:[AHVP]100|H200|B200|GB200|A10G?|A30|A40|A6000|L4|L40S?|K80|T4)\b|RTX ?A?\d{4}|GTX ?\d{3,4}|(?:GTX )?Titan(?: ?[XV]p?\b| Black| RTX)?|TPU ?v?\d?|GH200|MI\d{3}|Xeon)`
const COMPUTE = new RegExp(
  String.raw`(?<![\w.])(?:\d+|one|two|four|eight|single|a)\s?(?:[×x]\s?)?(?:\w+ )?${DEVICE}(?:[^.;\n]{0,12}?(?:GPUs?|TPUs?|cores?|cards?|devices?))?` +
    String.raw`|(?<![\w.])\d+(?:\.\d+)?\s(?:GPU|TPU|CPU|core|node)[- ](?:hours?|days?)` +
    String.raw`|\b(?:train(?:ed|ing)?|took|takes|run ?time (?:is|was|of)|runs? for)\b[^.\n]{0,40}?(?<![\w.])\d+(?:\.\d+)?\s(?:hours?|days?|minutes?)\b`,
  'gi',
)

/** Returns what the text says of the machines and the time used, in its words, each once, with the page. */
export function findCompute(paperText: string): { text: string; page: number | null }[] {
  const text = paperText.slice(0, MAX_TEXT)
  const pageAt = pageFinder(text)
  const found = new Map<string, { text: string; page: number | null }>()
  for (const { 0: shown, index } of text.matchAll(COMPUTE)) {
    const line = shown.replace(/\s+/g, ' ').trim()
    const key = line.toLowerCase().replace(/[^a-z0-9]/g, '')
    if (!found.has(key)) found.set(key, { text: line, page: pageAt(index) })
    if (found.size >= MOST_COMPUTE) break
  }
  return [...found.values()]
}
