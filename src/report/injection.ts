/** Most phrases reported for one text. */
const MAX_FLAGS = 10

const MODEL = String.raw`(?:ai (?:assistants?|models?|systems?|reviewers?|agents?)|ai|llms?|(?:large )?language models?|chat ?gpt|gpt-?\d*|claude|gemini|chatbots?)`

/** Phrases that speak to a model, not to a reader. Short on purpose: a flag for a person to look at, not a filter. */
const PATTERNS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\s+(?:all\s+|any\s+|everything\s+)?(?:of\s+)?(?:the\s+|your\s+|my\s+|these\s+|those\s+)?(?:previous|prior|above|earlier|preceding|foregoing|system)\s+(?:instructions?|prompts?|directions?|directives?|rules|commands?|messages?|guidelines)\b/gi,
  /\b(?:give|provide|write|produce|generate|return|assign|submit|output)\s+(?:only\s+)?(?:an?\s+|the\s+)?(?:very\s+|strongly\s+|highly\s+|overwhelmingly\s+)?(?:positive|favou?rable|glowing|enthusiastic|high(?:est)?)\s+(?:peer\s+)?(?:reviews?|ratings?|scores?|assessments?|recommendations?|evaluations?|feedback)\b/gi,
  /\bdo\s+not\s+(?:mention|highlight|list|point\s+out|report|include|discuss)\s+(?:any\s+|the\s+|its\s+)?(?:negatives?|weakness(?:es)?|limitations|flaws|shortcomings|criticisms?)\b/gi,
  /\b(?:accept|recommend\s+(?:accepting|the\s+acceptance\s+of|acceptance\s+of|acceptance\s+for))\s+this\s+(?:paper|manuscript|submission)\b/gi,
  new RegExp(String.raw`\b(?:if\s+)?you\s+are\s+(?:now\s+)?an?\s+(?:helpful\s+)?${MODEL}\b`, 'gi'),
  new RegExp(String.raw`\b(?:note|message|instructions?|attention|notice)\s*(?:to|for|:)\s*(?:all\s+|any\s+|the\s+)?${MODEL}\b`, 'gi'),
  new RegExp(String.raw`\bas\s+an?\s+(?:${MODEL}|reviewer),?\s+(?:you\s+(?:must|should|will)|please|give|write|provide|recommend|rate|assign)\b`, 'gi'),
  new RegExp(String.raw`\bfor\s+(?:${MODEL})\s+reviewers?\s*[:,]`, 'gi'),
  /\b(?:your\s+new\s+(?:task|instructions?|role|goal)\s+(?:is|are)|new\s+system\s+prompt|reveal\s+(?:your|the)\s+system\s+prompt)\b/gi,
  /\bdo\s+not\s+(?:reveal|disclose|mention)\s+(?:this|these)\s+(?:instructions?|prompts?|messages?)\b/gi,
  /<\|(?:im_start|im_end|system|assistant|endoftext|start_header_id|eot_id)\|>|\[\/?INST\]|<<\/?SYS>>/g,
] // prettier-ignore

/** Characters nobody sees: zero-width, direction overrides, soft hyphens, Unicode tags. */
const INVISIBLE = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]|[\u{E0000}-\u{E007F}]/gu
const OUR_TAGS = /<(?=\s*\/?\s*(?:paper|related|notes|think|system|assistant|user|instructions?)\b)/gi

/** Returns the phrases of a paper's text that address a model ("ignore previous instructions"), at most ten, as they stand. */
export function findInjection(text: string): string[] {
  const plain = text
    .replace(INVISIBLE, '')
    .normalize('NFKC')
    .replace(/\[p\. \d+\]/g, ' ')
    .replace(/\s+/g, ' ')
  const found = new Map<string, string>()
  for (const pattern of PATTERNS) {
    for (const match of plain.matchAll(pattern)) {
      const phrase = match[0].slice(0, 120)
      if (!found.has(phrase.toLowerCase())) found.set(phrase.toLowerCase(), phrase)
    }
  }
  return [...found.values()].slice(0, MAX_FLAGS)
}

/** Returns untrusted text fit to stand between the tags of a prompt: invisible characters gone, tags that could end its block disarmed (`<` → `‹`). */
export function defuse(text: string): string {
  return text.replace(INVISIBLE, '').replace(OUR_TAGS, '‹')
}
