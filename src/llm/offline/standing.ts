/** Talks about the paper's layout instead of its subject. */
const SIGNPOST =
  /\b(?:in (?:this|the next|the following|the previous|that|the remainder of this) (?:sub)?sections?|the (?:rest|remainder|outline|structure|organi[sz]ation) of (?:this|the) (?:paper|article|work)|is organi[sz]ed as|is structured as|(?:sub)?sections? \w+(?:\.\d+)* (?:presents?|describes?|discusses|reviews|introduces|gives|contains|concludes?|provides|details|covers|shows|explains|reports|summari[sz]es)|we (?:now|next) (?:describe|discuss|turn|present|review)|see (?:also )?(?:section|appendix|figure|table)|(?:is|are) (?:shown|given|listed|depicted|illustrated|displayed|presented|plotted) in (?:fig|table|appendix|section)|(?:figure|fig\.|table) \d+\w? (?:shows?|lists?|presents?|illustrates?|depicts?|gives?|displays?) (?:the|an?|some|our|how|examples?)|as follows|following (?:equation|table|figure|list))\b|:$/i

/** Begins with a word whose sense is in the sentence before. */
const DEPENDENT =
  /^(?:This|That|These|Those|It|They|He|She|Its|Their|Such|Here|There|Then|Thus|Hence|Therefore|Consequently|So|Also|Moreover|Furthermore|In addition|Additionally|Similarly|Likewise|Again|Indeed|In contrast|By contrast|Conversely|On the other hand|For (?:example|instance|this|these|that)|In (?:this|these|that|such) (?!paper|work|article|study|letter|note|report|thesis)|In (?:turn|fact)|Using this|In particular|Specifically|Otherwise|Instead|And|Or|But|Yet|As (?:such|before|above)|In other words|Both|The (?:former|latter|same|above|other))\b/

function isSignpost(text: string): boolean {
  return SIGNPOST.test(text)
}

/** Steps of an argument, which say little outside it. */
const PROOF_TALK =
  /\b(?:by (?:assumption|hypothesis|induction|definition|construction)|so we are done|contradiction|let us|clearly|obviously|the proof|we claim|from now on|recall that|note that|it (?:is )?enough to|suffices to|^assume|^let|^suppose)\b/i

/** Returns what is taken off a sentence that does not stand well alone. */
export function standalonePenalty(text: string): number {
  let penalty = isSignpost(text) ? 3 : 0
  if (DEPENDENT.test(text))
    penalty += /^(?:This|These|Those|Our|Such) \w+(?:s|ed|tion|ment|ing|el|od|ch|rk|lt|ity)\b/.test(text)
      ? 0.5
      : 1.2
  if (/\b(?:Eq|Eqs|Equation|Fig|Figs|Figure|Theorem|Lemma|Appendix|Algorithm)\b\.? ?\(?\d/.test(text))
    penalty += 0.4
  if (PROOF_TALK.test(text)) penalty += 0.8
  if (text.length > 300) penalty += 0.5
  if (text.length < 60) penalty += 0.4
  return penalty
}

/** Returns whether a sentence leans on the one before it. */
export function pointsBack(text: string): boolean {
  return DEPENDENT.test(text)
}

/** Says that something comes without saying it. */
const ANNOUNCEMENT =
  /\b(?:(?:one|two|three|four|several|some|many|few|main|major|following|important|further) (?:\w+ ){0,2}(?:limitations?|reasons?|drawbacks?|challenges?|questions?|directions?|hypotheses|assumptions?|shortcomings?|caveats?|ways|contributions?|advantages?|problems?|issues?))\b|:$/i
const LONGEST_ANNOUNCEMENT = 160

/** Returns whether a short sentence announces what only the next one says. */
export function announces(text: string): boolean {
  return text.length <= LONGEST_ANNOUNCEMENT && ANNOUNCEMENT.test(text)
}
