import { expect, it } from 'vitest'
import { parsePaper } from '../../src/llm/offline/document.js'
import { readCaptions } from '../../src/report/paper/tables.js'
import { zonesOf } from '../../src/report/terms/term-zones.js'
import { captionOf } from '../../src/text/captions.js'

it.each([
  ['Figure 3: What it shows', 'Figure 3', 'What it shows'],
  ['Fig. 3. What it shows', 'Fig. 3', 'What it shows'],
  ['TABLE IV | Rates', 'TABLE IV', 'Rates'],
  ['Table A.2 — Rates', 'Table A.2', 'Rates'],
  ['Supplementary Table S2: Rates', 'Table S2', 'Rates'],
  ['Table 1 Rates of all models', 'Table 1', 'Rates of all models'],
  ['Abbildung 2: Der Aufbau', 'Abbildung 2', 'Der Aufbau'],
  ['Tabelle 2.1. Messwerte', 'Tabelle 2.1', 'Messwerte'],
])('%s is a caption', (line, label, text) => {
  expect(captionOf(line)).toEqual({ label, text })
})

it.each(['Table 3 shows the rates.', 'Figures of speech: few', 'Table: none', 'Figure 3'])(
  '%s is none',
  (line) => {
    expect(captionOf(line)).toBeNull()
  },
)

it('is the same caption for tags, for the facts of a report and for the offline writer', () => {
  const text = '[p. 1]\n\n## 1 Aufbau\n\nEs wird gemessen.\n\n> Abbildung 2 Verteilte Warteschlange\n'
  const [zone] = zonesOf({ text }).filter(({ source }) => source === 'captions')
  expect(zone?.text).toBe('Verteilte Warteschlange')
  expect(readCaptions(text)).toEqual([{ label: 'Abbildung 2', text: 'Verteilte Warteschlange', page: 1 }])
  expect(parsePaper('', '', text).captions).toEqual([
    { label: 'Abbildung 2', text: 'Verteilte Warteschlange', page: 1 },
  ])
})
