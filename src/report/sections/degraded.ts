/** What a body is read as before signs are looked for: what it quotes and sets as code is another's. */
export interface Reading {
  /** As it stands. */
  text: string
  /** Lines with letters or digits, without list marks, emphasis, quotations and code. */
  lines: readonly string[]
  sentences: readonly string[]
  words: number
  /** Marks of evidence; text with them is about the paper. */
  marks: number
}

interface Sign {
  reason: string
  shows(reading: Reading): boolean
}

const MARK = /\[(?:pp?\. ?\d|§|table |fig|abstract|corpus)/i
const MARKS = new RegExp(MARK.source, 'gi')
/** A body of so many words with marks of evidence says something, whatever one sentence of it says of itself. */
const SUBSTANCE = 60

/** Who writes speaks of himself and cannot or will not: in the languages that models answer in. */
const REFUSAL =
  /^(?:(?:i['’]?m|i am) (?:very |really |so )?(?:sorry|unable|afraid|not able)\b|(?:i am |i['’]m )?sorry[,.]|my apologies|i apologi[sz]e\b|i (?:can['’]?t|cannot|can not|could not|couldn['’]?t|won['’]?t|will not|must decline|do not have access|don['’]?t have access)\s+(?!be\b)\w|unfortunately,? i(?:['’]m)? \w|as an? (?:ai|artificial intelligence|large language|language)\b[^.\n]{0,20}(?:model|assistant),? i\b|es tut mir leid|leider kann ich|ich kann (?:diese|dieser|das|den|dazu|leider|nicht)\b|(?:je suis )?désolé|je ne (?:peux|suis) pas|malheureusement, je|lo siento|no puedo (?:ayudar|proporcionar|analizar|acceder|cumplir|responder)|lamentablemente,? no|(?:sinto muito|desculpe)|não posso|infelizmente,? (?:eu )?não|mi dispiace|non posso|het spijt me|ik kan (?:niet|deze|dit|geen)\b|przykro mi|nie mogę|üzgünüm|к сожалению,? я|извините|я не могу|抱歉|对不起|很抱歉|我无法|我不能|無法|申し訳|すみませんが|죄송합니다|عذر|آسف)/iu
/** The same in the middle of a sentence, where it can only be meant of the one who writes. */
const SELF =
  /\bas an? (?:ai|artificial intelligence|large language|language)\b[^.\n]{0,20}\b(?:model|assistant),? i\b|\bplease (?:provide|share|paste|upload|supply) (?:me )?(?:with )?(?:the |a |your )?(?:full |actual |complete )?(?:paper|text|pdf|document|content)\b|^no (?:paper|paper text|text|document) (?:was|is|has been) (?:provided|given|included|supplied)\b|\bi (?:was|am) not (?:given|provided)\b|\b(?:help|assist) (?:you )?with that request\b/i
const ERROR =
  /^(?:\{\s*"?(?:error|errors|detail|message|code|status)"?\s*:|<!doctype html|<html\b|<\?xml|\[?error\]?\b\s*[:(\d]|error code:|(?:http )?(?:4\d\d|5\d\d)\b[ :–-]{1,3}(?:bad|not|too|internal|service|gateway|unauthorized|forbidden|request|payment|error)|internal server error|bad gateway|service unavailable|gateway time-?out|too many requests|rate limit|upstream (?:connect )?error|traceback \(most recent|request timed out|connection (?:error|reset|refused)|\w*(?:exception|error): )/i
/** A part is said to be left out, by the one who leaves it out; `(truncated at N)` is about the paper. */
const OMITTED =
  /[[(<][^\])>\n]{0,60}\b(?:omitted|truncated|abridged|shortened|cut off|skipped|elided)\b(?=[\])>.…,;:–—-]| -| (?:for|due|because|here|as|in|by the|by length)\b)[^\])>\n]{0,60}[\])>]|[[(][^\])\n]{0,20}\b(?:continued|continues|to be continued|rest of (?:the |this )?(?:section|text|answer|list|content)|remaining (?:items|points|text|content)|more (?:items|points) (?:here|follow)|and so on|same as (?:above|before)|as above|see (?:above|previous))\b[^\])\n]{0,60}[\])]|<!--[^>\n]{0,60}\b(?:rest|remaining|omitted|continue)|^(?:\.{3}|…)\s*(?:\(|\[)?(?:continued|rest|remaining|and so on)\b/im
const ECHO =
  /\b\d+ (?:to|or) \d+ (?:list items|words)\b[:,.]|\bwrite (?:these|every|the|both|all|each) (?:\w+ )?sections?\b|\b(?:use|with) exactly the headings\b|\byou analy[sz]e research papers for\b|\bis untrusted data\b|\bat full length:|<\/?(?:paper|notes|related)>|\bno text before the first heading\b|\bone list item for each main claim\b|\babout \d+ words in all\b/i
const TEMPLATE =
  /[[<](?:insert|your|add|fill in|to be|enter|describe|summary here|placeholder|todo|tbd)\b[^\]>\n]{0,80}[\]>]|\{(?:insert|your|fill in|enter|placeholder|todo)\b[^}\n]{1,80}\}|\{\{[^}\n]{0,200}\}\}|\blorem ipsum\b/i
