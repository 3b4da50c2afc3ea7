/** Languages whose nouns follow one another with `de` between them, and have their adjectives behind them. */
const ROMANCE = new Set(['fr', 'es', 'it', 'pt'])
/** What stands between two nouns of one phrase. */
const LINKS = new Set('de d du des del di do da dos das dei della delle dell degli'.split(' '))
const ARTICLES = new Set('la le les l el los las lo gli o a os as'.split(' '))
/** What a noun follows and hardly ever a verb, or an adjective that stands behind its noun. */
const BEFORE_NOUNS = new Set([
  ...LINKS,
  ...ARTICLES,
  ...`un une ce cet cette ces son sa ses leur leurs notre nos chaque au aux quelques plusieurs una uno unos unas al este esta estos
  estas su sus nuestro nuestra cada um uma uns umas ao seu sua na no nas nos questo questa alla nella`.split(
    /\s+/,
  ),
])
/** What a verb stands before, and what no adjective that ends a phrase does. */
const BEHIND_VERBS = new Set('le la les l un une el los las una uno il gli uma um'.split(' '))
const ELISION =
  /(?<!\p{L})(l|d|qu|n|s|c|j|m|t|jusqu|lorsqu|puisqu|dell|dall|nell|sull|all|un|quest)['’](?=\p{L})/giu
const WORD = /\p{L}+(?:[-'’]\p{L}+)*|[^\s]/gu
/** Share of its occurrences behind an article that a word needs to be a noun, and before one to be a verb. */
const LEAST_NOUN = 0.1
const LEAST_VERB = 0.25
const LEAST_USES = 2

/** Words of papers in these languages that are part of no term. */
export const ROMANCE_STOPS: ReadonlySet<string> = new Set(
  `à y ne n s c j m t qu où si mais donc car dont même mêmes autre autres tout toute tous toutes être été est sont était étaient
  avoir avons ont peut peuvent pouvons doit doivent fait faire font permet permettent selon lorsque puisque alors aussi bien
  cela ceci celui celle ceux celles leur quel quelle quels quelles ainsi encore toujours souvent parfois notamment cependant
  peu beaucoup moins deux trois quatre cinq premier première premiers premières dernier dernière second seconde nouveau nouvelle
  nouveaux nouvelles différent différents différente différentes certain certains certaine certaines possible possibles
  suivant suivante suivants suivantes grand grande grands grandes petit petite bon bonne meilleur meilleure exemple exemples
  figure tableau section chapitre travers partir grâce afin dire dit
  a e à más pero sin sobre hasta desde cuando donde puede pueden ser fue fueron era han ha hay también muy dos tres cuatro
  todo toda todos todas otro otra otros otras este esta estos estas ese esa esto eso ya así mediante según durante mientras
  aunque porque tiene tienen hace hacer cual cuales quien mismo misma mismos nuevo nueva nuevos nuevas primer primera
  gran grande mayor mejor diferente diferentes ejemplo ejemplos figura tabla sección capítulo
  foi foram são está estão também muito mais pode podem novo nova primeiro outro outra
  anche questo questi sono essere può possono nuovo nuova altro altra`.split(/\s+/),
)

/** Words that name a subject only together with others. */
export const ROMANCE_SOFT: ReadonlySet<string> = new Set(
  `approche approches méthode méthodes système systèmes modèle modèles problème problèmes résultat résultats étude études
  analyse analyses travail travaux donnée données valeur valeurs ensemble ensembles nombre nombres forme formes type types
  niveau niveaux cas taille tailles calcul construction traitement information informations mot mots objet objets programme
  programmes règle règles langue langues texte textes caractère caractères domaine domaines tâche tâches utilisateur
  utilisateurs application applications évaluation utilisation développement structure fonction fonctions propriété
  propriétés ordre liste élément éléments question questions réponse réponses contexte nature façon manière point points
  enfoque método métodos sistema sistemas modelo modelos problema problemas resultado resultados estudio estudios análisis
  dato datos valor valores conjunto número números forma formas tipo tipos nivel niveles caso casos tamaño objetivo
  objetivos desarrollo actualidad trabajo trabajos proceso procesos aplicación usuario usuarios información función
  algoritmo algoritmos ecuación red redes parte partes vez tiempo año años período
  metodo metodi modelli problemi risultato risultati studio analisi dati processo processi numero sistemi
  estudo análise dados processo valores`.split(/\s+/),
)

/** Returns whether a language, as `languageOf` names it, is one of these. */
export function isRomance(language: string | null): boolean {
  return ROMANCE.has(language ?? '')
}

/** Returns a text with the words apart that an apostrophe joins: `l'analyse`. */
export function withoutElisions(text: string): string {
  return text.replace(ELISION, '$1 ')
}

/** Returns whether a word may stand between two nouns of a phrase, behind what stands there already. */
export function isLink(word: string, before: string): boolean {
  const lower = word.toLowerCase()
  return LINKS.has(lower) || (before !== '' && ARTICLES.has(lower))
}

/** Returns what joins two words of a phrase: blanks, or what stood between them. */
export function joined(link: string): string {
  if (link === '') return ' '
  return /(?:^| )(?:[ld]|dell)$/i.test(link) ? ` ${link}'` : ` ${link} `
}

/** What single words are in a text, by what stands around them. */
export interface RomanceWords {
  verbs: ReadonlySet<string>
  nouns: ReadonlySet<string>
  /** Words that never stand behind an article: they begin no phrase, and are none. */
  adjectives: ReadonlySet<string>
}

/**
 * Returns what the small words of texts without elisions are.
 *
 * @param language `il` is an article in Italian, and in French it stands before a verb.
 */
export function romanceWordsIn(texts: readonly string[], language: string | null): RomanceWords {
  const seen = new Map<string, { all: number; noun: number; verb: number }>()
  for (const text of texts) {
    let [before, word] = ['', '']
    for (const [token] of text.matchAll(WORD)) {
      if (/^\p{Ll}{3,}$/u.test(word)) {
        const uses = seen.get(word) ?? { all: 0, noun: 0, verb: 0 }
        uses.all += 1
        if (BEFORE_NOUNS.has(before) || (before === 'il' && language === 'it')) uses.noun += 1
        else if (BEHIND_VERBS.has(token.toLowerCase())) uses.verb += 1
        seen.set(word, uses)
      }
      before = word.toLowerCase()
      word = token
    }
  }
  const words = { verbs: new Set<string>(), nouns: new Set<string>(), adjectives: new Set<string>() }
  for (const [word, { all, noun, verb }] of seen) {
    if (verb > noun && verb >= LEAST_VERB * all) words.verbs.add(word)
    else if (noun >= LEAST_NOUN * all) words.nouns.add(word)
    else if (all >= LEAST_USES) words.adjectives.add(word)
  }
  return words
}
