/** Names the kind of the text, or is a button, and no title. */
export const LABEL =
  /^(original research|(original|research|review|short|full|regular|technical|invited|survey|brief)?\s*(article|paper|communication|letter|report|note|review)s?|open(\s?access)?|preprint|draft|paper \d+|contents|abstract|check for updates|letter to the editor|corrigendum|erratum|editorial|commentary|perspective|hypothesis|case report|(?:astronomy\s*&\s*)?astrophysics|astronomy\s*&|article in press|downloaded from.*|arxiv:.*|\*?manuscript.*|.*click here to.*|(?:\p{L}+\s)?journal\s?of\s?\p{L}.*|j?an iop .*journal|running head:.*|universi\p{L}+\s(?:of|at|de|do|di|zu|college)\s.*|(?:\p{L}+\s){1,3}(?:university|college)|(?:\p{L}+\s){0,2}university of technology|th[eè]se\sde\s(?:doctorat|l['’]universit\p{L}.*)|te(?:se|sis|si)\s(?:doctoral|de\sdou?c?torado|di\sdottorato|di\slaurea)|(?:doctoral|phd|ph\.d\.)\sdissertation|inaugural-?dissertation|(?:bachelor|master|diplom)arbeit|(?:bachelor|master|doctor)\S*\sthesis(?:\sn[or]\.?\s?\w+)?|(?:author['’]?s?\s)?accepted manuscript|please scroll down.*)$/iu
/** What a title's second line says and a list of names does not. */
export const SMALL_WORD =
  /(?<!\p{L})(?:with|of|for|in|on|the|to|from|via|using|it|is|are|how|what|why|when|para|por|con|sobre|entre|uma?|una|partir|pour|dans|sur|avec|une|über|für|und|mit|einer?|im|nella)(?!\p{L})/iu
/** So begins what stands below a title and is none of it. */
export const NO_SUBTITLE =
  /^(?:\(|an?\s(?:dissertation|report|thesis)|(?:bachelor|master|doctor|diploma?|licentiate|honou?rs|m\.?sc|b\.?sc|ph\.?d)\S*\s(?:thesis|dissertation|project)|accepted|draft|for\sthe|in\sproc|on\sbehalf|presented|proceedings|published|submitted|supervis|technical|to\sappear|version)|collaboration|\b(?:19|20)\d\d\b/iu