const THINKS =
  /^(?:okay|ok|alright|hmm+|wait|so|now|well|first|right),? (?:so,? )?(?:i|let me|let['’]s|we|the user|what)\b|^(?:let me|let['’]s) (?:think|start|see|look|begin|check|re-?read|draft|analy[sz]e)\b|^(?:i|we) (?:need|have|should|must|will|want|am going|'ll) (?:to )?(?:write|produce|find|think|check|figure|look|make sure|consider|include|mention|start|draft)\b|^the user (?:wants|asks|is asking|asked|needs)\b|^(?:hmm|wait)\b|^(?:but|and) (?:i|we) (?:need|should|must)\b|^looking at the (?:paper|text|prompt)\b/i
const LABEL_ALONE =
  /^\s*(?:[-*+•]\s+|\d{1,2}[.)]\s+)?(?:\*\*|__)?[^:*_\n.]{1,60}(?:(?:\*\*|__)?:(?:\*\*|__)?|(?:\*\*|__))\s*(?:[-–—….]|\.{2,}|\[?(?:pp?\. ?\d+[^\]]*)\]|\((?:…|\.{3})\))*\s*$/

const SIGNS: readonly Sign[] = [
  {
    reason: 'it refused, or asked for something, instead of saying anything about the paper',
    shows: isRefusal,
  },
  {
    reason: 'it was the message of an error',
    shows: isErrorMessage,
  },
  {
    reason: 'it left parts out and said so',
    shows: ({ lines }) =>
      lines.some((line) => OMITTED.test(line) && !/\[(?:pp?\. ?\d)[^\]]*\][.)]?$/.test(line)),
  },
  {
    reason: 'it repeated what was asked for',
    shows: (reading) => {
      const echoes = reading.lines.filter((line) => !MARK.test(line) && ECHO.test(line))
      return echoes.length > 0 && (reading.marks === 0 || echoes.length > 1)
    },
  },
  {
    reason: 'it held the blanks of a template',
    shows: ({ lines }) => lines.some((line) => TEMPLATE.test(line)),
  },
  {
    reason: 'it had labels with nothing behind them',
    shows: ({ text }) => {
      const lines = text.split('\n').filter((line) => /[\p{L}\p{N}]/u.test(line))
      return lines.length >= 2 && lines.filter((line) => LABEL_ALONE.test(line)).length > lines.length / 2
    },
  },
  {
    reason: 'it held what its writer thought, not what was asked for',
    shows: (reading) => {
      const thoughts = reading.sentences.filter((one) => !MARK.test(one) && THINKS.test(one))
      return (
        thoughts.length >= 2 && (isThin(reading, thoughts) || thoughts.length >= reading.sentences.length / 4)
      )
    },
  },
  {
    reason: 'it said the same again and again',
    shows: ({ text }) => {
      const lines = text
        .split('\n')
        .map((line) => line.trim().toLowerCase())
        .filter((line) => line !== '')
      return lines.length >= 4 && new Set(lines).size <= lines.length / 2
    },
  },
]

/** Returns whether a text is little but a refusal, or asks for what was given. */
export function isRefusal(reading: Reading): boolean {
  const own = reading.sentences.filter((one) => !MARK.test(one) && (REFUSAL.test(one) || SELF.test(one)))
  return own.length > 0 && isThin(reading, own)
}

/** Returns whether a text is the message of an error. */
export function isErrorMessage({ text, marks, words }: Reading): boolean {
  return ERROR.test(text.trim()) && marks === 0 && words < 150
}

/** Whether little is left of a body without these sentences. */
function isThin({ words, marks, sentences }: Reading, own: readonly string[]): boolean {
  const rest = words - own.reduce((sum, one) => sum + one.split(/\s+/).length, 0)
  return rest < SUBSTANCE || (marks === 0 && sentences[0] === own[0])
}

/** Returns what is degraded about a body, in words for whoever writes it again; null if it is text about a paper. */
export function degradedBy(reading: Reading): string | null {
  return SIGNS.find((sign) => sign.shows(reading))?.reason ?? null
}

/** Returns a body as signs are looked for in it. */
export function readBody(body: string, lines: readonly string[]): Reading {
  const bare = (text: string): string =>
    text.replace(/"[^"\n]{0,1000}"|“[^”\n]{0,1000}”|`[^`\n]{0,1000}`|\$[^$\n]{0,500}\$/g, ' ')
  // The full stop of a mark ends no sentence.
  const own = lines.map((line) => bare(line).replace(/(?<=[[(]pp?\.) (?=\d)/g, ''))
  return {
    text: body,
    lines: own,
    sentences: own
      .flatMap((line) => line.split(/(?<=[.!?。！？]["”)\]]?)\s+(?!\[pp?\.)|(?<=[。！？])/u))
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    words: body.split(/\s+/).length,
    marks: body.match(MARKS)?.length ?? 0,
  }
}
