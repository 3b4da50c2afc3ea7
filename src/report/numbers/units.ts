/** What a unit measures: two of one kind and different names never mean the same quantity. */
export type UnitKind = 'share' | 'scale' | 'measure' | 'times' | 'count'

export interface Unit {
  /** One name for all ways of writing it. */
  name: string
  kind: UnitKind
  /** Factor of a word that only scales (`million`), else 1. */
  factor: number
}

/** One line a unit: its name, then other ways of writing it. */
const MEASURES = `
ms msec msecs millisecond milliseconds
µs μs us microsecond microseconds
ns nanosecond nanoseconds
ps picosecond picoseconds
s sec secs second seconds
min mins minute minutes
h hr hrs hour hours
day days
night nights
week weeks
month months
year years yr yrs
nm nanometer nanometers nanometre nanometres
µm μm um micron microns
mm millimeter millimeters
cm centimeter centimeters
m meter meters metre metres
km kilometer kilometers kilometre kilometres
au
pc parsec parsecs
kpc
mpc
kg kilogram kilograms
mg milligram milligrams
g gram grams
ev
kev
mev
gev
tev
hz
khz
mhz
ghz
db decibel decibels
°c celsius
° deg degree degrees
arcmin
arcsec
mag mags magnitude magnitudes
kelvin K
w watt watts
kw
mw
v volt volts
mv
pa
kpa
mpa
mol
mmol
kb
mb
gb
tb
pb
kib
mib
gib
tib
bit bits
byte bytes
flop flops
mflops
gflops
tflops teraflops
pflops petaflops
fps
qps
usd dollar dollars
cent cents
eur euro euros`

const COUNTS = `
token tokens
word words
character characters
sentence sentences
paragraph paragraphs
page pages
parameter parameters params weights
layer layers
head heads
block blocks
dimension dimensions dims dim
unit units neuron neurons
channel channels
filter filters
epoch epochs
step steps iteration iterations iters update updates
batch batches
gpu gpus
tpu tpus
cpu cpus
core cores
machine machines server servers
worker workers
node nodes vertex vertices
edge edges link links
seed seeds run runs trial trials repetition repetitions
fold folds
sample samples example examples instance instances datapoint datapoints record records item items case cases pair pairs row rows observation observations measurement measurements
image images picture pictures photo photos
video videos clip clips
frame frames
document documents doc docs article articles paper papers publication publications
query queries question questions prompt prompts
sequence sequences
class classes category categories label labels
task tasks
dataset datasets corpus corpora
benchmark benchmarks
language languages
user users participant participants subject subjects patient patients respondent respondents people person persons annotator annotators
model models network networks
star stars
galaxy galaxies
object objects body bodies asteroid asteroids neo neos
event events
point points pt pts
variable variables feature features column columns
qubit qubits
particle particles
table tables
figure figures
experiment experiments
session sessions
game games episode episodes
author authors
`

const UNITS = new Map<string, Unit>()
for (const [kind, lines] of [
  ['measure', MEASURES],
  ['count', COUNTS],
] as const) {
  for (const line of lines.split('\n').filter((one) => one !== '')) {
    const [name = '', ...others] = line.split(' ')
    for (const word of [name, ...others]) UNITS.set(word, { name, kind, factor: 1 })
  }
}
for (const [name, factor, words] of [
  ['thousand', 1e3, 'k thousand thousands'],
  ['million', 1e6, 'mn million millions'],
  ['billion', 1e9, 'bn b billion billions'],
  ['trillion', 1e12, 'tn trillion trillions'],
] as const) {
  for (const word of words.split(' ')) UNITS.set(word, { name, kind: 'scale', factor })
}
for (const word of ['%', 'percent', 'percentage', 'pct'])
  UNITS.set(word, { name: '%', kind: 'share', factor: 1 })
for (const word of ['x', '×', 'times', 'fold', 'folds'])
  UNITS.set(word, { name: '×', kind: 'times', factor: 1 })

/** Percentage points, of which a per cent is not one. */
export const POINTS: Unit = { name: 'percentage point', kind: 'share', factor: 1 }
UNITS.set('pp', POINTS)
UNITS.set('ppt', POINTS)

/** Returns what a word after a number means as a unit, or null; where they touch the number `M` is a million and `K` a thousand, else `m` is a metre and `K` a kelvin. */
export function unitOf(word: string, touches: boolean): Unit | null {
  if (touches && word === 'M') return UNITS.get('million') ?? null
  if (touches && word === 'T') return UNITS.get('trillion') ?? null
  if (touches && word === 'K') return UNITS.get('thousand') ?? null
  return UNITS.get(word) ?? UNITS.get(word.toLowerCase()) ?? null
}

/** What two units of one quantity say of each other. */
export type UnitMatch = 'same' | 'open' | 'other'

/** Returns whether two units may stand for one quantity; `open` where one of them is not told. */
export function compareUnits(one: Unit | null, other: Unit | null): UnitMatch {
  if (one === null && other === null) return 'same'
  if (one === null || other === null) return 'open'
  if (one.name === other.name) return 'same'
  // Percentage points are called points, and many things are counted as points.
  if ([one, other].some(({ name }) => name === 'point') && [one, other].some(({ kind }) => kind === 'share'))
    return 'same'
  return 'other'
}

const NAMED = new Map<string, RegExp>()

/** Returns whether a text names a unit at all, in a head of a table for instance. */
export function isNamed(unit: Unit, text: string): boolean {
  let pattern = NAMED.get(unit.name)
  if (pattern === undefined) {
    const words = [...UNITS].filter(([, { name }]) => name === unit.name).map(([word]) => word)
    const capital = unit.kind === 'scale' ? `|(?<=\\d\\s?|\\()${unit.name.charAt(0).toUpperCase()}` : ''
    pattern = new RegExp(
      `(?<!\\p{L})(?:${words.join('|')}${capital})(?!\\p{L})`,
      unit.name.length > 2 ? 'iu' : 'u',
    )
    NAMED.set(unit.name, pattern)
  }
  return pattern.test(text)
}
