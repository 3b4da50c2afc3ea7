import { isObject } from '../core/json.js'
import { INVISIBLE, visible } from './invisible.js'

/** Most phrases reported for one text. */
const MAX_FLAGS = 10
const MAX_PHRASE = 120

const MODEL = String.raw`(?:ai (?:assistants?|models?|systems?|reviewers?|agents?|tools?)|ai|llms?(?:[ -]based)?(?: (?:reviewers?|assistants?|agents?))?|(?:large )?language[ -]models?|chat ?gpt|gpt-?\d*|claude|gemini|chatbots?|automated reviewers?)`
const PAPER = String.raw`(?:(?:this|the|these|our) (?:paper|manuscript|submission|work|article)s?)`
const PRAISE = String.raw`(?:positive|favou?rable|glowing|enthusiastic|excellent|outstanding|perfect|maximum|high(?:est)?|top)`
const FAULTS = String.raw`(?:negatives?|negative (?:points|aspects|comments)|weakness(?:es)?|limitations|flaws|shortcomings|criticisms?|drawbacks)`

const IGNORE = String.raw`\b(?:ignore|disregard|forget|override|bypass)`
const ORDERS = String.raw`(?:instructions?|prompts?|directions?|directives?|rules|commands?|messages?|guidelines)`
const VERDICT = String.raw`(?:reviews?|ratings?|scores?|assessments?|recommendations?|evaluations?|feedback)`

/** Phrases that speak to a model, not to a reader. Short on purpose: a flag for a person to look at, not a filter. */
const PATTERNS: readonly RegExp[] = [
  String.raw`${IGNORE} (?:all |any |every(?:thing)? )?(?:of )?(?:the |your |my |these |those )?(?:previous|prior|above|earlier|preceding|foregoing|system)(?:ly given)? ${ORDERS}\b`,
  String.raw`${IGNORE} (?:all |any )?(?:of )?(?:the |your |these |those )?(?:other )?${ORDERS} (?:above|before|given (?:to you|above|before)|you (?:were|have|had|received)|so far)`,
  String.raw`${IGNORE} (?:everything|anything|all)(?: (?:that|which))? (?:above|before this|written above|you (?:were|have been) told|said (?:above|before))`,
  String.raw`\b(?:give|provide|write|produce|generate|return|assign|submit|output) (?:only )?(?:an? |the )?(?:very |strongly |highly |overwhelmingly )?${PRAISE} (?:peer )?${VERDICT}\b`,
  String.raw`\b(?:give|rate|grade|score) ${PAPER} (?:as )?(?:an? |the )?(?:very |strongly |extremely )?(?:${PRAISE}ly|${PRAISE})\b`,
  String.raw`\bdo not (?:mention|highlight|list|point out|report|include|discuss|raise|criticize|dwell on) (?:any |the |its |of )*${FAULTS}\b`,
  String.raw`\b(?:downplay|gloss over|play down) (?:any|all|the|its) (?:\w+ )?${FAULTS}\b`,
  String.raw`\b${FAULTS} (?:mentioned )?(?:should|must) be (?:downplayed|framed|presented|described|treated) as (?:minor|easily|negligible)`,
  String.raw`\bemphasi[sz]e the (?:exceptional |outstanding |great )?strengths of ${PAPER}\b`,
  String.raw`\b(?:accept|recommend (?:accepting|the acceptance of|acceptance of|acceptance for)) ${PAPER}(?= |[.,;:!]|$)`,
  String.raw`\brecommend ${PAPER} (?:for|be) accept(?:ance|ed)\b|\brecommend (?:a )?strong accept(?:ance)?\b`,
  String.raw` (?:in|of|to|with) your (?:peer[ -])?review\b(?<=\b(?:include|mention|insert|use|add|begin|start|end|write)\b[^.!?]{1,100})`,
  String.raw`\b(?:if )?you are (?:now )?an? (?:helpful )?${MODEL}\b`,
  String.raw`\b(?:note|message|instructions?|attention|notice)(?: to| for| ?:) ?(?:all |any |the )?${MODEL}(?= |[.,;:!]|$)`,
  String.raw`\bas an? (?:${MODEL}|reviewer)(?: (?:reading|reviewing) ${PAPER})?,? (?:you (?:must|should|will|are required)|please|give|write|provide|recommend|rate|assign)\b`,
  String.raw`\bfor ${MODEL} reviewers? ?[:,]|\bfor (?:llm|ai) reviewers\b`,
  String.raw`\b(?:your new (?:task|instructions?|role|goal) (?:is|are)|new system prompt|reveal (?:your|the) system prompt)\b`,
  String.raw`\bdo not (?:reveal|disclose|mention) (?:this|these) (?:instructions?|prompts?|messages?)\b`,
  String.raw`<\|(?:im_start|im_end|system|assistant|endoftext|start_header_id|eot_id)\|>|\[/?INST\]|<</?SYS>>`,
].map((source) => new RegExp(source, 'gi'))

/** Names of what stands between tags in a prompt, ours and those that others use for the same; `paper_text` and the like too. */
const OUR_TAGS =
  /<(?=\s*\/?\s*(?:paper|related|notes?|reports?|think(?:ing)?|system|assistant|user|human|instructions?|context|documents?|data|input|text|title|abstract|answer|output)(?![a-z]))/gi
const DISARMED = new RegExp(OUR_TAGS.source.replace('<', '‹'), 'gi')

/**
 * Returns the phrases of a paper's text that address a model ("ignore previous instructions"), at most ten, those of
 * text that nobody can see first and marked as such. Line ends, hyphenation, page marks, and characters that cannot be
 * seen part no phrase.
 */
export function findInjection(text: string, hiddenText = ''): string[] {
  const { shown, smuggled } = visible(text)
  const found = new Map<string, string>()
  for (const phrase of phrasesOf(`${visible(hiddenText).shown}\n${smuggled}`)) {
    found.set(phrase.toLowerCase(), `${phrase} (hidden)`)
  }
  for (const phrase of phrasesOf(shown)) {
    if (!found.has(phrase.toLowerCase())) found.set(phrase.toLowerCase(), phrase)
  }
  return [...found.values()].slice(0, MAX_FLAGS)
}

function phrasesOf(text: string): string[] {
  const plain = text.replace(/\[p\. \d+\]/g, ' ').replace(/^> /gm, '')
  const rejoined = plain.replace(/(?<=\p{L})-\s+(?=\p{L})/gu, '').replace(/\s+/g, ' ')
  const asIs = plain.replace(/(?<=-)\s*\n\s*(?=\p{L})/gu, '').replace(/\s+/g, ' ')
  const texts = rejoined === asIs ? [asIs] : [asIs, rejoined]
  return PATTERNS.flatMap((pattern) =>
    texts.flatMap((one) => [...one.matchAll(pattern)].map(([phrase]) => phrase.trim().slice(0, MAX_PHRASE))),
  )
}

/**
 * Returns a value in whose texts no tag can end the block of a prompt that it stands in (`<` → `‹`), and that have no
 * invisible characters. Texts from papers, metadata and models go into prompts so, and only there.
 */
export function defuse<T>(value: T): T {
  if (typeof value === 'string') return value.replace(INVISIBLE, '').replace(OUR_TAGS, '‹') as T
  if (Array.isArray(value)) return value.map((item: unknown) => defuse(item)) as T
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, defuse(item)])) as T
}

/** Returns what a model wrote with the tags that {@link defuse} had disarmed as they stand in the paper: it quotes them. */
export function rearm(text: string): string {
  return text.replace(DISARMED, '<')
}
