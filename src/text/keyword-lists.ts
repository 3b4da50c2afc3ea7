/** What a list of the authors' keywords begins with, in five languages; the list follows. */
export const KEYWORDS =
  /^(?:#+ *)?(?:(?:author|additional)\s+)?(?:key[\s-]{0,2}words?(?:\s+and\s+phrases)?|index\s+terms|schlüssel(?:wörter|begriffe)|schlagw(?:ö|o)rte?r?|stichw(?:ö|o)rte?r?|mots?[-\s]cl(?:é|e)s?|palabras\s+clave|palavras[-\s]chave|parole\s+chiave)(?!\p{L})\s*[.:/—–-]*\s*/iu
